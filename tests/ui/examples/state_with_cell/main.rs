// response: 1
use std::sync::atomic::{AtomicU64, Ordering};

use lambda_stream::{Error, ResponseStream};

#[derive(Default)]
struct Stats {
    requests: AtomicU64,
}

async fn setup() -> Result<Stats, Error> {
    Ok(Stats::default())
}

#[lambda_stream::main(init = setup)]
async fn handler(stats: &Stats, mut stream: ResponseStream) -> Result<(), Error> {
    let count = stats.requests.fetch_add(1, Ordering::Relaxed) + 1;
    stream.write(count.to_string()).await?;
    Ok(())
}
