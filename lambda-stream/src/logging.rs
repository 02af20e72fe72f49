//! Log output in Lambda's formats (feature `logging`): a [`tracing`] subscriber that writes to standard error.
//!
//! [`#[lambda_stream::main]`](macro@crate::main) installs the subscriber, unless its argument is `logging = false`. A
//! function with a `main` function that the user wrote calls [`init`], or adds [`layer`] to its subscriber. Code logs with the
//! macros of `tracing`:
//!
//! ```no_run
//! use lambda_stream::{Error, Payload};
//!
//! #[lambda_stream::main]
//! async fn handler(Payload(name): Payload<String>) -> Result<lambda_stream::Json<String>, Error> {
//!     tracing::info!(letters = name.len(), "greeting");
//!     Ok(lambda_stream::Json(format!("Hello, {name}!")))
//! }
//! ```
//!
//! # Environment variables
//! They are read when the subscriber is created.
//!
//! | variable | value | effect |
//! |---|---|---|
//! | `AWS_LAMBDA_LOG_FORMAT` | `JSON` | one JSON object per line; every other value: text |
//! | `AWS_LAMBDA_LOG_LEVEL` | `TRACE`, `DEBUG`, `INFO`, `WARN`, `ERROR` or `FATAL` (the same as `ERROR`) | the lowest level that is written |
//! | `RUST_LOG` | the syntax of [`Targets`](tracing_subscriber::filter::Targets), such as `info,my_crate=debug` | levels per target, if `AWS_LAMBDA_LOG_LEVEL` is not set |
//! | `NO_COLOR` | not empty | no colors on a terminal |
//!
//! Lambda sets the first two if the function's log format is JSON. Upper and lower case are the same. Without a level,
//! or with an invalid one, the level is `INFO`; the log says once that a value is invalid and what is accepted. If
//! `RUST_LOG` lists only targets of other crates, the errors of this library are still written.
//!
//! # JSON
//! ```json
//! {"timestamp":"2026-01-02T03:04:05.678Z","level":"INFO","message":"greeting","requestId":"8476a536-e9f4-11e8-9739-2dfe598c3fcd","target":"greeter","letters":3}
//! ```
//! - `requestId`, `xRayTraceId` and `tenantId` are those of the invocation, where it has them.
//! - The fields of the enclosing spans, outermost first, and of the event follow. Of two fields with the same name the
//!   inner one is written. Numbers and booleans keep their type; a number that JSON does not have, such as NaN, is a
//!   string.
//! - A field named `timestamp`, `level`, `message`, `requestId`, `xRayTraceId`, `tenantId`, `target` or `truncated` gets
//!   an underscore at its end.
//! - A field `error` that was recorded as a `dyn std::error::Error` has its message; `error.sources` has the messages of
//!   its sources.
//! - The errors of this library have the fields `errorType`, `errorMessage` and `stackTrace`, as in the logs of Lambda's
//!   own runtimes.
//!
//! # Text
//! ```text
//! 2026-01-02T03:04:05.678Z  INFO 8476a536-e9f4-11e8-9739-2dfe598c3fcd greeter: greeting letters=3
//! ```
//! The third word is the request id. Line breaks and other control characters are escaped, so an event is one line. On
//! a terminal the date is left out, the level has a color, and line breaks in a message are kept; the lines after the
//! first are indented.
//!
//! # Delivery
//! A thread writes the lines, so that code which logs does not wait for the reader of standard error, except for at most
//! 100 ms if 1 MiB of lines is queued. If the reader does not read, further lines are dropped, and the log says how many.
//! A closed standard error has no effect. The runtime waits for the queued lines, also at most 100 ms, before it polls
//! for the next event, because Lambda may then freeze the process.
//!
//! A line has at most 16 KiB. A longer JSON line stays valid JSON: its long strings end with `…` and it has the field
//! `"truncated": true`. A longer text line ends with the number of missing bytes.

pub(crate) mod attribute;
mod fields;
mod json;
mod layer;
mod levels;
mod record;
mod settings;
mod text;
mod timestamp;

use tracing::{Dispatch, Subscriber, dispatcher};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::{LookupSpan, Registry};

use self::layer::LogLayer;
use self::settings::Settings;

/// Installs the subscriber globally. Does nothing if a global subscriber is already set.
///
/// Call it at the start of a `main` function of your own. With the attribute it is not needed.
///
/// ```no_run
/// use lambda_stream::{ResponseStream, RuntimeError};
///
/// async fn handler(mut stream: ResponseStream) -> Result<(), lambda_stream::StreamError> {
///     tracing::info!("hello");
///     stream.write("hello").await
/// }
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), RuntimeError> {
///     lambda_stream::logging::init();
///     lambda_stream::run(handler).await
/// }
/// ```
pub fn init() {
    let _ = dispatcher::set_global_default(dispatch());
}

/// Returns the subscriber as a [`Layer`], to combine it with other layers.
///
/// The levels of the [environment variables](self#environment-variables) apply to this layer only.
///
/// ```
/// use tracing_subscriber::layer::SubscriberExt as _;
/// use tracing_subscriber::util::SubscriberInitExt as _;
///
/// struct Counter;
///
/// impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Counter {
///     fn on_event(&self, _: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
///         // …
///     }
/// }
///
/// tracing_subscriber::registry()
///     .with(lambda_stream::logging::layer())
///     .with(Counter)
///     .init();
/// ```
#[must_use = "a layer has no effect until it is added to a subscriber"]
pub fn layer<S>() -> impl Layer<S> + Send + Sync + 'static
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let settings = Settings::from_env();
    let levels = settings.levels.clone();
    LogLayer::to_stderr(settings).with_filter(levels)
}

/// Returns a new subscriber. Its levels apply to the whole subscriber, so a disabled event costs one comparison. If the
/// environment names an OpenTelemetry collector, they apply to the log lines only.
fn dispatch() -> Dispatch {
    #[cfg(feature = "otel")]
    if let Some(export) = crate::otel::layer_if_configured() {
        return Dispatch::new(Registry::default().with(layer()).with(export));
    }
    let settings = Settings::from_env();
    let levels = settings.levels.clone();
    Dispatch::new(Registry::default().with(levels).with(LogLayer::to_stderr(settings)))
}

#[cfg(test)]
mod tests;
