// event: 1
// response: lamp
use lambda_stream::{Error, ResponseStream};

trait Store: Sync {
    fn name(&self, id: usize) -> &str;
}

struct Memory {
    names: Vec<String>,
}

impl Store for Memory {
    fn name(&self, id: usize) -> &str {
        self.names.get(id).map_or("", String::as_str)
    }
}

async fn setup() -> Result<Memory, Error> {
    let names = ["table", "lamp"].map(str::to_owned).to_vec();
    Ok(Memory { names })
}

#[lambda_stream::main(init = setup)]
async fn handler(id: usize, store: &Memory, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(store.name(id)).await?;
    Ok(())
}
