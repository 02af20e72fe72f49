// A handler of `lambda_runtime` returns a string, which is sent as JSON there.
// group: return
// marked: String
// write: Json<String>
// verdict: yes, yes, yes
use lambda_stream::{Error, LambdaEvent};
use serde::Deserialize;

#[derive(Deserialize)]
struct Request {
    name: String,
}

#[lambda_stream::main]
async fn function_handler(event: LambdaEvent<Request>) -> Result<String, Error> {
    Ok(format!("Hello, {}!", event.payload.name))
}
