#[lambda_stream::main]
#[lambda_stream::main]
async fn handler() {}
