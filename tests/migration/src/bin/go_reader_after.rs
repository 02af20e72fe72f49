//! Rows of CSV, with a content type.

use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Export {
    count: u64,
}

#[lambda_stream::main]
async fn handler(export: Export, mut stream: ResponseStream) -> Result<(), Error> {
    stream.set_content_type("text/csv")?;
    stream.write("id,square\n").await?;
    for id in 1..=export.count {
        if id > 1000 {
            return Err(Error::new("more than 1000 rows"));
        }
        stream.write(format!("{id},{}\n", id * id)).await?;
    }
    Ok(())
}
