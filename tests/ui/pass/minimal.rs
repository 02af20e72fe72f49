const _: () = {
    use lambda_stream::{Error, ResponseStream};
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Prompt {
        text: String,
    }

    #[lambda_stream::main]
    async fn handler(prompt: Prompt, mut stream: ResponseStream) -> Result<(), Error> {
        for word in prompt.text.split_whitespace() {
            stream.write(word).await?;
        }
        Ok(())
    }

    const _: fn() -> ::std::process::ExitCode = main;
};

fn main() {}
