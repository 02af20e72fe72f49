//! An axum application with a base path, error statuses and a handler of other events.

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use lambda_stream::{Json, Runtime, RuntimeError};
use serde_json::{Value, json};

async fn order(Path(id): Path<u32>) -> Result<String, (StatusCode, &'static str)> {
    match id {
        0 => Err((StatusCode::SERVICE_UNAVAILABLE, "no database")),
        id => Ok(format!("order {id}")),
    }
}

async fn on_message(event: Value) -> Json<Value> {
    let records = event["Records"].as_array().map_or(0, Vec::len);
    Json(json!({ "records": records }))
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::logging::init();
    let router = Router::new()
        .route("/", get(async || "ready"))
        .route("/orders/{id}", get(order));
    let service = lambda_stream::http::service(router)
        .base_path("/shop")
        .error_statuses(500..=599)
        .on_other_events(on_message);
    Runtime::new().run(service).await
}
