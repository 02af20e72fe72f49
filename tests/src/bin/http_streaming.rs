//! A function that takes an `http::Request` together with all compatible parameters, and writes its response.

use bytes::Bytes;
use http::Request;
use lambda_stream::{Context, Error, HttpPrelude, ResponseStream};

struct Greeting(&'static str);

async fn init() -> Result<Greeting, Error> {
    Ok(Greeting("Hello"))
}

#[lambda_stream::main(init = init)]
async fn http_streaming(
    request: Request<Bytes>,
    context: Context,
    greeting: &Greeting,
    mut stream: ResponseStream,
) -> Result<(), Error> {
    let prelude = HttpPrelude::new(202).header("x-request-id", context.request_id());
    stream.send_prelude(prelude.cookie("greeted=1")).await?;
    stream.write(greeting.0).await?;
    stream.write(format!(", {}", request.uri().path())).await?;
    Ok(())
}
