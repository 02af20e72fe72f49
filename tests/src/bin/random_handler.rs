//! A function whose handler runs the program in its event: `{"steps": [{"write": 3}, "hang"]}`. All errors are ignored.
//!
//! The variable `FLAVOR` selects the tokio runtime.
#![allow(clippy::panic, reason = "an unknown selection is a bug in the test")]

use std::future::Future;
use std::pin::{Pin, pin};
use std::process::ExitCode;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures::SinkExt;
use futures::future::{join, poll_fn, select};
// Not tokio's: its lock consumes the cooperative budget, and would yield in place of the library.
use futures::lock::Mutex;
use lambda_stream::{Context, Error, HttpPrelude, ResponseStream};
use serde::Deserialize;
use tokio::io::AsyncWriteExt;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::coop::consume_budget;

#[derive(Deserialize)]
struct Program {
    steps: Vec<Step>,
}

/// A step of a program. The number of a repeated step is how often it is repeated.
#[derive(Deserialize, Clone)]
#[serde(rename_all = "snake_case")]
enum Step {
    Ready,
    /// Is pending once.
    Pending,
    SleepMs(u64),
    TokioYield,
    Hang,
    // These consume tokio's cooperative budget.
    Budget(usize),
    Semaphore(usize),
    Channel(usize),
    // These are await points of the library.
    /// Writes this many bytes.
    Write(usize),
    /// Sends this many bytes.
    Send(usize),
    WriteEmpty(usize),
    SendEmpty(usize),
    Flush(usize),
    AsyncWrite(usize),
    AsyncFlush(usize),
    Feed(usize),
    SinkFlush(usize),
    SendPrelude(usize),
    // These contain other steps.
    /// Runs both, and cancels the one that does not complete first.
    Select(Vec<Step>, Vec<Step>),
    TokioSelect(Vec<Step>, Vec<Step>),
    Join(Vec<Step>, Vec<Step>),
    TimeoutMs(u64, Vec<Step>),
    /// Runs the steps in a task that shares the stream. The handler does not wait for it.
    Spawn(Vec<Step>),
    /// Repeats the steps. In a task, that does not end before the process does.
    Forever(Vec<Step>),
    Fail,
}

/// All parts of a program share the stream.
type SharedStream = Arc<Mutex<ResponseStream>>;

type BoxFuture = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

async fn handle(program: Program, context: Context, mut stream: ResponseStream) -> Result<(), Error> {
    if context.remaining().is_none_or(|remaining| remaining.is_zero()) {
        // The runtime sets no deadline for an event that arrives after it.
        stream.write("late").await?;
        return Ok(());
    }
    run(program.steps, Arc::new(Mutex::new(stream))).await
}

fn run(steps: Vec<Step>, stream: SharedStream) -> BoxFuture {
    Box::pin(async move {
        for step in steps {
            run_step(step, &stream).await?;
        }
        Ok(())
    })
}

async fn run_step(step: Step, stream: &SharedStream) -> Result<(), Error> {
    let run = |steps| run(steps, Arc::clone(stream));
    match step {
        Step::Ready => std::future::ready(()).await,
        Step::Pending => {
            let mut has_yielded = false;
            poll_fn(|cx| match std::mem::replace(&mut has_yielded, true) {
                true => Poll::Ready(()),
                false => {
                    cx.waker().wake_by_ref();
                    Poll::Pending
                }
            })
            .await;
        }
        Step::SleepMs(time) => tokio::time::sleep(Duration::from_millis(time)).await,
        Step::TokioYield => tokio::task::yield_now().await,
        Step::Hang => std::future::pending().await,
        Step::Fail => return Err(Error::new("the program failed")),
        Step::Budget(count) => {
            for _ in 0..count {
                consume_budget().await;
            }
        }
        Step::Semaphore(count) => {
            let semaphore = Semaphore::new(1);
            for _ in 0..count {
                drop(semaphore.acquire().await?);
            }
        }
        Step::Channel(count) => {
            let (sender, mut receiver) = mpsc::unbounded_channel();
            for _ in 0..count {
                sender.send(())?;
                receiver.recv().await;
            }
        }
        Step::Select(left, right) => drop(select(pin!(run(left)), pin!(run(right))).await),
        Step::TokioSelect(left, right) => tokio::select! {
            _ = run(left) => {},
            _ = run(right) => {},
        },
        Step::Join(left, right) => drop(join(run(left), run(right)).await),
        Step::TimeoutMs(time, steps) => drop(tokio::time::timeout(Duration::from_millis(time), run(steps)).await),
        Step::Spawn(steps) => drop(tokio::spawn(run(steps))),
        Step::Forever(steps) => loop {
            // An error ends this iteration only.
            let _ = run(steps.clone()).await;
        },
        step => use_stream(step, &mut *stream.lock().await).await,
    }
    Ok(())
}

async fn use_stream(step: Step, stream: &mut ResponseStream) {
    let count = match step {
        Step::Write(_) | Step::Send(_) => 1,
        Step::WriteEmpty(count)
        | Step::SendEmpty(count)
        | Step::Flush(count)
        | Step::AsyncWrite(count)
        | Step::AsyncFlush(count)
        | Step::Feed(count)
        | Step::SinkFlush(count)
        | Step::SendPrelude(count) => count,
        _ => panic!("not a step that uses the stream"),
    };
    for _ in 0..count {
        // Errors are ignored on purpose.
        let _ = match step {
            Step::Write(length) => stream.write(vec![b'x'; length]).await.is_ok(),
            Step::Send(length) => ResponseStream::send(stream, vec![b'x'; length]).await.is_ok(),
            Step::WriteEmpty(_) => stream.write("").await.is_ok(),
            Step::SendEmpty(_) => ResponseStream::send(stream, "").await.is_ok(),
            Step::Flush(_) => ResponseStream::flush(stream).await.is_ok(),
            Step::AsyncWrite(_) => AsyncWriteExt::write(stream, b"x").await.is_ok(),
            Step::AsyncFlush(_) => AsyncWriteExt::flush(stream).await.is_ok(),
            Step::Feed(_) => SinkExt::feed(stream, Bytes::from_static(b"x")).await.is_ok(),
            Step::SinkFlush(_) => SinkExt::flush(stream).await.is_ok(),
            _ => stream.send_prelude(HttpPrelude::new(200)).await.is_ok(),
        };
    }
}

fn main() -> ExitCode {
    match std::env::var("FLAVOR").as_deref() {
        Ok("current_thread") => {
            #[lambda_stream::main(flavor = "current_thread")]
            async fn function(program: Program, context: Context, stream: ResponseStream) -> Result<(), Error> {
                handle(program, context, stream).await
            }
            main()
        }
        Ok("multi_thread") => {
            #[lambda_stream::main(flavor = "multi_thread", worker_threads = 2)]
            async fn function(program: Program, context: Context, stream: ResponseStream) -> Result<(), Error> {
                handle(program, context, stream).await
            }
            main()
        }
        selection => panic!("unknown flavor: {selection:?}"),
    }
}
