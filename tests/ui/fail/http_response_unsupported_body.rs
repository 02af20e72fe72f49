#[lambda_stream::main]
async fn handler() -> http::Response<Vec<u8>> {
    http::Response::new(vec![1])
}
