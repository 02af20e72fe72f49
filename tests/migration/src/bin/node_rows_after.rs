//! Rows of CSV from a stream, with backpressure and a content type.

use std::pin::pin;

use futures::{Stream, StreamExt, TryStreamExt, stream};
use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Export {
    count: u64,
}

fn rows(count: u64) -> impl Stream<Item = Result<String, Error>> {
    let header = stream::iter([Ok("id,square\n".to_owned())]);
    header.chain(stream::iter(1..=count).map(|id| match id {
        ..=1000 => Ok(format!("{id},{}\n", id * id)),
        _ => Err(Error::new("more than 1000 rows").with_type("Function.RangeError")),
    }))
}

#[lambda_stream::main]
async fn handler(export: Export, mut stream: ResponseStream) -> Result<(), Error> {
    stream.set_content_type("text/csv")?;
    let mut rows = pin!(rows(export.count));
    while let Some(row) = rows.try_next().await? {
        stream.write(row).await?;
    }
    Ok(())
}
