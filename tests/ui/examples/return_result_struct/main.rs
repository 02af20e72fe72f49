// event: {"command":"make"}
// response: {"req_id":"1","msg":"Command make executed."}
use lambda_stream::{Error, Json, LambdaEvent};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Request {
    command: String,
}

#[derive(Serialize)]
struct Response {
    req_id: String,
    msg: String,
}

#[lambda_stream::main]
async fn function_handler(event: LambdaEvent<Request>) -> Result<Json<Response>, Error> {
    Ok(Json(Response {
        req_id: "1".to_owned(),
        msg: format!("Command {} executed.", event.payload.command),
    }))
}
