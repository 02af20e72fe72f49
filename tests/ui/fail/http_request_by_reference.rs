#[lambda_stream::main]
async fn handler(request: &http::Request<bytes::Bytes>) {
    let _ = request;
}
