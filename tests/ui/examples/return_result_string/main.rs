// event: {"name":"Ada"}
// response: "Hello, Ada!"
use lambda_stream::{Error, Json, LambdaEvent};
use serde::Deserialize;

#[derive(Deserialize)]
struct Request {
    name: String,
}

#[lambda_stream::main]
async fn function_handler(event: LambdaEvent<Request>) -> Result<Json<String>, Error> {
    Ok(Json(format!("Hello, {}!", event.payload.name)))
}
