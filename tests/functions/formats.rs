//! A function that writes a format, step by step: `{"format": "sse", "steps": [{"data": "a"}, {"keep_alive": 20}]}`.
//!
//! The event of a Function URL carries the same JSON as its body.
#![allow(clippy::panic, reason = "an event may ask for it")]

use std::collections::BTreeMap;
use std::pin::Pin;
use std::time::Duration;

use lambda_stream::{Error, HttpPrelude, ResponseStream, ndjson, sse};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Script {
    format: Format,
    /// The response is started before it has a format.
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
    /// An event of so many bytes, whose sending is given up after a millisecond.
    GiveUp(usize),
    KeepAlive(u64),
    Value(Value),
    /// A map whose keys are no text.
    NotJson,
    Http(u16, Vec<(String, String)>),
    Flush,
    Finish,
    Drop,
    Milliseconds(u64),
    /// Holds the thread without awaiting.
    BlockMilliseconds(u64),
    /// Waits for the end of standard input.
    AwaitInput,
    Hang,
    Fail(String),
    Panic(String),
    /// Moves the writer into a task that goes on with these steps; the handler does not wait for it.
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
            perform(step, &mut writer).await?;
        }
        Ok(())
    })
}

async fn perform(step: Step, place: &mut Option<Writer>) -> Result<(), Error> {
    match (step, place.as_mut()) {
        (Step::Milliseconds(time), _) => tokio::time::sleep(Duration::from_millis(time)).await,
        (Step::BlockMilliseconds(time), _) => std::thread::sleep(Duration::from_millis(time)),
        (Step::AwaitInput, _) => input_ended().await?,
        (Step::Hang, _) => std::future::pending().await,
        (Step::Fail(message), _) => return Err(Error::new(message)),
        (Step::Panic(message), _) => panic!("{message}"),
        (Step::Drop, _) => drop(place.take()),
        (Step::Spawn(steps), _) => {
            tokio::spawn(run(steps, place.take()));
        }
        (Step::Finish, _) => match place.take() {
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
        Step::GiveUp(count) => {
            let sending = events.send(sse::Event::data("x".repeat(count)));
            if let Ok(sent) = tokio::time::timeout(Duration::from_millis(1), sending).await {
                sent?;
            }
        }
        Step::Id(id) => events.send(sse::Event::new().id(id)).await?,
        Step::Value(value) => events.send(sse::Event::json(&value)?).await?,
        Step::KeepAlive(time) => events.keep_alive(Duration::from_millis(time)).await?,
        Step::Http(status, headers) => events.send_prelude(prelude(status, headers)).await?,
        Step::Flush => events.flush().await?,
        _ => return Err(Error::new("no step for events")),
    }
    Ok(())
}

async fn write_line(step: Step, lines: &mut ndjson::Writer) -> Result<(), Error> {
    match step {
        Step::Value(value) => lines.send(&value).await?,
        Step::NotJson => lines.send(&BTreeMap::from([((1, 2), 3)])).await?,
        Step::Http(status, headers) => lines.send_prelude(prelude(status, headers)).await?,
        Step::Flush => lines.flush().await?,
        _ => return Err(Error::new("no step for lines")),
    }
    Ok(())
}

fn prelude(status: u16, headers: Vec<(String, String)>) -> HttpPrelude {
    let headers = headers.into_iter();
    headers.fold(HttpPrelude::new(status), |prelude, (name, value)| {
        prelude.header(name, value)
    })
}

async fn input_ended() -> Result<(), Error> {
    let read = tokio::task::spawn_blocking(|| std::io::read_to_string(std::io::stdin()));
    read.await??;
    Ok(())
}
