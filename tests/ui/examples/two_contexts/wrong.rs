// The handler takes the context twice after a merge.
// group: parameters
// marked: Context
// write: remove
// verdict: yes, yes, yes
use lambda_stream::{Context, Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn handler(context: Context, order: Order, mut stream: ResponseStream, _context: Context) -> Result<(), Error> {
    if context.remaining().is_some() {
        stream.write(format!("order {}", order.id)).await?;
    }
    Ok(())
}
