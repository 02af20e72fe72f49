//! The handler of the function `scripted`, which runs the steps in its event: `{"steps": [{"write": "a"}, {"fail": "message"}]}`. In the event of a
//! Function URL, the body is this JSON.
#![allow(
    clippy::exit,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "the event can request it"
)]

use std::path::PathBuf;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

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
    /// Writes this many bytes in one call.
    WriteBytes(usize),
    /// Sends this many chunks of 64 KiB.
    SendChunks(usize),
    /// Writes until a write fails, and prints the error type with which the response was closed.
    WriteUntilClosed,
    /// Writes through `tokio::io::AsyncWrite` and shuts it down.
    Copy(String),
    /// Sends through `futures::Sink` and flushes it.
    Feed(Vec<String>),
    Flush,
    Finish,
    ContentType(String),
    Prelude {
        status: u16,
        #[serde(default)]
        headers: Vec<(String, String)>,
        #[serde(default)]
        cookies: Vec<String>,
    },
    PrintBytesWritten,
    /// Prints this text and a line break to standard output.
    Print(String),
    /// Prints this text and a line break to standard error.
    PrintError(String),
    /// Writes the current Unix time in milliseconds, and a line feed.
    WriteTime,
    /// Writes the process id.
    WriteProcessId,
    /// Writes the value of this environment variable.
    WriteVariable(String),
    /// Ends the process with SIGABRT.
    Abort,
    /// Ends the process with this status.
    Exit(i32),
    /// Ends the process with a stack overflow.
    OverflowStack,
    SleepMs(u64),
    /// Waits for the end of standard input.
    AwaitStdinEnd,
    /// Blocks the thread.
    BlockMs(u64),
    /// Waits until the file exists.
    AwaitFile(PathBuf),
    Hang,
    Drop,
    Fail(String),
    FailTyped(String, String),
    Panic(String),
    /// Moves the stream into a task that runs these steps. The handler does not wait for the task.
    Spawn(Vec<Step>),
}

/// Runs the steps in the event.
///
/// # Errors
/// An invalid script, or a step that fails.
pub async fn scripted(event: Value, stream: ResponseStream) -> Result<(), Error> {
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
            run_step(step, &mut stream).await?;
        }
        Ok(())
    })
}

async fn run_step(step: Step, stream: &mut Option<ResponseStream>) -> Result<(), Error> {
    match step {
        Step::SleepMs(time) => tokio::time::sleep(Duration::from_millis(time)).await,
        Step::AwaitStdinEnd => {
            let read = || std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            tokio::task::spawn_blocking(read).await??;
        }
        Step::BlockMs(time) => std::thread::sleep(Duration::from_millis(time)),
        Step::AwaitFile(path) => {
            while !path.exists() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        Step::Hang => std::future::pending().await,
        Step::Drop => drop(stream.take()),
        Step::Fail(message) => return Err(Error::new(message)),
        Step::FailTyped(error_type, message) => return Err(Error::new(message).with_type(error_type)),
        Step::Panic(message) => panic!("{message}"),
        Step::Print(text) => println!("{text}"),
        Step::PrintError(text) => eprintln!("{text}"),
        Step::Abort => std::process::abort(),
        Step::Exit(status) => std::process::exit(status),
        Step::OverflowStack => overflow_stack(&[0; 1024]),
        Step::Spawn(steps) => {
            tokio::spawn(run(steps, stream.take()));
        }
        Step::Finish => {
            let stream = stream.take().ok_or_else(|| Error::new("no stream is left"))?;
            stream.finish().await?;
        }
        step => write(step, stream.as_mut().ok_or_else(|| Error::new("no stream is left"))?).await?,
    }
    Ok(())
}

#[allow(unconditional_recursion, reason = "it overflows the stack")]
fn overflow_stack(frame: &[u8; 1024]) {
    let next = std::hint::black_box(*frame);
    overflow_stack(&next);
    std::hint::black_box(next);
}

async fn write(step: Step, stream: &mut ResponseStream) -> Result<(), Error> {
    match step {
        Step::Write(text) => stream.write(text).await?,
        Step::Send(text) => stream.send(text).await?,
        Step::WriteBytes(size) => stream.write(vec![b'x'; size]).await?,
        Step::SendChunks(count) => {
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
        Step::Feed(chunks) => {
            for chunk in chunks {
                SinkExt::feed(stream, chunk.into()).await?;
            }
            SinkExt::flush(stream).await?;
        }
        Step::Flush => ResponseStream::flush(stream).await?,
        Step::ContentType(content_type) => stream.set_content_type(content_type)?,
        Step::Prelude {
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
        Step::WriteTime => {
            let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
            let milliseconds = time.as_secs_f64() * 1000.0;
            stream.write(format!("{milliseconds:.3}\n")).await?;
        }
        Step::WriteProcessId => stream.write(std::process::id().to_string()).await?,
        Step::WriteVariable(name) => stream.write(std::env::var(name).unwrap_or_default()).await?,
        Step::PrintBytesWritten => eprintln!("{} bytes were written", stream.bytes_written()),
        _ => {}
    }
    Ok(())
}
