//! A handler in the form of the crate `lambda_runtime`, passed to `service_fn`. The event is the document that it returns,
//! or `{"fail": MESSAGE}`.

use lambda_stream::{Error, LambdaEvent, RuntimeError, service_fn};
use serde_json::{Map, Value};

async fn echo(event: LambdaEvent<Map<String, Value>>) -> Result<Value, Error> {
    let (mut document, context) = event.into_parts();
    if let Some(message) = document.get("fail") {
        return Err(Error::new(message).with_type("Function.Refused"));
    }
    document.insert("request_id".to_owned(), context.request_id().into());
    Ok(document.into())
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(service_fn(echo)).await
}
