// The parameters have no types, as in Python or JavaScript.
// group: parameters
// marked: event
// write: event: serde_json::Value
// marked: context
// write: context: lambda_stream::Context
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(event, context, mut stream: ResponseStream) -> Result<(), Error> {
    let tenant = context.tenant_id().unwrap_or("without a tenant");
    stream.write(format!("order {} {tenant}", event["id"])).await?;
    Ok(())
}
