#[lambda_stream::main(worker_threads = 4)]
async fn handler() {}
