use lambda_stream::{Error, Json, ResponseStream};

#[lambda_stream::main]
async fn handler(event: String, stream: ResponseStream) -> Result<Json<String>, Error> {
    drop(stream);
    Ok(Json(event))
}
