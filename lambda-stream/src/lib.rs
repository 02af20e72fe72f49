//! Streams responses from AWS Lambda: bytes reach the caller as they are written.
//!
//! [`#[lambda_stream::main]`](macro@main) turns an async function into a Lambda function for the runtime
//! `provided.al2023`.
//!
//! ```no_run
//! use lambda_stream::{Error, Payload, ResponseStream};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Prompt {
//!     text: String,
//! }
//!
//! #[lambda_stream::main]
//! async fn handler(Payload(prompt): Payload<Prompt>, mut stream: ResponseStream) -> Result<(), Error> {
//!     for word in prompt.text.split_inclusive(' ') {
//!         stream.write(word).await?;
//!     }
//!     Ok(())
//! }
//! ```
//!
//! The same binary is a Lambda service on a developer's machine: `cargo run`, then
//! `curl -N -d '{"text":"one two"}' http://127.0.0.1:9000`. See
//! [local mode](https://github.com/lambda-stream/lambda-stream/blob/main/docs/local-development.md).
//!
//! # Handlers
//! A handler takes parts of the invocation as parameters and returns a response or writes to a [`ResponseStream`]. The
//! supported parameters and return types are listed at [`main`](macro@main). Without the attribute, [`run`] and the builder
//! [`Runtime`] do the same.
//!
//! # How an invocation ends
//! | handler | response | the caller gets |
//! |---|---|---|
//! | returns `Ok` | started or not | everything that was written, and a complete response |
//! | returns `Ok`, the stream moved into a task | open | the end when the task drops the stream; error trailers if the task panics |
//! | returns `Err` or panics | not started | the error in place of a response |
//! | returns `Err` or panics | started | everything that was written, then the error as HTTP trailers |
//! | returns `Err` after [`finish`](ResponseStream::finish) | ended | a complete response; the error is only logged |
//! | any | rejected or dropped by Lambda | writing returns [`StreamError::Closed`] |
//! | runs until 200 ms before the deadline ([`deadline_margin`](Runtime::deadline_margin)) | any | the error `Function.Timeout` |
//!
//! # Panics
//! A panic of a handler is caught and reported as `Function.Panic` with its message and location, and the process handles
//! the next invocation. This requires unwinding: with `panic = "abort"` in the Cargo profile, a panic ends the process, the
//! caller gets `Runtime.ExitError` or a truncated response, and the runtime logs a warning when it starts.
//!
//! # How a process ends
//! | event | invocations in progress | then | exit status |
//! |---|---|---|---|
//! | SIGTERM or SIGINT | complete | [`on_shutdown`](Runtime::on_shutdown) runs | 0, or 1 if it fails |
//! | a second SIGINT | are cut off | | 130 |
//! | [`init`](Runtime::init), [`before_snapshot`](Runtime::before_snapshot) or [`after_restore`](Runtime::after_restore) fails or panics | | the error is reported to Lambda | 1 |
//! | the Runtime API returns no further event | complete | | 1 |
//!
//! # Formats
//! [`sse`] encodes server-sent events, [`ndjson`] newline-delimited JSON.
//!
//! # Feature flags
//! | feature | default | effect |
//! |---|---|---|
//! | `local` | yes | local mode where `AWS_LAMBDA_RUNTIME_API` is not set: Function URL, REST API, the API of AWS SDKs, and a viewer |
//! | `logging` | yes | `#[lambda_stream::main]` installs a `tracing` subscriber that writes Lambda's log formats: see the module `logging` |
//! | `multi-thread` | yes | `flavor = "multi_thread"`, which is the default for concurrent invocations |
//! | `http` | no | HTTP requests and responses as parameters and return types, and `tower` services: see the module `http` |
//! | `axum` | no | `http`, and axum's extractor `ConnectInfo<SocketAddr>` in services |
//! | `metrics` | no | metrics of each invocation, and of the function, in CloudWatch's embedded metric format: see the module `metrics` |
//! | `otel` | no | spans of invocations are exported to an OpenTelemetry collector: see the module `otel` |
//! | `testing` | no | runs handlers in unit tests, without a socket: see the module `testing` |
//! | `anyhow` | no | `anyhow::Error` as the error of a handler |
//!
//! # Guides
//! The book is in the folder [`docs`][book] of the repository:
//!
//! | question | chapter |
//! |---|---|
//! | How do I start? | [quick start] |
//! | What can a handler take and return? | [handlers and responses], [errors], [compile errors], [what the attribute expands to] |
//! | How do I serve HTTP, server-sent events and exports? | [HTTP and axum], [server-sent events, LLM tokens and MCP], [NDJSON and exports] |
//! | How do I develop and test? | [local development], [testing] |
//! | How do I run it in production? | [deploying], [limits and timeouts], [costs], [logs, metrics and traces], [troubleshooting] |
//! | How do I move a function here? | from [`lambda_runtime` and `lambda_http`], [AWS Lambda Web Adapter], [Node.js], [.NET], [Go] |
//! | What can I rely on? | [guarantees and tests], [the protocol on the wire], [performance], [stability] |
//!
//! [book]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/SUMMARY.md
//! [quick start]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/quick-start.md
//! [handlers and responses]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/handlers.md
//! [errors]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/errors.md
//! [compile errors]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/macro-errors.md
//! [what the attribute expands to]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/macro-expansion.md
//! [HTTP and axum]: http
//! [server-sent events, LLM tokens and MCP]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/server-sent-events.md
//! [NDJSON and exports]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/exports.md
//! [local development]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/local-development.md
//! [testing]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/testing.md
//! [deploying]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/deployment.md
//! [limits and timeouts]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/operating/limits.md
//! [costs]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/operating/costs.md
//! [logs, metrics and traces]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/observability.md
//! [troubleshooting]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/operating/troubleshooting.md
//! [`lambda_runtime` and `lambda_http`]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/coming-from-lambda-runtime.md
//! [AWS Lambda Web Adapter]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/coming-from-lambda-web-adapter.md
//! [Node.js]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/coming-from-node.md
//! [.NET]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/coming-from-dotnet.md
//! [Go]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/coming-from-go.md
//! [guarantees and tests]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/guarantees.md
//! [the protocol on the wire]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/protocol.md
//! [performance]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/performance.md
//! [stability]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/stability.md
#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[macro_use]
mod telemetry;

mod client;
mod concurrency;
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
mod line_writer;
#[cfg(feature = "local")]
mod local;
#[cfg(feature = "logging")]
pub mod logging;
#[cfg(feature = "metrics")]
pub mod metrics;
#[cfg(feature = "otel")]
pub mod otel;
mod panic;
mod protocol;
mod response;
mod runtime;
mod signals;
mod stderr;
mod stream;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

#[doc = include_str!("main_attribute.md")]
pub use lambda_stream_macros::main;

pub use self::context::Context;
pub use self::error::{BoxError, Closed, Error, IntoError, StreamError};
pub use self::formats::{ndjson, sse};
pub use self::handler::{
    AnyResponse, FromInvocation, Handler, IntoItem, IntoResponse, Invocation, Json, LambdaEvent, Payload, RawEvent,
    ServiceFnHandler, StreamItem, service_fn,
};
pub use self::response::HttpPrelude;
pub use self::runtime::{HandlerService, Hook, Init, InvocationLayer, InvocationService, Runtime, RuntimeError, run};
pub use self::stream::ResponseStream;

/// Support for the code that the attribute generates. Not part of the public API: it may change with any version.
#[doc(hidden)]
pub mod __private {
    pub use crate::Runtime;
    pub use crate::handler::macro_support::*;
    #[cfg(not(feature = "multi-thread"))]
    pub use crate::runtime::entry_point::MultiThreadFeature;
    pub use crate::runtime::entry_point::Settings;
}
