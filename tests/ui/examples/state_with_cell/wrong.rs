// A field of the state is a `Cell`.
// group: state
// marked: &Stats
// write: AtomicU64
// verdict: yes, yes, yes
use std::cell::Cell;

use lambda_stream::{Error, ResponseStream};

#[derive(Default)]
struct Stats {
    requests: Cell<u64>,
}

async fn setup() -> Result<Stats, Error> {
    Ok(Stats::default())
}

#[lambda_stream::main(init = setup)]
async fn handler(stats: &Stats, mut stream: ResponseStream) -> Result<(), Error> {
    let count = stats.requests.get() + 1;
    stats.requests.set(count);
    stream.write(count.to_string()).await?;
    Ok(())
}
