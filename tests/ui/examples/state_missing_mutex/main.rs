// event: "Ada"
// response: 0 hits
use lambda_stream::{Error, ResponseStream};

#[derive(Default)]
struct Cache {
    hits: u64,
}

async fn setup() -> Result<Cache, Error> {
    Ok(Cache::default())
}

#[lambda_stream::main(init = setup)]
async fn handler(cache: &Cache, mut stream: ResponseStream) -> Result<(), Error> {
    let hits = cache.hits;
    stream.write(format!("{hits} hits")).await?;
    Ok(())
}
