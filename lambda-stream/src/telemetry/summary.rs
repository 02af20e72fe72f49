//! The summary of an invocation, which is reported at its end.

use std::time::Duration;

use crate::panic;

/// How an invocation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The caller got a complete response.
    Ok,
    /// The handler returned an error or panicked.
    Error,
    /// The handler was stopped shortly before the deadline.
    Timeout,
    /// Lambda did not accept the response.
    Rejected,
}

impl Outcome {
    /// Returns the value of the field `outcome`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Timeout => "timeout",
            Self::Rejected => "rejected",
        }
    }
}

/// What is known about an invocation at its end.
#[derive(Debug)]
pub(crate) struct InvocationSummary {
    pub(crate) outcome: Outcome,
    /// The invocation was the first of the process.
    pub(crate) cold_start: bool,
    /// The error type if the handler failed.
    pub(crate) error_type: Option<String>,
    /// The time from the arrival of the event to the first byte of the response. `None` if no byte was streamed.
    pub(crate) first_byte: Option<Duration>,
    /// The time from the arrival of the event until Lambda had accepted the response.
    pub(crate) duration: Duration,
    /// Body bytes that the handler wrote.
    pub(crate) bytes: u64,
    /// Chunks in which the body was sent.
    pub(crate) chunks: u64,
    /// How long writes waited for a full buffer.
    pub(crate) backpressure: Duration,
}

impl InvocationSummary {
    /// Emits the event `invocation ended`.
    pub(crate) fn emit(&self) {
        // The subscriber is the user's code.
        panic::run_caught(|| {
            tracing::info!(
                target: "lambda_stream",
                outcome = self.outcome.as_str(),
                cold_start = self.cold_start,
                error_type = self.error_type,
                first_byte_ms = self.first_byte.map(milliseconds),
                duration_ms = milliseconds(self.duration),
                bytes = self.bytes,
                chunks = self.chunks,
                backpressure_ms = milliseconds(self.backpressure),
                "invocation ended"
            );
        });
    }
}

/// Returns a duration in milliseconds, in the precision of a microsecond.
fn milliseconds(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1000.0
}
