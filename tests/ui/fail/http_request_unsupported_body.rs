#[lambda_stream::main]
async fn handler(request: http::Request<String>) {
    drop(request);
}
