use lambda_stream::{Error, Json};

struct Answer;

#[lambda_stream::main]
async fn handler() -> Result<Json<Answer>, Error> {
    Ok(Json(Answer))
}
