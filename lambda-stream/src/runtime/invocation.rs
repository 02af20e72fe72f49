//! One invocation: runs the handler and sends its response to Lambda at the same time.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, OnceLock};

use futures::future::{Either, select};
use http::HeaderValue;
use tokio::task::coop::unconstrained;
use tokio::time::Instant;

use super::deadline::{Deadline, HANDLER_TIMEOUT};
use super::event_loop::Limits;
use super::service::{self, InvocationService};
use super::state::StateSource;
use crate::client::{CallError, Client, InvocationRef, NextEvent};
use crate::error::{Closed, Error, StackTrace};
use crate::event::EventInfo;
use crate::handler::Invocation;
#[cfg(feature = "metrics")]
use crate::metrics::InvocationMetrics;
#[cfg(feature = "otel")]
use crate::otel;
use crate::response::{BufferedResponse, ResponseHead};
use crate::stream::{PipeControl, ResponseBody, ResponseStart, ResponseStream, pipe};
use crate::telemetry::{InvocationSpan, InvocationSummary, Outcome, emit};
use crate::{panic, stderr};

/// Where a response is sent: to Lambda, or to a test.
pub(crate) trait Delivery: Sync {
    /// Prepares the pipe of an invocation, before the handler is called.
    fn prepare(&self, _: &PipeControl) {}

    /// Returns the properties of an event that determine the head of its streamed response.
    fn streaming_info(&self, event_info: EventInfo) -> EventInfo;

    /// Sends a streamed response.
    fn respond_streaming(
        &self,
        invocation: &InvocationRef,
        content_type: HeaderValue,
        body: ResponseBody,
    ) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Sends a response that is not streamed.
    fn respond_buffered(
        &self,
        invocation: &InvocationRef,
        event_info: EventInfo,
        response: BufferedResponse,
    ) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Reports that the invocation failed before its response was started.
    fn report(&self, invocation: &InvocationRef, error: &Error) -> impl Future<Output = Result<(), CallError>> + Send;
}

impl Delivery for Client {
    fn streaming_info(&self, event_info: EventInfo) -> EventInfo {
        self.streaming_info(event_info)
    }

    async fn respond_streaming(
        &self,
        invocation: &InvocationRef,
        content_type: HeaderValue,
        body: ResponseBody,
    ) -> Result<(), CallError> {
        self.respond_streaming(invocation, content_type, body).await
    }

    async fn respond_buffered(
        &self,
        invocation: &InvocationRef,
        event_info: EventInfo,
        response: BufferedResponse,
    ) -> Result<(), CallError> {
        self.respond_buffered(invocation, event_info, response).await
    }

    async fn report(&self, invocation: &InvocationRef, error: &Error) -> Result<(), CallError> {
        self.report(invocation, error).await
    }
}

/// Handles one event.
///
/// Returns when the handler has returned, the response has ended **and** the Runtime API has responded to its POST. The
/// next event may be polled only then. Errors are reported to Lambda where the response is still open, and logged.
pub(crate) async fn handle<S>(
    delivery: &impl Delivery,
    service: &mut impl InvocationService<S>,
    state: &StateSource<S>,
    limits: Limits,
    deadline: &mut Deadline<'_>,
    NextEvent { context, event }: NextEvent,
) where
    S: Send + Sync + 'static,
{
    let start = Instant::now();
    let invocation_ref = &InvocationRef::of(&context);
    let event_info = EventInfo::from_event(&event);
    let head = ResponseHead::new(delivery.streaming_info(event_info)).fill_empty_body(limits.fill_empty_body);
    let (writer, control) = pipe(limits.buffer_size, head);
    delivery.prepare(&control);
    let invocation_log = InvocationLog::new(InvocationSpan::new(&context), invocation_ref);
    let (log, control) = (&invocation_log, &control);
    #[cfg(feature = "metrics")]
    let metrics = InvocationMetrics::start(&context);
    #[cfg(feature = "otel")]
    let end = {
        log.span.prepare_export(&context, event_info);
        context.deadline()
    };
    deadline.set(&context);
    #[cfg(feature = "metrics")]
    let metrics_ref = metrics.as_ref();
    let stream = ResponseStream::new(writer);
    let handling = async move {
        let handler = log.span.instrument(async {
            let invocation = Invocation::new(context, event, event_info, stream, state.get().await?);
            service::call(service, invocation).await
        });
        #[cfg(feature = "metrics")]
        let handler = InvocationMetrics::scope(metrics_ref, handler);
        let result = deadline.limit_handler(run_handler(handler, control)).await;
        if let Err(error) = result {
            let error = Arc::new(error);
            let is_reported = control.fail(Arc::clone(&error));
            log.handler_failed(&error, is_reported);
        }
        deadline
    };
    // The handler may use up the task's cooperative budget at each poll. The delivery, which connects and receives
    // Lambda's status, would then not advance until the handler has returned.
    let sending = unconstrained(send_response(delivery, invocation_ref, event_info, control, log));
    match select(pin!(handling), pin!(sending)).await {
        Either::Left((deadline, sending)) => {
            if let Err(timeout) = deadline.limit_delivery(sending).await {
                close_response(control, Err(Closed::new(None, timeout)), log);
            }
        }
        Either::Right(((), handling)) => {
            handling.await;
        }
    }
    #[cfg_attr(not(any(feature = "metrics", feature = "otel")), expect(unused_variables))]
    let summary = log.invocation_ended(start, control);
    #[cfg(feature = "metrics")]
    if let Some(metrics) = metrics {
        metrics.write(&summary);
    }
    #[cfg(feature = "otel")]
    {
        log.span.complete_export(&summary);
        // Dropping the span ends it.
        drop(invocation_log);
        otel::flush(end).await;
    }
    // Lambda may freeze the process after the next poll.
    stderr::flush();
}

/// Runs the handler, waits until its stream is dropped, and ends the response.
async fn run_handler(handler: impl Future<Output = Result<(), Error>>, control: &PipeControl) -> Result<(), Error> {
    panic::catch(handler).await?;
    control.writer_closed().await?;
    control.end();
    Ok(())
}

/// Sends the response to Lambda while the handler writes it, and closes it with Lambda's status.
async fn send_response(
    delivery: &impl Delivery,
    invocation_ref: &InvocationRef,
    event_info: EventInfo,
    control: &PipeControl,
    log: &InvocationLog<'_>,
) {
    let result = match control.response_start().await {
        ResponseStart::Streaming { content_type, reader } => {
            let body = ResponseBody::new(reader);
            let result = delivery.respond_streaming(invocation_ref, content_type, body).await;
            if result.is_ok() {
                control.body_ended().await;
            }
            result
        }
        ResponseStart::Buffered(response) => delivery.respond_buffered(invocation_ref, event_info, response).await,
        ResponseStart::Failed(error) => {
            // The response may not fit the source of the event although the handler has succeeded.
            log.handler_failed(&error, true);
            delivery.report(invocation_ref, &error).await
        }
    };
    let result = result.as_ref().map_err(CallError::to_closed).copied();
    close_response(control, result, log);
}

/// Closes the pipe with the result of the delivery, and logs why the response was not delivered.
fn close_response(control: &PipeControl, result: Result<(), Closed>, log: &InvocationLog<'_>) {
    if let Err(closed) = control.set_delivery_result(result) {
        log.not_delivered(&closed);
    }
}

/// The error type of [`StreamError`](crate::StreamError).
const STREAM_ERROR: &str = "Function.StreamError";

/// Logs the events of one invocation in its span. No event waits until it is written: the response is sent first.
struct InvocationLog<'a> {
    span: InvocationSpan,
    invocation_ref: &'a InvocationRef,
    /// The type of the error that was logged.
    error_type: OnceLock<String>,
    is_rejected: OnceLock<()>,
}

impl<'a> InvocationLog<'a> {
    fn new(span: InvocationSpan, invocation_ref: &'a InvocationRef) -> Self {
        Self {
            span,
            invocation_ref,
            error_type: OnceLock::new(),
            is_rejected: OnceLock::new(),
        }
    }

    /// Logs the error of the handler, unless one was logged. `is_reported` says whether the caller gets it.
    fn handler_failed(&self, error: &Error, is_reported: bool) {
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
                        "invocation failed{remark}"
                    );
                },
                format_args!(
                    "invocation {} failed: {error:?}{remark}",
                    self.invocation_ref.request_id()
                ),
            );
        });
    }

    /// Logs that Lambda did not accept the response.
    fn not_delivered(&self, reason: &Closed) {
        let _ = self.is_rejected.set(());
        self.span.in_scope(|| {
            emit(
                || tracing::error!(target: "lambda_stream", "{reason}"),
                format_args!("invocation {}: {reason}", self.invocation_ref.request_id()),
            );
        });
    }

    /// Reports and returns the summary of the invocation, which started at `start`.
    fn invocation_ended(&self, start: Instant, control: &PipeControl) -> InvocationSummary {
        let figures = control.figures();
        let error_type = self.error_type.get().cloned();
        // After a rejection, writes of the handler fail, so its error is a consequence.
        let outcome = match (error_type.as_deref(), self.is_rejected.get()) {
            (_, Some(())) => Outcome::Rejected,
            (Some(HANDLER_TIMEOUT), None) => Outcome::Timeout,
            (Some(_), None) => Outcome::Error,
            (None, None) => Outcome::Ok,
        };
        let summary = InvocationSummary {
            outcome,
            cold_start: self.span.is_cold_start(),
            error_type,
            first_byte: figures.first_byte.map(|time| time.saturating_duration_since(start)),
            duration: start.elapsed(),
            bytes: figures.bytes,
            chunks: figures.chunks,
            backpressure: figures.backpressure,
        };
        self.span.in_scope(|| summary.emit());
        summary
    }
}
