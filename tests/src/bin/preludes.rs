//! A function that makes the prelude of its response from another type: an `http::StatusCode` for `{"from": "status"}`,
//! the `Parts` of an `http::Response` for `{"from": "parts"}`.

use http::header::{CONTENT_TYPE, SET_COOKIE};
use http::{Response, StatusCode};
use lambda_stream::{Error, HttpPrelude, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Script {
    from: PreludeSource,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum PreludeSource {
    Status,
    Parts,
}

#[lambda_stream::main]
async fn preludes(Payload(script): Payload<Script>, mut stream: ResponseStream) -> Result<(), Error> {
    let prelude = match script.from {
        PreludeSource::Status => HttpPrelude::from(StatusCode::ACCEPTED),
        PreludeSource::Parts => {
            let response = Response::builder()
                .status(StatusCode::CREATED)
                .header(CONTENT_TYPE, "text/x-test")
                .header("vary", "a")
                .header("vary", "b")
                .header(SET_COOKIE, "c=1; Path=/")
                .header(SET_COOKIE, "d=2");
            let (parts, ()) = response.body(())?.into_parts();
            HttpPrelude::from(parts)
        }
    };
    stream.send_prelude(prelude).await?;
    stream.write("body").await?;
    Ok(())
}
