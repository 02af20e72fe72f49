// event: {"id":7,"city":"Oslo"}
// response: order 7 to Oslo
use lambda_stream::{Error, LambdaEvent, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u32,
    #[serde(flatten)]
    shipping: Shipping,
}

#[derive(Deserialize)]
struct Shipping {
    city: String,
}

#[lambda_stream::main]
async fn handler(event: LambdaEvent<Order>, mut stream: ResponseStream) -> Result<(), Error> {
    let order = event.payload;
    let text = format!("order {} to {}", order.id, order.shipping.city);
    stream.write(text).await?;
    Ok(())
}
