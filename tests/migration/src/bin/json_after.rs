//! A JSON response.

use lambda_stream::{Context, Json};
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

#[lambda_stream::main]
async fn handler(event: Greeting, context: Context) -> Json<Reply> {
    Json(Reply {
        message: format!("Hello, {}!", event.name),
        request_id: context.request_id().to_owned(),
    })
}
