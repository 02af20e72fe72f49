// The status of a prelude is a `StatusCode`.
// group: http
// marked: StatusCode::CREATED
// write: StatusCode::CREATED.into()
// verdict: yes, yes, yes
use http::StatusCode;
use lambda_stream::{Error, HttpPrelude, ResponseStream};

#[lambda_stream::main]
async fn create(mut stream: ResponseStream) -> Result<(), Error> {
    stream.send_prelude(HttpPrelude::new(StatusCode::CREATED)).await?;
    stream.write("created").await?;
    Ok(())
}
