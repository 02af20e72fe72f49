use lambda_stream::{Error, Json};

struct NotSerialize;

#[lambda_stream::main]
async fn handler() -> Result<Json<NotSerialize>, Error> {
    Ok(Json(NotSerialize))
}
