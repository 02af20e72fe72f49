//! A function without the library's subscriber.

use lambda_stream::Error;

#[lambda_stream::main(logging = false)]
async fn handler(message: String) -> Result<(), Error> {
    tracing::error!("not written");
    Err(Error::new(message))
}
