// The body returns `Json` without `Ok`.
// group: return
// marked: Json(name.len())
// write: Ok(Json(name.len()))
// verdict: yes, yes, yes
use lambda_stream::{Error, Json, Payload};

#[lambda_stream::main]
async fn measure(Payload(name): Payload<String>) -> Result<Json<usize>, Error> {
    Json(name.len())
}
