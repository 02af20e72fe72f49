#![deny(warnings)]

const _: () = {
    // Names like those of the local variables in the generated code.
    #[lambda_stream::main]
    async fn argument0(invocation: String, response: lambda_stream::Context) {
        drop((invocation, response));
    }

    const _: fn() -> ::std::process::ExitCode = main;
};

fn main() {}
