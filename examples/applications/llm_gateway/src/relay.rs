//! The events of a completion, from the upstream to the caller.

use futures::stream::{BoxStream, StreamExt as _};
use lambda_stream::sse::Event;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use tokio::time::Instant;

use crate::failure::Failure;
use crate::record::{Record, Usage};
use crate::upstream::{events, until};

/// Forwards the events of an upstream to the caller. Dropping it closes the connection to the upstream.
pub(crate) struct Relay {
    events: BoxStream<'static, Result<String, Failure>>,
    /// Whether the caller did not ask for the chunk with the usage.
    hides_usage: bool,
    deadline: Option<Instant>,
    is_done: bool,
    record: Record,
}

impl Relay {
    /// Reads the body of an upstream.
    pub(crate) fn new(body: reqwest::Body, include_usage: bool, deadline: Option<Instant>, record: Record) -> Self {
        Self {
            events: events(body).boxed(),
            hides_usage: !include_usage,
            deadline,
            is_done: false,
            record,
        }
    }

    /// Returns the next event for the caller. The last one is `[DONE]`.
    pub(crate) async fn next(&mut self) -> Result<Option<Event>, Failure> {
        if self.is_done {
            return Ok(None);
        }
        let event = until(self.deadline, self.read()).await;
        if event.is_err() {
            self.record.set_failed();
        }
        event.map(Some)
    }

    async fn read(&mut self) -> Result<Event, Failure> {
        while let Some(data) = self.events.next().await.transpose()? {
            if data == "[DONE]" {
                self.is_done = true;
                self.record.set_complete();
                return Ok(Event::data(data));
            }
            let chunk = parse(data.as_bytes())?;
            let is_usage = chunk.usage.is_some() && chunk.choices.is_none_or(|choices| choices.is_empty());
            self.record.set_usage(chunk.usage);
            if !is_usage {
                self.record.add_chunk();
            }
            if !(is_usage && self.hides_usage) {
                return Ok(Event::data(data));
            }
        }
        // Without `[DONE]`, nothing shows that the completion is complete.
        Err(Failure::bad_gateway("the upstream broke off its response"))
    }
}

/// Parses a chunk, or a whole completion. An error object in its place is a failure.
pub(crate) fn parse(json: &[u8]) -> Result<Chunk, Failure> {
    let chunk: Chunk = serde_json::from_slice(json).map_err(|error| {
        Failure::bad_gateway("the upstream sent an invalid completion").caused_by(error.to_string())
    })?;
    match chunk.error {
        Some(error) => Err(Failure::of_event(error)),
        None => Ok(chunk),
    }
}

/// What the gateway reads of a chunk, or of a whole completion.
#[derive(Deserialize)]
pub(crate) struct Chunk {
    error: Option<Value>,
    pub(crate) usage: Option<Usage>,
    choices: Option<Vec<IgnoredAny>>,
}
