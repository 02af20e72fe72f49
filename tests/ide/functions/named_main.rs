//! A handler named `main`, which moves into the generated `main`.

use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn main(name: String, mut stream: ResponseStream) -> Result<(), Error> {
    let greeting = greet(&name);
    stream.write(greeting).await?;
    Ok(())
}

fn greet(name: &str) -> String {
    format!("Hello, {name}!")
}
