//! A JSON response, with the handler of `lambda_runtime`.

use lambda_stream::{Error, LambdaEvent, RuntimeError, run, service_fn};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Greeting {
    name: String,
}

#[derive(Serialize)]
struct Reply {
    message: String,
    request_id: String,
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::logging::init();
    run(service_fn(handler)).await
}

async fn handler(event: LambdaEvent<Greeting>) -> Result<Reply, Error> {
    Ok(Reply {
        message: format!("Hello, {}!", event.payload.name),
        request_id: event.context.request_id().to_owned(),
    })
}
