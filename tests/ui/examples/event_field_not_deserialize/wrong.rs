// The type of a field does not implement `Deserialize`.
// group: parameters
// marked: Size
// write: #[derive(serde::Deserialize)]
// verdict: yes, yes, no (serde's derive has three bounds on the field)
use lambda_stream::{Error, ResponseStream};

#[derive(serde::Deserialize)]
struct Order {
    id: u32,
    size: Size,
}

struct Size {
    grams: u32,
}

#[lambda_stream::main]
async fn handler(order: Order, mut stream: ResponseStream) -> Result<(), Error> {
    let text = format!("order {}: {} g", order.id, order.size.grams);
    stream.write(text).await?;
    Ok(())
}
