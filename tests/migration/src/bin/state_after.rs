//! State that is created once.

use std::sync::atomic::{AtomicU32, Ordering};

use lambda_stream::{Error, Json};

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

#[lambda_stream::main(init = Client::connect)]
async fn handler(client: &Client) -> Json<String> {
    let call = client.calls.fetch_add(1, Ordering::Relaxed) + 1;
    Json(format!("call {call} of {}", client.endpoint))
}
