// event: {"id":7,"size":{"grams":250}}
// response: order 7: 250 g
use lambda_stream::{Error, ResponseStream};

#[derive(serde::Deserialize)]
struct Order {
    id: u32,
    size: Size,
}

#[derive(serde::Deserialize)]
struct Size {
    grams: u32,
}

#[lambda_stream::main]
async fn handler(order: Order, mut stream: ResponseStream) -> Result<(), Error> {
    let text = format!("order {}: {} g", order.id, order.size.grams);
    stream.write(text).await?;
    Ok(())
}
