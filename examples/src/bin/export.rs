//! A large export: 100 MB of CSV from an `impl Stream`, made as it is sent, in memory that does not grow with it.
//!
//! `cargo run --release --bin export`, then `curl -N http://127.0.0.1:9000 -o export.csv`.

use std::fmt::Write;

use bytes::Bytes;
use futures::{Stream, stream};
use serde::Deserialize;

/// How much text is made at a time: large enough that its cost does not show, small enough to be nothing.
const PIECE: usize = 32 * 1024;

#[derive(Deserialize)]
struct Order {
    #[serde(default = "hundred")]
    megabytes: u64,
}

fn hundred() -> u64 {
    100
}

#[lambda_stream::main]
async fn export(order: Order) -> impl Stream<Item = Result<Bytes, std::fmt::Error>> {
    let wanted = order.megabytes * 1_000_000;
    stream::try_unfold((0, 0), move |(mut row, sent)| async move {
        if sent >= wanted {
            return Ok(None);
        }
        let mut text = String::with_capacity(PIECE + 64);
        if row == 0 {
            text.push_str("order,customer,cents\n");
        }
        while text.len() < PIECE {
            writeln!(text, "{row},customer-{},{}", row % 1_000, row * 37 % 100_000)?;
            row += 1;
        }
        let sent = sent + text.len() as u64;
        Ok(Some((Bytes::from(text), (row, sent))))
    })
}
