// event: {"name":"Ada","copies":2}
// response: Ada;Ada;
use lambda_stream::{Error, Payload, ResponseStream};

#[derive(serde::Deserialize)]
struct Event {
    name: String,
    copies: u32,
}

#[lambda_stream::main]
async fn handler(Payload(Event { name, copies }): Payload<Event>, mut stream: ResponseStream) -> Result<(), Error> {
    for _ in 0..copies {
        stream.write(format!("{name};")).await?;
    }
    Ok(())
}
