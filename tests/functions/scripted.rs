//! A function that does what its event says, step by step: `{"steps": [{"write": "a"}, {"fail": "broken"}]}`.
//!
//! The event of a Function URL carries the same JSON as its body.
#![allow(clippy::panic, clippy::print_stderr, reason = "an event may ask for it")]

use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use futures::SinkExt;
use lambda_stream::{Error, HttpPrelude, ResponseStream, StreamError};
use serde::Deserialize;
use serde_json::Value;
use tokio::io::AsyncWriteExt;

#[derive(Deserialize)]
struct Script {
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    Write(String),
    Send(String),
    /// So many bytes, in one write.
    WriteBytes(usize),
    /// So many pieces of 64 KiB, handed over.
    SendPieces(usize),
    /// Writes until that fails, and says on standard error with which type and message.
    WriteUntilClosed,
    /// Through `tokio::io::AsyncWrite`, with a shutdown at the end.
    Copy(String),
    /// Through `futures::Sink`, piece by piece.
    Feed(Vec<String>),
    Flush,
    Finish,
    ContentType(String),
    Http {
        status: u16,
        #[serde(default)]
        headers: Vec<(String, String)>,
        #[serde(default)]
        cookies: Vec<String>,
    },
    /// Says on standard error how many bytes were written.
    Report,
    Milliseconds(u64),
    /// Waits until the process's standard input has ended.
    UntilInputEnds,
    /// Holds the thread without awaiting.
    BlockMilliseconds(u64),
    /// Until there is a file of this name.
    AwaitFile(PathBuf),
    Hang,
    Drop,
    Fail(String),
    FailTyped(String, String),
    Panic(String),
    /// Moves the stream into a task that goes on with these steps; the handler does not wait for it.
    Spawn(Vec<Step>),
}

#[lambda_stream::main]
pub(crate) async fn scripted(event: Value, stream: ResponseStream) -> Result<(), Error> {
    let script: Script = match event["body"].as_str() {
        Some(body) => serde_json::from_str(body)?,
        None => serde_json::from_value(event)?,
    };
    run(script.steps, Some(stream)).await
}

fn run(
    steps: Vec<Step>,
    mut stream: Option<ResponseStream>,
) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send>> {
    Box::pin(async move {
        for step in steps {
            perform(step, &mut stream).await?;
        }
        Ok(())
    })
}

async fn perform(step: Step, place: &mut Option<ResponseStream>) -> Result<(), Error> {
    match step {
        Step::Milliseconds(time) => tokio::time::sleep(Duration::from_millis(time)).await,
        Step::UntilInputEnds => {
            let read = || std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            tokio::task::spawn_blocking(read).await??;
        }
        Step::BlockMilliseconds(time) => std::thread::sleep(Duration::from_millis(time)),
        Step::AwaitFile(path) => {
            while !path.exists() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        Step::Hang => std::future::pending().await,
        Step::Drop => drop(place.take()),
        Step::Fail(message) => return Err(Error::new(message)),
        Step::FailTyped(error_type, message) => return Err(Error::new(message).with_type(error_type)),
        Step::Panic(message) => panic!("{message}"),
        Step::Spawn(steps) => {
            tokio::spawn(run(steps, place.take()));
        }
        Step::Finish => {
            let stream = place.take().ok_or_else(|| Error::new("no stream is left"))?;
            stream.finish().await?;
        }
        step => write(step, place.as_mut().ok_or_else(|| Error::new("no stream is left"))?).await?,
    }
    Ok(())
}

async fn write(step: Step, stream: &mut ResponseStream) -> Result<(), Error> {
    match step {
        Step::Write(text) => stream.write(text).await?,
        Step::Send(text) => stream.send(text).await?,
        Step::WriteBytes(count) => stream.write(vec![b'x'; count]).await?,
        Step::SendPieces(count) => {
            for _ in 0..count {
                stream.send(vec![b'x'; 64 * 1024]).await?;
            }
        }
        Step::WriteUntilClosed => loop {
            if let Err(error) = stream.write([b'x'; 4096]).await {
                if let StreamError::Closed(closed) = &error {
                    eprintln!("closed with {:?}", closed.error_type());
                }
                return Err(error.into());
            }
        },
        Step::Copy(text) => {
            tokio::io::copy(&mut text.as_bytes(), stream).await?;
            stream.shutdown().await?;
        }
        Step::Feed(pieces) => {
            for piece in pieces {
                SinkExt::feed(stream, piece.into()).await?;
            }
            SinkExt::flush(stream).await?;
        }
        Step::Flush => ResponseStream::flush(stream).await?,
        Step::ContentType(content_type) => stream.set_content_type(content_type)?,
        Step::Http {
            status,
            headers,
            cookies,
        } => {
            let mut prelude = HttpPrelude::new(status);
            for (name, value) in headers {
                prelude = prelude.header(name, value);
            }
            for cookie in cookies {
                prelude = prelude.cookie(cookie);
            }
            stream.send_prelude(prelude).await?;
        }
        Step::Report => eprintln!("{} bytes were written", stream.bytes_written()),
        _ => {}
    }
    Ok(())
}
