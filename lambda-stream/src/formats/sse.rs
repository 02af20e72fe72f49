//! Server-sent events: what a browser's `EventSource` reads, and how most language models are streamed.
//!
//! A handler returns a stream of [`Event`]s, or of `Result`s of them:
//!
//! ```
//! use futures::{Stream, StreamExt, stream};
//! use lambda_stream::sse::Event;
//!
//! async fn handler() -> impl Stream<Item = Event> {
//!     stream::iter(1..=3).map(|n| Event::data(format!("{n} of 3")).event("progress").id(n.to_string()))
//! }
//! ```
//!
//! or writes them to a [`Writer`], which [`ResponseStream::sse`] makes:
//!
//! ```
//! use lambda_stream::sse::Event;
//! use lambda_stream::{Error, ResponseStream};
//!
//! async fn handler(stream: ResponseStream) -> Result<(), Error> {
//!     let mut events = stream.sse()?;
//!     events.send(Event::data("half way")).await?;
//!     events.send(Event::json(&[1, 2, 3])?.event("result")).await?;
//!     Ok(())
//! }
//! ```
//!
//! Either way the content type is `text/event-stream`. Where the event came over HTTP, `cache-control: no-cache` goes
//! with it, unless the handler sets another.
//!
//! # IdleTimer streams
//! API Gateway ends a stream that was quiet for 5 minutes, or 30 seconds with an edge-optimized endpoint; other proxies
//! on the way have limits of their own. [`keep_alive`] for a returned stream, and [`Writer::keep_alive`], send a comment
//! when it has been quiet for a while, which a browser ignores. 15 seconds are customary.
//!
//! # A browser that comes back
//! When its connection is lost, a browser asks anew after a while ([`Event::retry`]), and says with the header
//! `Last-Event-ID` which [`id`](Event::id) it saw last. It does so after each end of the response as well: a client that
//! is not to ask again must be told, as by an event on which it calls `close()`.
//!
//! The header is in the event of the invocation; a handler that takes an `http::Request` (feature `http`) has it among the
//! request's headers. Names of headers have no case: those of a Function URL come in lower case, those of a REST API as
//! the client wrote them.
//!
//! ```
//! use futures::{Stream, StreamExt, stream};
//! use lambda_stream::sse::Event;
//! use serde_json::Value;
//!
//! fn last_event_id(event: &Value) -> Option<&str> {
//!     let mut headers = event["headers"].as_object()?.iter();
//!     headers.find(|(name, _)| name.eq_ignore_ascii_case("last-event-id"))?.1.as_str()
//! }
//!
//! async fn handler(event: Value) -> impl Stream<Item = Event> {
//!     let last: u32 = last_event_id(&event).and_then(|id| id.parse().ok()).unwrap_or(0);
//!     stream::iter(last + 1..=100).map(|n| Event::data(format!("row {n}")).id(n.to_string()))
//! }
//! # assert_eq!(last_event_id(&serde_json::json!({"headers": {"Last-Event-ID": "7"}})), Some("7"));
//! # assert_eq!(last_event_id(&serde_json::json!({})), None);
//! ```
//!
//! The format is section 9.2 of the [HTML standard](https://html.spec.whatwg.org/multipage/server-sent-events.html).

mod event;
mod keep_alive;
mod writer;

use bytes::Bytes;

pub use self::event::Event;
pub use self::keep_alive::{FromEvent, keep_alive};
pub use self::writer::Writer;
use crate::error::Error;
use crate::handler::{IntoItem, marker};
use crate::protocol::EVENT_STREAM;
#[cfg(doc)]
use crate::stream::ResponseStream;

#[diagnostic::do_not_recommend]
impl IntoItem<marker::Formatted> for Event {
    const CONTENT_TYPE: Option<&'static str> = Some(EVENT_STREAM);

    fn into_item(self) -> Result<Bytes, Error> {
        Ok(self.encode()?)
    }
}
