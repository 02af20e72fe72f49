// event: {"name":"Ada","copies":2}
// response: Ada;Ada;
use lambda_stream::{Error, ResponseStream};

#[derive(serde::Deserialize)]
struct Event {
    name: String,
    copies: u32,
}

#[lambda_stream::main]
async fn handler(Event { name, copies }: Event, mut stream: ResponseStream) -> Result<(), Error> {
    for _ in 0..copies {
        stream.write(format!("{name};")).await?;
    }
    Ok(())
}
