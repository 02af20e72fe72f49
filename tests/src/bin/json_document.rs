//! A function that returns the field `document` of its event as JSON.

use lambda_stream::Json;
use serde_json::Value;

#[lambda_stream::main]
async fn json_document(mut event: Value) -> Json<Value> {
    Json(event["document"].take())
}
