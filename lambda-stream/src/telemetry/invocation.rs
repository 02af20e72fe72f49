//! What is reported of one invocation: log events in its span, and at its end the summary, metrics and spans.

use std::future::Future;
use std::sync::OnceLock;
use std::time::SystemTime;

use tokio::time::Instant;

use super::emit;
use super::span::InvocationSpan;
use super::summary::{InvocationSummary, Outcome};
use crate::context::Context;
use crate::error::{Closed, Error, StackTrace};
use crate::event::EventInfo;
#[cfg(feature = "metrics")]
use crate::metrics::InvocationMetrics;
#[cfg(feature = "otel")]
use crate::otel;
use crate::protocol::HANDLER_TIMEOUT;
use crate::stderr;
use crate::stream::ResponseFigures;

/// The error type of [`StreamError`](crate::StreamError).
const STREAM_ERROR: &str = "Function.StreamError";

/// Reports on one invocation. No report waits until it is written: the response is sent first.
pub(crate) struct InvocationTelemetry<'a> {
    start: Instant,
    request_id: &'a str,
    span: InvocationSpan,
    /// `None` if metrics are disabled.
    #[cfg(feature = "metrics")]
    metrics: Option<InvocationMetrics>,
    /// The type of the handler's error.
    error_type: OnceLock<String>,
    is_rejected: OnceLock<()>,
}

impl<'a> InvocationTelemetry<'a> {
    /// Starts an invocation, whose event has arrived.
    #[cfg_attr(
        not(feature = "otel"),
        expect(unused_variables, reason = "only exported spans have it")
    )]
    pub(crate) fn start(context: &Context, event_info: EventInfo, request_id: &'a str) -> Self {
        let span = InvocationSpan::new(context);
        #[cfg(feature = "otel")]
        span.prepare_export(context, event_info);
        Self {
            start: Instant::now(),
            request_id,
            span,
            #[cfg(feature = "metrics")]
            metrics: InvocationMetrics::start(context),
            error_type: OnceLock::new(),
            is_rejected: OnceLock::new(),
        }
    }

    /// Runs the handler in the span. Metrics that it records belong to the invocation.
    pub(crate) fn instrument<F: Future>(&self, handler: F) -> impl Future<Output = F::Output> {
        #[cfg(feature = "metrics")]
        let handler = InvocationMetrics::scope(self.metrics.as_ref(), handler);
        // The span is the outermost: `panic::catch` then catches a panic of the subscriber when the future is dropped.
        self.span.instrument(handler)
    }

    /// Logs the error of the handler, unless one was logged. `is_reported` says whether the caller gets it.
    pub(crate) fn handler_failed(&self, error: &Error, is_reported: bool) {
        if self.error_type.set(error.error_type().to_owned()).is_err() {
            return;
        }
        // The handler returned the error with which its write failed. Its cause is logged.
        let is_consequence = self.is_rejected.get().is_some() && error.error_type() == STREAM_ERROR;
        if is_consequence || error.is_logged() {
            return;
        }
        let remark = match is_reported {
            true => "",
            false => " (the response had already ended, so the error is not reported to the caller)",
        };
        self.span.in_scope(|| {
            emit(
                || {
                    tracing::error!(
                        target: "lambda_stream",
                        error_type = error.error_type(),
                        error_message = %error,
                        stack_trace = ?StackTrace(error.stack_trace()),
                        backtrace = error.backtrace(),
                        "invocation failed{remark}"
                    );
                },
                format_args!("invocation {} failed: {error:?}{remark}", self.request_id),
            );
        });
    }

    /// Logs that Lambda did not accept the response.
    pub(crate) fn not_delivered(&self, reason: &Closed) {
        let _ = self.is_rejected.set(());
        self.span.in_scope(|| {
            emit(
                || tracing::error!(target: "lambda_stream", "{reason}"),
                format_args!("invocation {}: {reason}", self.request_id),
            );
        });
    }

    /// Reports the end of the invocation, and waits until everything is written and exported: Lambda may freeze the process
    /// after the next poll. Waits at most until shortly before `deadline`.
    #[cfg_attr(not(feature = "otel"), expect(unused_variables, reason = "only an export waits"))]
    pub(crate) async fn end(self, figures: ResponseFigures, deadline: Option<SystemTime>) {
        let summary = self.summary(figures);
        self.span.in_scope(|| summary.emit());
        #[cfg(feature = "metrics")]
        if let Some(metrics) = self.metrics {
            metrics.write(&summary);
        }
        #[cfg(feature = "otel")]
        {
            self.span.complete_export(&summary);
            // Dropping the span ends it.
            drop(self.span);
            otel::flush(deadline).await;
        }
        stderr::flush();
    }

    fn summary(&self, figures: ResponseFigures) -> InvocationSummary {
        let error_type = self.error_type.get().cloned();
        // After a rejection, writes of the handler fail, so its error is a consequence.
        let outcome = match (error_type.as_deref(), self.is_rejected.get()) {
            (_, Some(())) => Outcome::Rejected,
            (Some(HANDLER_TIMEOUT), None) => Outcome::Timeout,
            (Some(_), None) => Outcome::Error,
            (None, None) => Outcome::Ok,
        };
        InvocationSummary {
            outcome,
            cold_start: self.span.is_cold_start(),
            error_type,
            first_byte: figures
                .first_byte
                .map(|time| time.saturating_duration_since(self.start)),
            duration: self.start.elapsed(),
            bytes: figures.bytes,
            chunks: figures.chunks,
            backpressure: figures.backpressure,
        }
    }
}
