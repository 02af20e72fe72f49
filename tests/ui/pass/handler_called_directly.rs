#![deny(warnings)]

mod function {
    // The function stands as it is: it can be called, from tests too.
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
}

fn main() {}
