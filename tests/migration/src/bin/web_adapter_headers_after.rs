//! An axum application that reads the metadata of an invocation.

use axum::extract::Request;
use axum::http::{HeaderMap, header::AUTHORIZATION};
use axum::middleware::map_request;
use axum::{Extension, Router, routing::get};
use lambda_stream::http::RawRequestContext;
use lambda_stream::{Context, RuntimeError};

async fn whoami(
    headers: HeaderMap,
    Extension(context): Extension<Context>,
    Extension(RawRequestContext(request_context)): Extension<RawRequestContext>,
) -> String {
    let tenant = context.tenant_id().unwrap_or("no tenant");
    let token = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = token.unwrap_or("no token");
    let stage = request_context["stage"].as_str().unwrap_or("no stage");
    format!("{tenant}, {token}, {stage}, {}", context.request_id())
}

/// Moves the token to `Authorization`.
async fn authorization(mut request: Request) -> Request {
    let headers = request.headers_mut();
    if let Some(token) = headers.remove("x-custom-auth") {
        headers.insert(AUTHORIZATION, token);
    }
    request
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::logging::init();
    let router = Router::new().route("/", get(whoami)).layer(map_request(authorization));
    lambda_stream::http::run(router).await
}
