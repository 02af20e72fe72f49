// The handler takes two `LambdaEvent`s to read the payload as two types.
// group: parameters
// marked: LambdaEvent<Shipping>
// write: remove
// verdict: yes, yes, yes
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
async fn handler(
    event: LambdaEvent<Order>,
    _shipping: LambdaEvent<Shipping>,
    mut stream: ResponseStream,
) -> Result<(), Error> {
    let order = event.payload;
    let text = format!("order {} to {}", order.id, order.shipping.city);
    stream.write(text).await?;
    Ok(())
}
