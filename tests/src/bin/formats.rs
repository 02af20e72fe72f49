//! A function that writes a format step by step: `{"format": "sse", "steps": [{"data": "a"}, {"keep_alive": 20}]}`.
//! In the event of a Function URL, the body is this JSON.
#![allow(clippy::panic, reason = "the event can request a panic")]

use std::collections::BTreeMap;
use std::pin::Pin;
use std::time::Duration;

use lambda_stream::{Error, HttpPrelude, ResponseStream, ndjson, sse};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Script {
    format: Format,
    /// Writes to the response before it selects the format.
    #[serde(default)]
    started: bool,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    Sse,
    Ndjson,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    Data(String),
    Id(String),
    /// Sends an event with this many bytes and drops the future after a millisecond.
    CancelSend(usize),
    /// Sets the keep-alive interval, in milliseconds.
    KeepAlive(u64),
    Value(Value),
    /// Sends a map whose keys are not strings.
    NotJson,
    Prelude(u16, Vec<(String, String)>),
    Flush,
    Finish,
    Drop,
    SleepMs(u64),
    /// Blocks the thread.
    BlockMs(u64),
    AwaitStdinEnd,
    Hang,
    Fail(String),
    Panic(String),
    /// Moves the writer into a task that runs these steps. The handler does not wait for the task.
    Spawn(Vec<Step>),
}

enum Writer {
    Sse(sse::Writer),
    Ndjson(ndjson::Writer),
}

#[lambda_stream::main]
async fn formats(event: Value, mut stream: ResponseStream) -> Result<(), Error> {
    let script: Script = match event["body"].as_str() {
        Some(body) => serde_json::from_str(body)?,
        None => serde_json::from_value(event)?,
    };
    if script.started {
        stream.write("started").await?;
    }
    let writer = match script.format {
        Format::Sse => Writer::Sse(stream.sse()?),
        Format::Ndjson => Writer::Ndjson(stream.ndjson()?),
    };
    run(script.steps, Some(writer)).await
}

fn run(steps: Vec<Step>, mut writer: Option<Writer>) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send>> {
    Box::pin(async move {
        for step in steps {
            run_step(step, &mut writer).await?;
        }
        Ok(())
    })
}

async fn run_step(step: Step, writer: &mut Option<Writer>) -> Result<(), Error> {
    match (step, writer.as_mut()) {
        (Step::SleepMs(time), _) => tokio::time::sleep(Duration::from_millis(time)).await,
        (Step::BlockMs(time), _) => std::thread::sleep(Duration::from_millis(time)),
        (Step::AwaitStdinEnd, _) => await_stdin_end().await?,
        (Step::Hang, _) => std::future::pending().await,
        (Step::Fail(message), _) => return Err(Error::new(message)),
        (Step::Panic(message), _) => panic!("{message}"),
        (Step::Drop, _) => drop(writer.take()),
        (Step::Spawn(steps), _) => {
            tokio::spawn(run(steps, writer.take()));
        }
        (Step::Finish, _) => match writer.take() {
            Some(Writer::Sse(events)) => events.finish().await?,
            Some(Writer::Ndjson(lines)) => lines.finish().await?,
            None => return Err(Error::new("no writer is left")),
        },
        (step, Some(Writer::Sse(events))) => write_event(step, events).await?,
        (step, Some(Writer::Ndjson(lines))) => write_line(step, lines).await?,
        (_, None) => return Err(Error::new("no writer is left")),
    }
    Ok(())
}

async fn write_event(step: Step, events: &mut sse::Writer) -> Result<(), Error> {
    match step {
        Step::Data(text) => events.send(sse::Event::data(text)).await?,
        Step::CancelSend(size) => {
            let sending = events.send(sse::Event::data("x".repeat(size)));
            if let Ok(sent) = tokio::time::timeout(Duration::from_millis(1), sending).await {
                sent?;
            }
        }
        Step::Id(id) => events.send(sse::Event::new().id(id)).await?,
        Step::Value(value) => events.send(sse::Event::json(&value)?).await?,
        Step::KeepAlive(time) => events.keep_alive(Duration::from_millis(time)).await?,
        Step::Prelude(status, headers) => events.send_prelude(prelude(status, headers)).await?,
        Step::Flush => events.flush().await?,
        _ => return Err(Error::new("not a step of an event stream")),
    }
    Ok(())
}

async fn write_line(step: Step, lines: &mut ndjson::Writer) -> Result<(), Error> {
    match step {
        Step::Value(value) => lines.send(&value).await?,
        Step::NotJson => lines.send(&BTreeMap::from([((1, 2), 3)])).await?,
        Step::Prelude(status, headers) => lines.send_prelude(prelude(status, headers)).await?,
        Step::Flush => lines.flush().await?,
        _ => return Err(Error::new("not a step of a line stream")),
    }
    Ok(())
}

fn prelude(status: u16, headers: Vec<(String, String)>) -> HttpPrelude {
    let headers = headers.into_iter();
    headers.fold(HttpPrelude::new(status), |prelude, (name, value)| {
        prelude.header(name, value)
    })
}

async fn await_stdin_end() -> Result<(), Error> {
    let read = tokio::task::spawn_blocking(|| std::io::read_to_string(std::io::stdin()));
    read.await??;
    Ok(())
}
