// event: "Ada"
// response: {"text":"Hello, Ada"}
use lambda_stream::Json;
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
