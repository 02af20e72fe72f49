#[lambda_stream::main]
async fn handler(one: http::Request<bytes::Bytes>, other: http::Request<bytes::Bytes>) {
    drop((one, other));
}
