//! A function that returns a stream of a format: `{"events": [{"data": "a"}, "await_input"]}` or `{"lines": [1, 2]}`.
//!
//! The event of a Function URL carries the same JSON as its body.
#![allow(clippy::panic, reason = "an event may ask for it")]

use std::time::Duration;

use futures::{StreamExt, stream};
use lambda_stream::ndjson::Line;
use lambda_stream::sse::{self, Event};
use lambda_stream::{AnyResponse, Error};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Order {
    Events(Vec<Item>),
    /// Kept alive, every 20 ms.
    EventsKeptAlive(Vec<Item>),
    Lines(Vec<Value>),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Item {
    Data(String),
    Id(String),
    /// An event once standard input has ended.
    AwaitInput,
    Fail(String),
    Panic(String),
}

#[lambda_stream::main]
async fn formatted_items(event: Value) -> Result<AnyResponse, Error> {
    let order = match event["body"].as_str() {
        Some(body) => serde_json::from_str(body)?,
        None => serde_json::from_value(event)?,
    };
    Ok(match order {
        Order::Events(items) => AnyResponse::stream(stream::iter(items).then(make)),
        Order::EventsKeptAlive(items) => {
            let events = stream::iter(items).then(make);
            AnyResponse::stream(sse::keep_alive(events, Duration::from_millis(20)))
        }
        Order::Lines(values) => AnyResponse::stream(stream::iter(values).map(Line)),
    })
}

async fn make(item: Item) -> Result<Event, Error> {
    match item {
        Item::Data(text) => Ok(Event::data(text)),
        Item::Id(id) => Ok(Event::data("with an id").id(id)),
        Item::AwaitInput => {
            let read = tokio::task::spawn_blocking(|| std::io::read_to_string(std::io::stdin()));
            Ok(Event::data(read.await??))
        }
        Item::Fail(message) => Err(Error::new(message)),
        Item::Panic(message) => panic!("{message}"),
    }
}
