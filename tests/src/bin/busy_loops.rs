//! A function whose handler repeats one await point forever and ignores all errors:
//! `{"loop": "flush", "first": "text", "status": 204, "in_task": true}`.
//!
//! The variable `FLAVOR` selects the tokio runtime.
#![allow(clippy::panic, reason = "an unknown selection is a bug in the test")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use bytes::Bytes;
use futures::SinkExt;
use lambda_stream::sse::Event;
use lambda_stream::{Error, HttpPrelude, ResponseStream};
use serde::Deserialize;
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::coop::{consume_budget, has_budget_remaining};

#[derive(Deserialize)]
struct Request {
    #[serde(rename = "loop")]
    busy_loop: Loop,
    /// The handler starts when this file exists.
    await_file: Option<PathBuf>,
    /// Written before the loop starts.
    first: Option<String>,
    /// The status of the prelude that is sent before the loop starts.
    status: Option<u16>,
    /// The handler moves the stream into a task that runs the loop, and returns.
    #[serde(default)]
    in_task: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Loop {
    /// No loop: the handler returns.
    None,
    // These use up tokio's cooperative budget.
    Semaphore,
    Channel,
    ConsumeBudget,
    /// Uses up the budget, and ends at the first failed write.
    ConsumeBudgetUntilClosed,
    // These are await points of the library.
    Write,
    WriteEmpty,
    Send,
    SendEmpty,
    Flush,
    SendPrelude,
    SendInvalidPrelude,
    AsyncWrite,
    AsyncWriteEmpty,
    AsyncFlush,
    AsyncShutdown,
    SinkFeed,
    SinkFeedEmpty,
    SinkFlush,
    SinkClose,
    SseSend,
    SseSendInvalid,
    SseFlush,
    SseSendPrelude,
    SseKeepAlive,
    NdjsonSend,
    NdjsonSendInvalid,
    NdjsonFlush,
    NdjsonSendPrelude,
}

async fn handle(event: Value, mut stream: ResponseStream) -> Result<(), Error> {
    let request: Request = match event["body"].as_str() {
        Some(body) => serde_json::from_str(body)?,
        None => serde_json::from_value(event)?,
    };
    while request.await_file.as_ref().is_some_and(|path| !path.exists()) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    if let Some(status) = request.status {
        stream.send_prelude(HttpPrelude::new(status)).await?;
    }
    if let Some(text) = request.first {
        stream.write(text).await?;
    }
    if request.in_task {
        tokio::spawn(run(request.busy_loop, stream));
        return Ok(());
    }
    run(request.busy_loop, stream).await
}

async fn run(busy_loop: Loop, stream: ResponseStream) -> Result<(), Error> {
    match busy_loop {
        Loop::None => Ok(()),
        Loop::Semaphore | Loop::Channel | Loop::ConsumeBudget | Loop::ConsumeBudgetUntilClosed => {
            use_budget(busy_loop, stream).await
        }
        Loop::SseSend | Loop::SseSendInvalid | Loop::SseFlush | Loop::SseSendPrelude | Loop::SseKeepAlive => {
            use_sse(busy_loop, stream).await
        }
        Loop::NdjsonSend | Loop::NdjsonSendInvalid | Loop::NdjsonFlush | Loop::NdjsonSendPrelude => {
            use_ndjson(busy_loop, stream).await
        }
        _ => use_stream(busy_loop, stream).await,
    }
}

async fn use_budget(busy_loop: Loop, mut stream: ResponseStream) -> Result<(), Error> {
    let semaphore = Semaphore::new(1);
    let (sender, mut receiver) = mpsc::unbounded_channel();
    loop {
        match busy_loop {
            Loop::Semaphore => drop(semaphore.acquire().await?),
            Loop::Channel => {
                sender.send(())?;
                receiver.recv().await;
            }
            Loop::ConsumeBudgetUntilClosed => {
                // If the write is pending, no budget is left.
                while has_budget_remaining() {
                    consume_budget().await;
                }
                stream.write("x").await?;
            }
            _ => consume_budget().await,
        }
    }
}

async fn use_stream(busy_loop: Loop, mut stream: ResponseStream) -> Result<(), Error> {
    loop {
        // Errors are ignored on purpose.
        let _ = match busy_loop {
            Loop::Write => stream.write("x").await.is_ok(),
            Loop::WriteEmpty => stream.write("").await.is_ok(),
            Loop::Send => ResponseStream::send(&mut stream, "x").await.is_ok(),
            Loop::SendEmpty => ResponseStream::send(&mut stream, "").await.is_ok(),
            Loop::Flush => ResponseStream::flush(&mut stream).await.is_ok(),
            Loop::SendPrelude => stream.send_prelude(HttpPrelude::new(200)).await.is_ok(),
            Loop::SendInvalidPrelude => stream.send_prelude(HttpPrelude::new(0)).await.is_ok(),
            Loop::AsyncWrite => AsyncWriteExt::write(&mut stream, b"x").await.is_ok(),
            Loop::AsyncWriteEmpty => AsyncWriteExt::write(&mut stream, b"").await.is_ok(),
            Loop::AsyncFlush => AsyncWriteExt::flush(&mut stream).await.is_ok(),
            Loop::AsyncShutdown => stream.shutdown().await.is_ok(),
            Loop::SinkFeed => stream.feed(Bytes::from_static(b"x")).await.is_ok(),
            Loop::SinkFeedEmpty => stream.feed(Bytes::new()).await.is_ok(),
            Loop::SinkFlush => SinkExt::flush(&mut stream).await.is_ok(),
            Loop::SinkClose => SinkExt::close(&mut stream).await.is_ok(),
            _ => panic!("not a loop of a `ResponseStream`"),
        };
    }
}

async fn use_sse(busy_loop: Loop, stream: ResponseStream) -> Result<(), Error> {
    let mut events = stream.sse()?;
    loop {
        let _ = match busy_loop {
            Loop::SseSend => events.send(Event::data("x")).await.is_ok(),
            Loop::SseSendInvalid => events.send(Event::data("x").event("a\nb")).await.is_ok(),
            Loop::SseFlush => events.flush().await.is_ok(),
            Loop::SseSendPrelude => events.send_prelude(HttpPrelude::new(200)).await.is_ok(),
            Loop::SseKeepAlive => events.keep_alive(Duration::from_secs(15)).await.is_ok(),
            _ => panic!("not a loop of an `sse::Writer`"),
        };
    }
}

async fn use_ndjson(busy_loop: Loop, stream: ResponseStream) -> Result<(), Error> {
    let mut lines = stream.ndjson()?;
    let invalid = BTreeMap::from([((1, 2), 3)]);
    loop {
        let _ = match busy_loop {
            Loop::NdjsonSend => lines.send("x").await.is_ok(),
            Loop::NdjsonSendInvalid => lines.send(&invalid).await.is_ok(),
            Loop::NdjsonFlush => lines.flush().await.is_ok(),
            Loop::NdjsonSendPrelude => lines.send_prelude(HttpPrelude::new(200)).await.is_ok(),
            _ => panic!("not a loop of an `ndjson::Writer`"),
        };
    }
}

fn main() -> ExitCode {
    match std::env::var("FLAVOR").as_deref() {
        Ok("current_thread") => {
            #[lambda_stream::main(flavor = "current_thread")]
            async fn function(event: Value, stream: ResponseStream) -> Result<(), Error> {
                handle(event, stream).await
            }
            main()
        }
        Ok("multi_thread") => {
            #[lambda_stream::main(flavor = "multi_thread", worker_threads = 2)]
            async fn function(event: Value, stream: ResponseStream) -> Result<(), Error> {
                handle(event, stream).await
            }
            main()
        }
        selection => panic!("unknown flavor: {selection:?}"),
    }
}
