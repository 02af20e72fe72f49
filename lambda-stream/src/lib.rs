//! Streams responses from AWS Lambda: bytes leave as they are written.
//!
//! [`#[lambda_stream::main]`](macro@main) on an async function makes a Lambda function for `provided.al2023` of it.
//!
//! ```no_run
//! use lambda_stream::{Error, ResponseStream};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Prompt {
//!     text: String,
//! }
//!
//! #[lambda_stream::main]
//! async fn handler(prompt: Prompt, mut stream: ResponseStream) -> Result<(), Error> {
//!     for word in prompt.text.split_whitespace() {
//!         stream.write(word).await?;
//!     }
//!     Ok(())
//! }
//! ```
//!
//! # How an invocation ends
//! | handler | stream | the caller sees |
//! |---|---|---|
//! | `Ok` | started or not | all that was written, and a clean end |
//! | `Ok`, the stream moved into a task | alive | the end when the task drops it; the error if the task panics |
//! | `Err` or panic | not started | the error in place of a response |
//! | `Err` or panic | started | what was written, then the error, as HTTP trailers |
//! | `Err` after [`finish`](ResponseStream::finish) | ended | the response; the error is logged |
//! | any | refused or dropped by Lambda | writing fails with [`StreamError::Closed`] |
//! | still running 200 ms before the deadline, or as [`deadline_margin`](Runtime::deadline_margin) says | any | the error `Function.Timeout` |
//!
//! A panic is caught, reported as `Function.Panic` with its message and place, and the function lives on.
//!
//! # How a process ends
//! | what happens | what is in flight | then | exit status |
//! |---|---|---|---|
//! | SIGTERM, SIGINT | ends whole | [`on_shutdown`](Runtime::on_shutdown) runs | 0, or 1 if that fails |
//! | a second SIGINT | is cut | | 130 |
//! | [`init`](Runtime::init), [`before_snapshot`](Runtime::before_snapshot) or [`after_restore`](Runtime::after_restore) fails or panics | | Lambda is told | 1 |
//! | no event can be got any more | ends whole, where several are answered at once | | 1 |
//!
//! # Formats
//! [`sse`] makes server-sent events of a stream, [`ndjson`] lines of JSON.
//!
//! # Features
//! | feature | default | is |
//! |---|---|---|
//! | `local` | yes | the function serves itself where there is no Lambda |
//! | `http` | no | HTTP requests, responses and services: see [`http`](mod@http) |
//! | `anyhow` | no | `anyhow::Error` as a handler's error |
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod client;
mod context;
mod error;
mod event;
mod formats;
/// Entry points for the fuzzer and for property tests. Not part of the public API.
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
#[path = "../fuzzing/mod.rs"]
pub mod fuzzing;
mod handler;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "local")]
mod local;
mod logging;
mod panic;
mod protocol;
mod response;
mod runtime;
mod signals;
mod stream;

pub use lambda_stream_macros::main;

pub use self::context::Context;
pub use self::error::{Closed, Error, IntoError, StreamError};
pub use self::formats::{ndjson, sse};
pub use self::handler::{AnyResponse, FromInvocation, Handler, IntoItem, IntoResponse, Json, Payload, RawEvent};
pub use self::response::HttpPrelude;
pub use self::runtime::{Hook, Init, Runtime, RuntimeError, run};
pub use self::stream::ResponseStream;

/// Support for the code that the attribute generates. Not part of the public API: it may change with any version.
#[doc(hidden)]
pub mod __private {
    pub use crate::Runtime;
    pub use crate::handler::macro_support::{
        assert_compatible, assert_distinct, extract, into_response, send_response,
    };
    pub use crate::runtime::entry_point::{Settings, start};
}
