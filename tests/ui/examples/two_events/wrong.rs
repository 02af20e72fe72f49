// Each parameter is believed to be one field of the event.
// group: parameters
// marked: u32
// write: #[derive(serde::Deserialize)]
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(name: String, copies: u32, mut stream: ResponseStream) -> Result<(), Error> {
    for _ in 0..copies {
        stream.write(format!("{name};")).await?;
    }
    Ok(())
}
