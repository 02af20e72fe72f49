//! Tests of `lambda_stream::testing`, through the public API only. They use no socket, and most have a paused clock.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test panics")]

mod callers;
mod concurrency;
mod handler_forms;
mod http;
mod misuse;
mod outcomes;
mod runtime;
mod snapshots;
mod start;
mod time;

/// The error type of the invocation, or an empty string.
fn error_type(response: &lambda_stream::testing::Response) -> &str {
    response.error().map_or("", |error| error.error_type())
}
