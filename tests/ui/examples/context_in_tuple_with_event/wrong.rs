// The event and the context are taken as one tuple.
// group: parameters
// marked: (Order, Context)
// verdict: yes, no (it says to write one parameter for each element, without their names), yes
use lambda_stream::{Context, Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn handler((event, context): (Order, Context), mut stream: ResponseStream) -> Result<(), Error> {
    let tenant = context.tenant_id().unwrap_or("no tenant");
    stream.write(format!("order {} has {tenant}", event.id)).await?;
    Ok(())
}
