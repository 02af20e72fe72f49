//! What the library reports of itself: log events, the span of an invocation, and the summary at its end.
//!
//! It uses [`tracing`], so that the user chooses where the reports go. As long as no subscriber was set, log events are
//! lines on standard error, and the rest costs nothing.

mod invocation;
#[macro_use]
mod log;
mod span;
mod summary;

pub(crate) use self::invocation::InvocationTelemetry;
pub(crate) use self::log::emit;
#[cfg(any(feature = "metrics", feature = "otel"))]
pub(crate) use self::summary::{InvocationSummary, Outcome};
