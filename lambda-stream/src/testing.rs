//! Runs handlers in unit tests: in this process, without a socket and without AWS (feature `testing`).
//!
//! An [`Invocation`] consists of an event and of what Lambda says about it. [`run`](Invocation::run) calls the handler with
//! it, and returns the [`Response`] that the caller would get. The response passes through the code that runs in production:
//! the parameters, the buffer, the preludes, the deadline, the error reports, the tracing span. Only the HTTP client is
//! replaced.
//!
//! Enable the feature for tests, and tokio's macros and its [paused clock](https://docs.rs/tokio/latest/tokio/time/fn.pause.html):
//!
//! ```toml
//! [dev-dependencies]
//! lambda-stream = { version = "0.1", features = ["testing"] }
//! tokio = { version = "1", features = ["macros", "rt", "test-util"] }
//! ```
//!
//! ```
//! use std::time::Duration;
//!
//! use lambda_stream::testing::Invocation;
//! use lambda_stream::{Error, Payload, ResponseStream};
//! use serde_json::json;
//!
//! # #[derive(serde::Deserialize)]
//! # struct Prompt { text: String }
//! async fn handler(Payload(prompt): Payload<Prompt>, mut stream: ResponseStream) -> Result<(), Error> {
//!     for word in prompt.text.split_whitespace() {
//!         stream.write(word).await?;
//!         tokio::time::sleep(Duration::from_secs(1)).await;
//!     }
//!     Ok(())
//! }
//!
//! // In a test: #[tokio::test(start_paused = true)]
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! let response = Invocation::new(json!({"text": "one two"})).run(handler).await;
//! response.assert_body("onetwo");
//! assert_eq!(response.chunks().len(), 2);
//! assert_eq!(response.chunks()[1].elapsed(), Duration::from_secs(1));
//! # }
//! ```
//!
//! # HTTP requests and other events
//! [`Invocation::new`] takes any event; [`events`] has samples of the services that invoke functions. For an HTTP request
//! there is one function for each source: [`function_url`](Invocation::function_url), [`http_api`](Invocation::http_api),
//! [`http_api_v1`](Invocation::http_api_v1), [`rest_api`](Invocation::rest_api), [`alb`](Invocation::alb) and
//! [`alb_multi_value`](Invocation::alb_multi_value).
//!
//! ```
//! use http::Request;
//! use lambda_stream::testing::Invocation;
//! use lambda_stream::{HttpPrelude, ResponseStream, StreamError};
//!
//! async fn handler(mut stream: ResponseStream) -> Result<(), StreamError> {
//!     stream.send_prelude(HttpPrelude::new(303).header("location", "/login").cookie("next=/cart")).await
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let request = Request::get("https://example.com/cart").body("").unwrap();
//! let response = Invocation::function_url(request).run(handler).await;
//! assert_eq!(response.status(), Some(303));
//! assert_eq!(response.headers()["location"], "/login");
//! assert_eq!(response.cookies(), ["next=/cart"]);
//! # }
//! ```
//!
//! # Errors
//! A handler that returns an error or panics fails its invocation, not the test. [`Response::error`] returns the error as the
//! caller gets it, and [`Response::delivery`] how it was reported. [`Response::assert_body`] fails for such an invocation.
//!
//! ```
//! use lambda_stream::testing::{Delivery, Invocation};
//! use lambda_stream::{Error, ResponseStream};
//!
//! async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
//!     stream.write("half of the ").await?;
//!     Err(Error::new("the model is overloaded"))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let response = Invocation::new("prompt").run(handler).await;
//! assert_eq!(response.body(), "half of the ");
//! assert_eq!(response.error().unwrap().to_string(), "the model is overloaded");
//! assert_eq!(response.delivery(), Delivery::Streamed);
//! # }
//! ```
//!
//! # Time
//! With a paused clock (`#[tokio::test(start_paused = true)]`), time advances whenever all tasks wait for a timer: a stream
//! of ten seconds is tested in microseconds, and the elapsed times of its chunks are exact. The
//! [deadline](Invocation::timeout) follows the same clock.
//!
//! # Differences from production
//! - Each write is one chunk. In production, writes that follow one another within microseconds may be sent as one chunk.
//! - The environment variables that override settings of [`Runtime`](crate::Runtime) are not read, and its hooks do not run.
//! - Lambda's own limits do not apply, such as the maximum length of a response, unless a [`Caller`] says so.

mod caller;
mod decode;
pub mod events;
mod formats;
mod invocation;
mod misuse;
mod recorder;
mod response;
mod sources;
mod start;
mod state;

pub use self::caller::Caller;
pub use self::formats::SseEvent;
pub use self::invocation::Invocation;
pub use self::response::{Chunk, Delivery, Response};
pub use self::start::{PendingResponse, Started};
pub use self::state::InvocationState;
pub use crate::runtime::BoxedInit;
