// The body of the response is a vector.
// group: http
// marked: http::Response<Vec<u8>>
// write: lambda_stream::http::Body::from(
// verdict: yes, yes, yes
use lambda_stream::Payload;

#[lambda_stream::main]
async fn thumbnail(Payload(name): Payload<String>) -> http::Response<Vec<u8>> {
    http::Response::new(format!("thumbnail of {name}").into_bytes())
}
