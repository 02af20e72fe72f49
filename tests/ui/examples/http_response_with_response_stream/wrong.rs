// The handler sends status and headers in an `http::Response`, and the body to its stream.
// group: http
// marked: http::Response<String>
// write: stream.send_prelude(
// verdict: yes, yes, yes
use lambda_stream::{Error, Payload, ResponseStream};

#[lambda_stream::main]
async fn greet(Payload(name): Payload<String>, mut stream: ResponseStream) -> Result<http::Response<String>, Error> {
    stream.write(format!("Hello, {name}")).await?;
    Ok(http::Response::builder().status(201).body(String::new())?)
}
