// request: POST /
// status: 201
// response: created
use http::StatusCode;
use lambda_stream::{Error, HttpPrelude, ResponseStream};

#[lambda_stream::main]
async fn create(mut stream: ResponseStream) -> Result<(), Error> {
    stream
        .send_prelude(HttpPrelude::new(StatusCode::CREATED.into()))
        .await?;
    stream.write("created").await?;
    Ok(())
}
