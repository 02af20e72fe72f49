// A struct is written to the stream.
// group: streams
// marked: order
// verdict: yes, no (the bound is `AsRef<[u8]>` of the standard library, which has no hint), no (the compiler repeats the error at the call and at `.await`)
use lambda_stream::{Error, Payload, ResponseStream};
use serde::Serialize;

#[derive(Serialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn orders(Payload(last): Payload<u32>, mut stream: ResponseStream) -> Result<(), Error> {
    for id in 1..=last {
        let order = Order { id };
        stream.write(&order).await?;
    }
    Ok(())
}
