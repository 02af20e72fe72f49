//! One invocation: runs the handler and sends its response to Lambda at the same time.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use futures::future::{Either, select};
use http::HeaderValue;
use tokio::task::coop::unconstrained;

use super::deadline::Deadline;
use super::limits::Limits;
use super::service::{self, InvocationService};
use super::state::StateSource;
use crate::client::{CallError, Client, InvocationRef, NextEvent};
use crate::error::{Closed, Error};
use crate::event::EventInfo;
use crate::handler::Invocation;
use crate::panic;
use crate::response::{BufferedResponse, ResponseHead};
use crate::stream::{PipeControl, ResponseBody, ResponseStart, ResponseStream, pipe};
use crate::telemetry::InvocationTelemetry;

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
    let invocation_ref = &InvocationRef::of(&context);
    let event_info = EventInfo::from_event(&event);
    let head = ResponseHead::new(delivery.streaming_info(event_info)).fill_empty_body(limits.fill_empty_body);
    let (writer, control) = pipe(limits.buffer_size, head);
    delivery.prepare(&control);
    let control = &control;
    let end = context.deadline();
    let telemetry = InvocationTelemetry::start(&context, event_info, invocation_ref.request_id());
    let reports = &telemetry;
    deadline.set(&context);
    let stream = ResponseStream::new(writer);
    let handling = async move {
        let handler = reports.instrument(async {
            let invocation = Invocation::new(context, event, event_info, stream, state.get().await?);
            service::call(service, invocation).await
        });
        let result = deadline.limit_handler(run_handler(handler, control)).await;
        if let Err(error) = result {
            let error = Arc::new(error);
            let is_reported = control.fail(Arc::clone(&error));
            reports.handler_failed(&error, is_reported);
        }
        deadline
    };
    // The handler may use up the task's cooperative budget at each poll. The delivery, which connects and receives
    // Lambda's status, would then not advance until the handler has returned.
    let sending = unconstrained(send_response(delivery, invocation_ref, event_info, control, reports));
    match select(pin!(handling), pin!(sending)).await {
        Either::Left((deadline, sending)) => {
            if let Err(timeout) = deadline.limit_delivery(sending).await {
                close_response(control, Err(Closed::new(None, timeout)), reports);
            }
        }
        Either::Right(((), handling)) => {
            handling.await;
        }
    }
    telemetry.end(control.figures(), end).await;
}

/// Runs the handler, waits until its stream is dropped, and ends the response.
async fn run_handler(handler: impl Future<Output = Result<(), Error>>, control: &PipeControl) -> Result<(), Error> {
    control.poll_writing(panic::catch(handler)).await?;
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
    telemetry: &InvocationTelemetry<'_>,
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
            telemetry.handler_failed(&error, true);
            delivery.report(invocation_ref, &error).await
        }
    };
    let result = result.as_ref().map_err(CallError::to_closed).copied();
    close_response(control, result, telemetry);
}

/// Closes the pipe with the result of the delivery, and logs why the response was not delivered.
fn close_response(control: &PipeControl, result: Result<(), Closed>, telemetry: &InvocationTelemetry<'_>) {
    if let Err(closed) = control.set_delivery_result(result) {
        telemetry.not_delivered(&closed);
    }
}
