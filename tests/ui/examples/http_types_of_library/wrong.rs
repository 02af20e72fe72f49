// `Request` and `Response` are expected in the module `http` of this library.
// group: http
// marked: lambda_stream::http::Response
// verdict: yes, no (the compiler suggests a private module), yes
use lambda_stream::http::Response;

#[lambda_stream::main]
async fn health() -> Response<String> {
    Response::new("healthy".to_owned())
}
