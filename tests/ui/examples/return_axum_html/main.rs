// event: "Ada"
// response: <h1>Hello, Ada</h1>
use axum::response::{Html, IntoResponse, Response};
use lambda_stream::Payload;

#[lambda_stream::main]
async fn page(Payload(name): Payload<String>) -> Response {
    Html(format!("<h1>Hello, {name}</h1>")).into_response()
}
