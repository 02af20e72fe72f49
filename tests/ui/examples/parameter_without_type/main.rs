// event: {"id":7}
// response: order 7 without a tenant
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(
    event: serde_json::Value,
    context: lambda_stream::Context,
    mut stream: ResponseStream,
) -> Result<(), Error> {
    let tenant = context.tenant_id().unwrap_or("without a tenant");
    stream.write(format!("order {} {tenant}", event["id"])).await?;
    Ok(())
}
