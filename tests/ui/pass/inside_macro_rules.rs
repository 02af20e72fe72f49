#![deny(warnings)]

const _: () = {
    // A `macro_rules!` macro provides the name, the types, `init` and the body.
    macro_rules! function {
        ($name:ident, $init:path, $event:ty, $state:ty, $returns:ty, $body:block) => {
            #[lambda_stream::main(init = $init)]
            async fn $name(event: $event, state: $state) -> $returns {
                drop((event, state));
                $body
            }
        };
    }

    async fn setup() -> Result<u8, String> {
        Ok(1)
    }

    function!(handler, setup, Vec<String>, &u8, Result<(), String>, { Ok(()) });

    const _: fn() -> ::std::process::ExitCode = main;
};

fn main() {}
