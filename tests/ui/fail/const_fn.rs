#[lambda_stream::main]
const async fn handler() {}
