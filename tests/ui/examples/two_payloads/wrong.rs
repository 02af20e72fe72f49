// Each parameter is believed to be one field of the payload.
// group: parameters
// marked: Payload<u32>
// write: #[derive(serde::Deserialize)]
// verdict: yes, yes, yes
use lambda_stream::{Error, Payload, ResponseStream};

#[lambda_stream::main]
async fn handler(
    Payload(name): Payload<String>,
    Payload(copies): Payload<u32>,
    mut stream: ResponseStream,
) -> Result<(), Error> {
    for _ in 0..copies {
        stream.write(format!("{name};")).await?;
    }
    Ok(())
}
