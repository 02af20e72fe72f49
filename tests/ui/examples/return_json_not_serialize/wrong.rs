// The value in `Json` cannot be serialized.
// group: return
// marked: Json<Report>
// write: #[derive(serde::Serialize)]
// verdict: no (`Json<Report>` is marked, and `Report` must change), yes, yes
use lambda_stream::{Error, Json, Payload};

struct Report {
    lines: usize,
}

#[lambda_stream::main]
async fn handler(Payload(text): Payload<String>) -> Result<Json<Report>, Error> {
    let lines = text.lines().count();
    Ok(Json(Report { lines }))
}
