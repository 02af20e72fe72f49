//! A returned stream.

use futures::{Stream, StreamExt, stream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Countdown {
    from: u32,
}

#[lambda_stream::main]
async fn count_down(countdown: Countdown) -> impl Stream<Item = String> {
    let numbers = (0..countdown.from).rev();
    stream::iter(numbers).map(to_line)
}

fn to_line(number: u32) -> String {
    format!("{number}\n")
}
