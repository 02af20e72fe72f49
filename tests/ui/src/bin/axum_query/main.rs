// event: {"version":"2.0","routeKey":"$default","rawPath":"/orders","rawQueryString":"text=lamp","headers":{"accept":"text/html"},"requestContext":{"http":{"method":"GET","path":"/orders"}},"isBase64Encoded":false}
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
