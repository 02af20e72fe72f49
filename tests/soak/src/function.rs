//! The function under test. It writes the response that its event describes and uses all methods of writing.

use bytes::Bytes;
use futures::SinkExt;
use lambda_stream::{Error, ResponseStream, RuntimeError};
use tokio::io::AsyncWriteExt;

use crate::event::{End, Event};
use crate::random::{Content, Random};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn run() -> Result<(), RuntimeError> {
    lambda_stream::run(handler).await
}

async fn handler(event: Event, mut stream: ResponseStream) -> Result<(), Error> {
    let content = Content(event.seed);
    let mut random = Random::new(event.seed);
    let mut written = 0;
    while written < event.length {
        let mut chunk = vec![0; random.size(16).min(event.length - written)];
        content.fill(written, &mut chunk);
        written += chunk.len();
        match random.below(4) {
            0 => stream.write(chunk).await?,
            1 => stream.send(chunk).await?,
            2 => stream.feed(Bytes::from(chunk)).await?,
            _ => stream.write_all(&chunk).await?,
        }
        match random.below(32) {
            0 => ResponseStream::flush(&mut stream).await?,
            1 => tokio::task::yield_now().await,
            _ => {}
        }
    }
    match event.end {
        End::Success => Ok(()),
        End::Error => Err(Error::new(event.message()).with_type("Function.Planned")),
        End::Panic => panic!("{}", event.message()),
    }
}
