#![deny(warnings)]
#![allow(dead_code, non_camel_case_types, unused_macros)]

const _: () = {
    // Names in the scope of the handler do not affect the generated code.
    mod core {}
    mod std {}
    mod alloc {}
    mod __private {}
    mod tokio {}
    struct Result;
    struct Option;
    struct Box;
    struct Future;
    struct Send;
    struct Runtime;
    struct Settings;
    struct usize;
    struct u8;
    enum Shadow {
        Ok,
        Err,
        Some,
        None,
    }
    use Shadow::*;
    trait From {}
    trait Into {}
    trait Fn {}
    fn start() {}
    fn parameter() {}
    fn state() {}
    fn response() {}
    fn item() {}
    fn error() {}
    fn drop() {}

    macro_rules! compile_error {
        () => {};
    }
    #[allow(unused_imports)]
    use compile_error;

    async fn setup() -> ::core::result::Result<bool, ::std::string::String> {
        let _ = [Ok, Err, Some, None];
        ::core::result::Result::Ok(true)
    }

    #[lambda_stream::main(init = setup, flavor = "multi_thread", worker_threads = 2)]
    async fn handler(
        event: ::std::string::String,
        state: &bool,
        stream: lambda_stream::ResponseStream,
    ) -> ::core::result::Result<(), ::std::string::String> {
        ::core::mem::drop((event, state, stream));
        ::core::result::Result::Ok(())
    }

    const _: fn() -> ::std::process::ExitCode = main;
};

fn main() {}
