#[lambda_stream::main]
async fn handler(_: String, _: ...) {}
