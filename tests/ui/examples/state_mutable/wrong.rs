// The state is taken by mutable reference.
// group: state
// marked: &mut Counter
// write: &Counter
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

struct Counter {
    requests: u64,
}

async fn setup() -> Result<Counter, Error> {
    Ok(Counter { requests: 0 })
}

#[lambda_stream::main(init = setup)]
async fn handler(counter: &mut Counter, mut stream: ResponseStream) -> Result<(), Error> {
    counter.requests += 1;
    stream.write(counter.requests.to_string()).await?;
    Ok(())
}
