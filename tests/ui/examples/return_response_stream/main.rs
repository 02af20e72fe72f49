// event: "Ada"
// response: Hello, Ada
use lambda_stream::{Payload, ResponseStream};

#[lambda_stream::main]
async fn greet(Payload(name): Payload<String>, mut stream: ResponseStream) -> Result<(), lambda_stream::Error> {
    stream.write(format!("Hello, {name}")).await?;
    Ok(())
}
