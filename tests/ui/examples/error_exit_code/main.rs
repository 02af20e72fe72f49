// event: "Ada"
// response: Hello, Ada
use lambda_stream::{Payload, ResponseStream};

#[lambda_stream::main]
async fn greet(Payload(name): Payload<String>, mut stream: ResponseStream) -> Result<(), lambda_stream::Error> {
    let greeting = format!("Hello, {name}");
    Ok(stream.write(greeting).await?)
}
