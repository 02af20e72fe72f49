// event: "Ada"
// response: {"text":"Hello, Ada"}
use axum::Json;
use axum::response::IntoResponse;
use lambda_stream::Payload;
use serde::Serialize;

#[derive(Serialize)]
struct Greeting {
    text: String,
}

#[lambda_stream::main]
async fn greet(Payload(name): Payload<String>) -> axum::response::Response {
    let text = format!("Hello, {name}");
    Json(Greeting { text }).into_response()
}
