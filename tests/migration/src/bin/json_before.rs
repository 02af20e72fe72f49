//! A JSON response, with `lambda_runtime`.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
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
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    run(service_fn(handler)).await
}

async fn handler(event: LambdaEvent<Greeting>) -> Result<Reply, Error> {
    Ok(Reply {
        message: format!("Hello, {}!", event.payload.name),
        request_id: event.context.request_id,
    })
}
