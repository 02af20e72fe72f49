#![deny(warnings)]

use lambda_stream::{Error, ResponseStream};

async fn setup() -> Result<Vec<u64>, Error> {
    Ok(vec![1, 2, 4])
}

#[lambda_stream::main(init = setup)]
async fn handler(index: usize, prices: &[u64], mut stream: ResponseStream) -> Result<(), Error> {
    let price = prices.get(index).copied().unwrap_or_default();
    stream.write(format!("{price} of {prices:?}")).await?;
    Ok(())
}
