//! Server-sent events: the format of a browser's `EventSource` and of most language model APIs.
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
//! Or it sends them with a [`Writer`], which [`ResponseStream::sse`] returns:
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
//! Both set the content type `text/event-stream`. The response to an HTTP event also gets `cache-control: no-cache`, unless
//! the handler sets that header.
//!
//! # Idle connections
//! API Gateway closes a connection that is idle for 5 minutes, or for 30 seconds with an edge-optimized endpoint. Other
//! proxies have their own limits. [`keep_alive()`] for a returned stream, and [`Writer::keep_alive`], send a comment whenever
//! the stream is idle for an interval, usually 15 seconds. Browsers ignore comments.
//!
//! # Reconnecting
//! When the connection is lost, a browser reconnects after a delay ([`Event::retry`]). It sends the [`id`](Event::id) of the
//! last event in the `Last-Event-ID` header, so that the handler can continue after that event. A browser also reconnects
//! when the response has ended. To prevent that, send a last event on which the page calls `close()`.
//!
//! The event of the invocation contains the header. A handler that takes an `http::Request` (feature `http`) finds it among
//! the request's headers. Header names are case-insensitive: a Function URL passes them in lower case, a REST API as the
//! client sent them.
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
//! The format is defined in section 9.2 of the
//! [HTML standard](https://html.spec.whatwg.org/multipage/server-sent-events.html).

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
