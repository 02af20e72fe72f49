//! A function with `Runtime::fill_empty_body` that returns each form of `AnyResponse`: by the path of the request, a
//! redirect or a text (`http::Response`), a stream without items, or JSON.

use bytes::Bytes;
use http::{Request, Response};
use lambda_stream::{AnyResponse, Error, Json, Runtime, RuntimeError};

async fn respond(request: Request<Bytes>) -> Result<AnyResponse, Error> {
    Ok(match request.uri().path() {
        "/redirect" => Response::builder()
            .status(307)
            .header("location", "/")
            .body(String::new())?
            .into(),
        "/text" => Response::new("text".to_owned()).into(),
        "/json" => Json("").into(),
        _ => AnyResponse::stream(futures::stream::empty::<Bytes>()),
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    Runtime::new().fill_empty_body(true).run(respond).await
}
