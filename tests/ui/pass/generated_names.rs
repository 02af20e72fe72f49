#![deny(warnings)]

mod function {
    // A handler with the names that the expansion gives to its own things.
    #[lambda_stream::main]
    async fn argument0(invocation: String, answer: lambda_stream::Context) {
        drop((invocation, answer));
    }

    const _: fn() -> ::std::process::ExitCode = main;
}

fn main() {}
