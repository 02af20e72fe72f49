// The handler takes the state in a `Mutex`, and `init` creates it without.
// group: state
// marked: &Mutex<Cache>
// write: &Cache
// verdict: yes, yes, yes
use std::sync::Mutex;

use lambda_stream::{Error, ResponseStream};

#[derive(Default)]
struct Cache {
    hits: u64,
}

async fn setup() -> Result<Cache, Error> {
    Ok(Cache::default())
}

#[lambda_stream::main(init = setup)]
async fn handler(cache: &Mutex<Cache>, mut stream: ResponseStream) -> Result<(), Error> {
    let hits = cache.lock().map_or(0, |cache| cache.hits);
    stream.write(format!("{hits} hits")).await?;
    Ok(())
}
