//! An `impl Stream` as the response: a CSV export of 100 MB that is generated while it is sent, with constant memory.
//!
//! ```sh
//! cargo run --release --bin export
//! curl -N http://127.0.0.1:9000 -o export.csv
//! curl -N 'http://127.0.0.1:9000?megabytes=1' -o export.csv
//! ```

use std::fmt::Write;

use bytes::Bytes;
use futures::{Stream, stream};
use lambda_stream::Payload;
use serde::Deserialize;

/// The size of a chunk in bytes: large enough that the cost per chunk is negligible, small enough that the memory for it is.
const CHUNK: usize = 32 * 1024;

#[derive(Deserialize)]
struct Export {
    #[serde(default = "default_megabytes")]
    megabytes: u64,
}

fn default_megabytes() -> u64 {
    100
}

#[lambda_stream::main]
async fn export(Payload(export): Payload<Export>) -> impl Stream<Item = Result<Bytes, std::fmt::Error>> {
    let length = export.megabytes * 1_000_000;
    stream::try_unfold((0, 0), move |(mut row, sent)| async move {
        if sent >= length {
            return Ok(None);
        }
        let mut chunk = String::with_capacity(CHUNK + 64);
        if row == 0 {
            chunk.push_str("order,customer,cents\n");
        }
        while chunk.len() < CHUNK {
            writeln!(chunk, "{row},customer-{},{}", row % 1_000, row * 37 % 100_000)?;
            row += 1;
        }
        let sent = sent + chunk.len() as u64;
        Ok(Some((Bytes::from(chunk), (row, sent))))
    })
}
