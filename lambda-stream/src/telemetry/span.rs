//! The span of an invocation.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing::field::Empty;
use tracing::{Instrument, Span, error_span};

use crate::context::Context;
#[cfg(feature = "otel")]
use crate::event::EventInfo;
#[cfg(feature = "otel")]
use crate::otel;
use crate::panic;
#[cfg(feature = "otel")]
use crate::telemetry::InvocationSummary;

/// The span `invocation`, in which the handler, its layers and the stream that it returns run.
///
/// Its level is `ERROR`, the highest: a filter that admits an event of the handler then also admits the span, and with it
/// the request id.
pub(crate) struct InvocationSpan {
    /// `None` after it was dropped.
    span: Option<Span>,
    is_cold_start: bool,
}

impl InvocationSpan {
    /// Creates the span of an invocation.
    pub(crate) fn new(context: &Context) -> Self {
        let is_cold_start = take_cold_start();
        // The subscriber is the user's code.
        let span = panic::run_caught(|| {
            let span = error_span!(
                target: "lambda_stream",
                "invocation",
                request_id = context.request_id(),
                tenant_id = Empty,
                trace_id = Empty,
                cold_start = is_cold_start,
                function_arn = Empty,
            );
            if !span.is_disabled() {
                let record = |field, value: Option<&str>| value.map(|value| span.record(field, value));
                record("tenant_id", context.tenant_id());
                record("trace_id", context.trace_id());
                record("function_arn", context.invoked_function_arn());
            }
            span
        });
        Self { span, is_cold_start }
    }

    /// Gives the span its parent and its attributes for the export. Call it before the span is entered.
    #[cfg(feature = "otel")]
    pub(crate) fn prepare_export(&self, context: &Context, event_info: EventInfo) {
        if let Some(span) = &self.span {
            panic::run_caught(|| otel::start(span, context, event_info, self.is_cold_start));
        }
    }

    /// Adds to the span how the invocation ended, for the export.
    #[cfg(feature = "otel")]
    pub(crate) fn complete_export(&self, summary: &InvocationSummary) {
        if let Some(span) = &self.span {
            panic::run_caught(|| otel::end(span, summary));
        }
    }

    /// Returns whether the invocation is the first of the process.
    pub(crate) fn is_cold_start(&self) -> bool {
        self.is_cold_start
    }

    /// Enters the span at every poll of `future`.
    pub(crate) fn instrument<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        future.instrument(self.span.clone().unwrap_or_else(Span::none))
    }

    /// Enters the span while `run` runs.
    pub(crate) fn in_scope(&self, run: impl FnOnce()) {
        panic::run_caught(|| match &self.span {
            Some(span) => span.in_scope(run),
            None => run(),
        });
    }
}

impl Drop for InvocationSpan {
    fn drop(&mut self) {
        panic::drop_caught(self.span.take());
    }
}

/// Returns `true` at the first call, unless Lambda had initialized the process before there was an event to handle
/// (provisioned concurrency).
fn take_cold_start() -> bool {
    static WAS_INVOKED: AtomicBool = AtomicBool::new(false);
    if WAS_INVOKED.load(Ordering::Relaxed) || WAS_INVOKED.swap(true, Ordering::Relaxed) {
        return false;
    }
    std::env::var_os("AWS_LAMBDA_INITIALIZATION_TYPE").is_none_or(|value| value != "provisioned-concurrency")
}
