//! An error in the middle of a stream.

use futures::{Stream, stream};
use lambda_stream::Error;

#[lambda_stream::main]
async fn handler() -> impl Stream<Item = Result<String, Error>> {
    stream::iter([Ok("row 1\n".to_owned()), Err(Error::new("the database is gone"))])
}
