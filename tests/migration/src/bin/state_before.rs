//! State that is created once, with `lambda_runtime`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;

struct Client {
    endpoint: String,
    calls: AtomicU32,
}

impl Client {
    async fn connect() -> Result<Self, Error> {
        Ok(Self {
            endpoint: std::env::var("ENDPOINT")?,
            calls: AtomicU32::new(0),
        })
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let client = Arc::new(Client::connect().await?);
    run(service_fn(|event| handler(event, Arc::clone(&client)))).await
}

async fn handler(_event: LambdaEvent<Value>, client: Arc<Client>) -> Result<String, Error> {
    let call = client.calls.fetch_add(1, Ordering::Relaxed) + 1;
    Ok(format!("call {call} of {}", client.endpoint))
}
