//! A function that takes a `LambdaEvent`. Its response contains the event, and what the context says about the function.

use lambda_stream::{Json, LambdaEvent};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Order {
    id: u64,
}

#[lambda_stream::main]
async fn lambda_event(LambdaEvent { payload, context }: LambdaEvent<Order>) -> Json<Value> {
    Json(json!({
        "id": payload.id,
        "request_id": context.request_id(),
        "function_name": context.function_name(),
        "function_version": context.function_version(),
        "memory_limit_mb": context.memory_limit_mb(),
        "log_group_name": context.log_group_name(),
        "log_stream_name": context.log_stream_name(),
    }))
}
