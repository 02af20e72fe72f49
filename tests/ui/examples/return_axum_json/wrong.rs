// `Json` is imported from axum.
// group: http
// marked: Json<Greeting>
// write: .into_response()
// verdict: yes, yes, yes
use axum::Json;
use lambda_stream::Payload;
use serde::Serialize;

#[derive(Serialize)]
struct Greeting {
    text: String,
}

#[lambda_stream::main]
async fn greet(Payload(name): Payload<String>) -> Json<Greeting> {
    let text = format!("Hello, {name}");
    Json(Greeting { text })
}
