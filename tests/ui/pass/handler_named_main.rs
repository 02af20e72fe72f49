#![deny(warnings)]

const _: () = {
    use lambda_stream::{Error, ResponseStream};

    async fn setup() -> Result<String, Error> {
        Ok(helper())
    }

    fn helper() -> String {
        String::new()
    }

    /// Says hello.
    #[lambda_stream::main(init = setup)]
    async fn main(event: String, greeting: &String, mut stream: ResponseStream) -> Result<(), Error> {
        stream.write(helper() + greeting + &event).await?;
        Ok(())
    }

    const _: fn() -> ::std::process::ExitCode = main;
};

fn main() {}
