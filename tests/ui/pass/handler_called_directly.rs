#![deny(warnings)]

const _: () = {
    // Other code, such as a test, can call the handler.
    use lambda_stream::Json;

    #[lambda_stream::main]
    async fn double(number: u32) -> Json<u32> {
        Json(2 * number)
    }

    #[allow(dead_code)]
    async fn caller() -> u32 {
        double(2).await.0
    }

    const _: fn() -> ::std::process::ExitCode = main;
};

fn main() {}
