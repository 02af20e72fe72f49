// event: "cat.png"
// response: thumbnail of cat.png
use lambda_stream::Payload;

#[lambda_stream::main]
async fn thumbnail(Payload(name): Payload<String>) -> http::Response<lambda_stream::http::Body> {
    http::Response::new(lambda_stream::http::Body::from(
        format!("thumbnail of {name}").into_bytes(),
    ))
}
