// The template of `lambda_runtime`: a `Request` and a `Response` of the user.
// group: return
// marked: Response
// write: Json<Response>
// verdict: yes, yes, yes
use lambda_stream::{Error, LambdaEvent};
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
async fn function_handler(event: LambdaEvent<Request>) -> Result<Response, Error> {
    Ok(Response {
        req_id: "1".to_owned(),
        msg: format!("Command {} executed.", event.payload.command),
    })
}
