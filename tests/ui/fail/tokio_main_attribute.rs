#[lambda_stream::main]
#[tokio::main]
async fn handler() {}
