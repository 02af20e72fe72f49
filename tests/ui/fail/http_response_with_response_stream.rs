#[lambda_stream::main]
async fn handler(stream: lambda_stream::ResponseStream) -> http::Response<String> {
    drop(stream);
    http::Response::new(String::new())
}
