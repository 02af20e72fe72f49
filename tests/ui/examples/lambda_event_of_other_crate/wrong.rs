// The event is the `LambdaEvent` of `lambda_runtime`, whose import was not changed.
// group: parameters
// marked: LambdaEvent<Order>
// write: lambda_stream::LambdaEvent
// verdict: yes, yes, yes
use lambda_runtime::LambdaEvent;
use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn handler(event: LambdaEvent<Order>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("order {}", event.payload.id)).await?;
    Ok(())
}

/// A part of the crate of this name.
mod lambda_runtime {
    #[non_exhaustive]
    pub struct LambdaEvent<T> {
        pub payload: T,
    }
}
