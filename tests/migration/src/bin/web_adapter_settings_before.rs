//! An axum application for AWS Lambda Web Adapter with a base path, error statuses and a path for other events.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

async fn order(Path(id): Path<u32>) -> Result<String, (StatusCode, &'static str)> {
    match id {
        0 => Err((StatusCode::SERVICE_UNAVAILABLE, "no database")),
        id => Ok(format!("order {id}")),
    }
}

async fn on_message(Json(event): Json<Value>) -> Json<Value> {
    let records = event["Records"].as_array().map_or(0, Vec::len);
    Json(json!({ "records": records }))
}

// AWS_LWA_REMOVE_BASE_PATH=/shop
// AWS_LWA_ERROR_STATUS_CODES=500-599
// AWS_LWA_PASS_THROUGH_PATH=/queue
#[tokio::main]
async fn main() -> std::io::Result<()> {
    let router = Router::new()
        .route("/", get(async || "ready"))
        .route("/orders/{id}", get(order))
        .route("/queue", post(on_message));
    let port = std::env::var("PORT").unwrap_or("8080".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("0.0.0.0:{port}")).await?;
    axum::serve(listener, router).await
}
