// request: POST / "Ada"
// status: 201
// response: Hello, Ada
use lambda_stream::{Error, HttpPrelude, Payload, ResponseStream};

#[lambda_stream::main]
async fn greet(Payload(name): Payload<String>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.send_prelude(HttpPrelude::new(201)).await?;
    stream.write(format!("Hello, {name}")).await?;
    Ok(())
}
