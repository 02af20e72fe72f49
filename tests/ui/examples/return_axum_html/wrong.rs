// A handler of axum returns `Html`.
// group: http
// marked: Html<String>
// write: .into_response()
// verdict: yes, yes, yes
use axum::response::Html;
use lambda_stream::Payload;

#[lambda_stream::main]
async fn page(Payload(name): Payload<String>) -> Html<String> {
    Html(format!("<h1>Hello, {name}</h1>"))
}
