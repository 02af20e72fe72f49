// request: GET /?text=lamp
// response: searching lamp
use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Search {
    text: String,
}

#[lambda_stream::main]
async fn handler(search: Payload<Search>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("searching {}", search.text)).await?;
    Ok(())
}
