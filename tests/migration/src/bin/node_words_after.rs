//! Words, as they are produced, in an HTTP response with a status, headers and a cookie.

use std::time::Duration;

use lambda_stream::{Context, Error, HttpPrelude, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Prompt {
    text: String,
}

#[lambda_stream::main]
async fn handler(Payload(prompt): Payload<Prompt>, mut stream: ResponseStream, context: Context) -> Result<(), Error> {
    let prelude = HttpPrelude::new(201)
        .header("content-type", "text/plain; charset=utf-8")
        .header("x-request-id", context.request_id())
        .cookie("seen=1; Path=/; HttpOnly");
    stream.send_prelude(prelude).await?;
    for word in prompt.text.split(' ') {
        if word == "fail" {
            return Err(Error::new("the upstream hung up").with_type("Function.UpstreamGone"));
        }
        stream.write(format!("{word}\n")).await?;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
