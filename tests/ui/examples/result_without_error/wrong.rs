// `Result` without its error type, as an alias such as `anyhow::Result` has it.
// group: return
// marked: Result
// verdict: yes, no (the compiler writes `E`), yes
use lambda_stream::{Payload, ResponseStream};

#[lambda_stream::main]
async fn greet(Payload(name): Payload<String>, mut stream: ResponseStream) -> Result<()> {
    stream.write(format!("Hello, {name}")).await?;
    Ok(())
}
