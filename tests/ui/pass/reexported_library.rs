#![deny(warnings)]

const _: () = {
    // A crate that re-exports the library.
    mod my_facade {
        pub use ::lambda_stream;
    }

    async fn setup() -> Result<u8, my_facade::lambda_stream::Error> {
        Ok(1)
    }

    #[my_facade::lambda_stream::main(crate = my_facade::lambda_stream, init = setup)]
    async fn handler(
        event: String,
        number: &u8,
        stream: my_facade::lambda_stream::ResponseStream,
    ) -> Result<(), String> {
        drop((event, stream));
        assert_eq!(*number, 1);
        Ok(())
    }

    const _: fn() -> ::std::process::ExitCode = main;
};

fn main() {}
