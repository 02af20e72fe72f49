//! An event without data, in a `Result` with `Json`.

use lambda_stream::{Error, Json};

#[lambda_stream::main]
async fn count(event: ()) -> Result<Json<usize>, Error> {
    let () = event;
    let counted = std::future::ready(std::env::args().count()).await;
    Ok(Json(counted))
}
