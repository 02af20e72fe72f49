#[lambda_stream::main]
async fn handler(_: String, #[cfg(debug_assertions)] _: lambda_stream::Context) {}
