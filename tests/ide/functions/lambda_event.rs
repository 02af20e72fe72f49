//! The event with its context, by destructuring, and a response without a value.

use lambda_stream::{LambdaEvent, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u64,
}

#[lambda_stream::main]
async fn receive(
    LambdaEvent {
        payload: Order { id },
        context,
        ..
    }: LambdaEvent<Order>,
    mut stream: ResponseStream,
) {
    let line = format!("order {id} of request {}\n", context.request_id());
    drop(stream.write(line).await);
}
