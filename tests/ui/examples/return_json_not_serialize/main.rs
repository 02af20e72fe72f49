// event: "one\ntwo"
// response: {"lines":2}
use lambda_stream::{Error, Json, Payload};

#[derive(serde::Serialize)]
struct Report {
    lines: usize,
}

#[lambda_stream::main]
async fn handler(Payload(text): Payload<String>) -> Result<Json<Report>, Error> {
    let lines = text.lines().count();
    Ok(Json(Report { lines }))
}
