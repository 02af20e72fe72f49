// The attribute takes the place of `#[tokio::main]` of a server of axum.
// group: attribute
// marked: axum::serve
// write: lambda_stream::http::run(router)
// verdict: yes, yes, yes
use axum::{Router, routing::get};
use lambda_stream::Error;
use tokio::net::TcpListener;

async fn index() -> &'static str {
    "Welcome"
}

#[lambda_stream::main]
async fn main() -> Result<(), Error> {
    let router = Router::new().route("/", get(index));
    let listener = TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, router).await?;
    Ok(())
}
