// The state is a `RefCell`, as in code for one thread.
// group: state
// marked: &RefCell<u64>
// write: std::sync::RwLock
// verdict: yes, yes, yes
use std::cell::RefCell;

use lambda_stream::{Error, ResponseStream};

async fn setup() -> Result<RefCell<u64>, Error> {
    Ok(RefCell::new(0))
}

#[lambda_stream::main(init = setup)]
async fn handler(requests: &RefCell<u64>, mut stream: ResponseStream) -> Result<(), Error> {
    let count = {
        let mut requests = requests.borrow_mut();
        *requests += 1;
        *requests
    };
    stream.write(count.to_string()).await?;
    Ok(())
}
