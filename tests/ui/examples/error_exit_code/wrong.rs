// The error is a number, as the exit status of a process.
// group: return
// marked: i32
// write: lambda_stream::Error
// verdict: yes, yes, yes
use lambda_stream::{Payload, ResponseStream};

#[lambda_stream::main]
async fn greet(Payload(name): Payload<String>, mut stream: ResponseStream) -> Result<(), i32> {
    let greeting = format!("Hello, {name}");
    stream.write(greeting).await.map_err(|_| 1)
}
