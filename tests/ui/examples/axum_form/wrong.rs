// A form is taken as axum's `Form`.
// group: parameters
// marked: Form<Search>
// write: lambda_stream::http::run
// verdict: yes, yes, yes
use axum::Form;
use serde::Deserialize;

#[derive(Deserialize)]
struct Search {
    text: String,
}

#[lambda_stream::main]
async fn handler(Form(search): Form<Search>) -> http::Response<String> {
    http::Response::new(format!("searching {}", search.text))
}
