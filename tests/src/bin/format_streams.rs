//! A function that returns a stream of formatted items: `{"events": [{"data": "a"}, "await_stdin_end"]}` or
//! `{"lines": [1, 2]}`. In the event of a Function URL, the body is this JSON.
#![allow(clippy::panic, reason = "the event can request a panic")]

use std::time::Duration;

use futures::{StreamExt, stream};
use lambda_stream::ndjson::Line;
use lambda_stream::sse::{self, Event};
use lambda_stream::{AnyResponse, Error};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Script {
    Events(Vec<Item>),
    /// Events with a keep-alive interval of 20 ms.
    EventsKeptAlive(Vec<Item>),
    Lines(Vec<Value>),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Item {
    Data(String),
    Id(String),
    /// Waits for the end of standard input, then sends an event with its content.
    AwaitStdinEnd,
    Fail(String),
    Panic(String),
}

#[lambda_stream::main]
async fn format_streams(event: Value) -> Result<AnyResponse, Error> {
    let script = match event["body"].as_str() {
        Some(body) => serde_json::from_str(body)?,
        None => serde_json::from_value(event)?,
    };
    Ok(match script {
        Script::Events(items) => AnyResponse::stream(stream::iter(items).then(to_event)),
        Script::EventsKeptAlive(items) => {
            let events = stream::iter(items).then(to_event);
            AnyResponse::stream(sse::keep_alive(events, Duration::from_millis(20)))
        }
        Script::Lines(values) => AnyResponse::stream(stream::iter(values).map(Line)),
    })
}

async fn to_event(item: Item) -> Result<Event, Error> {
    match item {
        Item::Data(text) => Ok(Event::data(text)),
        Item::Id(id) => Ok(Event::data("with an id").id(id)),
        Item::AwaitStdinEnd => {
            let read = tokio::task::spawn_blocking(|| std::io::read_to_string(std::io::stdin()));
            Ok(Event::data(read.await??))
        }
        Item::Fail(message) => Err(Error::new(message)),
        Item::Panic(message) => panic!("{message}"),
    }
}
