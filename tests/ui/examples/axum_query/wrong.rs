// The query string is taken as axum's `Query`.
// group: parameters
// marked: Query<Search>
// write: Payload<Search>
// verdict: yes, yes, yes
use axum::extract::Query;
use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Search {
    text: String,
}

#[lambda_stream::main]
async fn handler(search: Query<Search>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("searching {}", search.text)).await?;
    Ok(())
}
