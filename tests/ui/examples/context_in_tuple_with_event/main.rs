// event: {"id":7}
// response: order 7 has no tenant
use lambda_stream::{Context, Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn handler(event: Order, context: Context, mut stream: ResponseStream) -> Result<(), Error> {
    let tenant = context.tenant_id().unwrap_or("no tenant");
    stream.write(format!("order {} has {tenant}", event.id)).await?;
    Ok(())
}
