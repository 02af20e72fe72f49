// response: healthy
use http::Response;

#[lambda_stream::main]
async fn health() -> Response<String> {
    Response::new("healthy".to_owned())
}
