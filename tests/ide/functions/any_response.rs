//! A response of any form, and the state in a static reference.

use bytes::Bytes;
use futures::stream;
use http::{Request, Response};
use lambda_stream::{AnyResponse, Error, Json};

struct Config {
    greeting: String,
}

async fn setup() -> Result<Config, Error> {
    let greeting = std::future::ready("Hello".to_owned()).await;
    Ok(Config { greeting })
}

#[lambda_stream::main(init = setup)]
async fn respond(request: Request<Bytes>, config: &'static Config) -> Result<AnyResponse, http::Error> {
    let ready = std::future::ready(request.uri().path()).await;
    Ok(match ready {
        "/json" => Json(1).into(),
        "/text" => Response::builder().status(404).body("not found".to_owned())?.into(),
        _ => AnyResponse::stream(stream::iter([config.greeting.as_str()])),
    })
}
