//! An axum application that reads headers of AWS Lambda Web Adapter.

use axum::http::HeaderMap;
use axum::{Router, routing::get};
use serde_json::Value;

async fn whoami(headers: HeaderMap) -> String {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let json = |name| serde_json::from_str(header(name).unwrap_or("null")).unwrap_or(Value::Null);
    let request_context: Value = json("x-amzn-request-context");
    let lambda_context: Value = json("x-amzn-lambda-context");
    let tenant = header("x-amz-tenant-id").unwrap_or("no tenant");
    let token = header("authorization").unwrap_or("no token");
    let stage = request_context["stage"].as_str().unwrap_or("no stage");
    let request_id = lambda_context["request_id"].as_str().unwrap_or("no request id");
    format!("{tenant}, {token}, {stage}, {request_id}")
}

// AWS_LWA_AUTHORIZATION_SOURCE=x-custom-auth
#[tokio::main]
async fn main() -> std::io::Result<()> {
    let router = Router::new().route("/", get(whoami));
    let port = std::env::var("PORT").unwrap_or("8080".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("0.0.0.0:{port}")).await?;
    axum::serve(listener, router).await
}
