// event: {"id":7}
// response: order 7
use lambda_stream::{Context, Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn handler(context: Context, order: Order, mut stream: ResponseStream) -> Result<(), Error> {
    if context.remaining().is_some() {
        stream.write(format!("order {}", order.id)).await?;
    }
    Ok(())
}
