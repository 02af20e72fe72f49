// event: "Ada"
// response: {"msg":"Hello, Ada"}
use lambda_stream::{Error, LambdaEvent, RuntimeError, service_fn};

#[derive(serde::Serialize)]
struct Response {
    msg: String,
}

async fn handler(event: LambdaEvent<String>) -> Result<Response, Error> {
    let msg = format!("Hello, {}", event.payload);
    Ok(Response { msg })
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(service_fn(handler)).await
}
