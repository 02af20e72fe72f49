#![deny(warnings)]

const _: () = {
    #[lambda_stream::main]
    #[cfg(any())]
    async fn handler(event: NoSuchType) {}

    #[cfg(any())]
    #[lambda_stream::main]
    async fn handler(event: NoSuchType) {}

    #[lambda_stream::main]
    #[cfg(all())]
    #[cfg(not(any()))]
    async fn handler() {}

    // A handler that is named `main` moves into the generated `main`, which repeats its `#[cfg]`.
    // handler_named_main
    const _: () = {
        #[lambda_stream::main]
        #[cfg(any())]
        async fn main(event: NoSuchType) {}
    };

    const _: fn() -> ::std::process::ExitCode = main;
};

fn main() {}
