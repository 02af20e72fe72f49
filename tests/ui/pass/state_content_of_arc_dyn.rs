#![deny(warnings)]

use std::sync::Arc;

use lambda_stream::{Error, ResponseStream};

trait Store: Send + Sync {
    fn count(&self) -> usize;
}

struct Memory(Vec<String>);

impl Store for Memory {
    fn count(&self) -> usize {
        self.0.len()
    }
}

async fn setup() -> Result<Arc<dyn Store>, Error> {
    let names = ["table", "lamp"].map(str::to_owned);
    Ok(Arc::new(Memory(names.to_vec())))
}

#[lambda_stream::main(init = setup)]
async fn handler(store: &dyn Store, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("{} names", store.count())).await?;
    Ok(())
}
