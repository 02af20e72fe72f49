// `Deserialize` is derived without an import.
// group: parameters
// marked: Deserialize
// verdict: yes, no (rustc suggests no import), no (the parameter is reported too, because the type is no event without the derive)
use lambda_stream::{Error, ResponseStream};

#[derive(Deserialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn handler(order: Order, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("order {}", order.id)).await?;
    Ok(())
}
