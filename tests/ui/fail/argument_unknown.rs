#[lambda_stream::main(retries = 3)]
async fn handler() {}
