#[lambda_stream::main]
async fn handler(first: http::Request<bytes::Bytes>, second: http::Request<bytes::Bytes>) {
    drop((first, second));
}
