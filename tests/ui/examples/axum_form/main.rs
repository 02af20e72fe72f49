// event: {"version":"2.0","routeKey":"$default","rawPath":"/","rawQueryString":"","headers":{"content-type":"application/x-www-form-urlencoded"},"requestContext":{"http":{"method":"POST","path":"/"}},"isBase64Encoded":false,"body":"text=lamp"}
// response: searching lamp
use axum::Form;
use serde::Deserialize;

#[derive(Deserialize)]
struct Search {
    text: String,
}

#[tokio::main]
async fn main() -> Result<(), lambda_stream::RuntimeError> {
    let router = axum::Router::new().route("/", axum::routing::post(handler));
    lambda_stream::http::run(router).await
}

async fn handler(Form(search): Form<Search>) -> String {
    format!("searching {}", search.text)
}
