// event: "Once"
// response: > Once …
use std::pin::pin;

use futures::{Stream, StreamExt, stream};
use lambda_stream::{Payload, ResponseStream};

fn complete(prompt: String) -> impl Stream<Item = String> {
    stream::iter([prompt, " …".to_owned()])
}

#[lambda_stream::main]
async fn handler(Payload(prompt): Payload<String>, mut stream: ResponseStream) -> Result<(), lambda_stream::Error> {
    stream.write("> ").await.ok();
    let mut tokens = pin!(complete(prompt));
    while let Some(token) = tokens.next().await {
        stream.write(token).await?;
    }
    Ok(())
}
