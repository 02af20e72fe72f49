//! One invocation: runs the handler and sends its response to Lambda at the same time.

use std::pin::pin;

use futures::future::{Either, select};
use tokio::task::coop::unconstrained;

use super::deadline::Deadline;
use super::event_loop::Limits;
use crate::client::{CallError, Client, InvocationRef, NextEvent};
use crate::error::{Closed, Error};
use crate::event::EventInfo;
use crate::handler::{Handler, Invocation};
use crate::response::ResponseHead;
use crate::stream::{PipeControl, ResponseBody, ResponseStart, ResponseStream, pipe};
use crate::{panic, stderr};

/// Handles one event.
///
/// Returns when the handler has returned, the response has ended **and** the Runtime API has responded to its POST. The
/// next event may be polled only then. Errors are reported to Lambda where the response is still open, and logged.
pub(super) async fn handle<S, M>(
    client: &Client,
    handler: &impl Handler<S, M>,
    state: &'static S,
    limits: Limits,
    deadline: &mut Deadline<'_>,
    NextEvent { context, event }: NextEvent,
) where
    S: Send + Sync + 'static,
{
    let invocation_ref = &InvocationRef::of(&context);
    let event_info = EventInfo::from_event(&event);
    let head = ResponseHead::new(client.streaming_info(event_info)).fill_empty_body(limits.fill_empty_body);
    let (writer, control) = pipe(limits.buffer_size, head);
    let control = &control;
    deadline.set(&context);
    let invocation = Invocation::new(context, event, event_info, ResponseStream::new(writer), state);
    let handling = async move {
        let result = deadline.limit_handler(run_handler(handler, invocation, control)).await;
        if let Err(error) = result {
            let description = format!("{error:?}");
            let remark = if control.fail(error) {
                ""
            } else {
                " (the response had already ended, so the error is not reported to the caller)"
            };
            // Nothing waits for the log before the error is sent.
            stderr::enqueue(format_args!(
                "invocation {} failed: {description}{remark}",
                invocation_ref.request_id()
            ));
        }
        deadline
    };
    // The handler may use up the task's cooperative budget at each poll. The delivery, which connects and receives
    // Lambda's status, would then not advance until the handler has returned.
    let delivery = unconstrained(send_response(client, invocation_ref, event_info, control));
    match select(pin!(handling), pin!(delivery)).await {
        Either::Left((deadline, delivery)) => {
            if let Err(timeout) = deadline.limit_delivery(delivery).await {
                close_response(invocation_ref, control, Err(Closed::new(None, timeout)));
            }
        }
        Either::Right(((), handling)) => {
            handling.await;
        }
    }
    // Lambda may freeze the process after the next poll.
    stderr::flush();
}

/// Runs the handler, waits until its stream is dropped, and ends the response.
async fn run_handler<S, M>(
    handler: &impl Handler<S, M>,
    invocation: Invocation<S>,
    control: &PipeControl,
) -> Result<(), Error>
where
    S: Send + Sync + 'static,
{
    // `call` runs inside of the future, because it may panic: for a service, it clones the service.
    panic::catch(async { handler.call(invocation).await }).await?;
    control.writer_closed().await?;
    control.end();
    Ok(())
}

/// Sends the response to Lambda while the handler writes it, and closes it with Lambda's status.
async fn send_response(client: &Client, invocation_ref: &InvocationRef, event_info: EventInfo, control: &PipeControl) {
    let result = match control.response_start().await {
        ResponseStart::Streaming { content_type, reader } => {
            let body = ResponseBody::new(reader);
            let result = client.respond_streaming(invocation_ref, content_type, body).await;
            if result.is_ok() {
                control.body_ended().await;
            }
            result
        }
        ResponseStart::Buffered(response) => client.respond_buffered(invocation_ref, event_info, response).await,
        ResponseStart::Failed(error) => client.report(invocation_ref, &error).await,
    };
    let result = result.as_ref().map_err(CallError::to_closed).copied();
    close_response(invocation_ref, control, result);
}

/// Closes the pipe with the result of the delivery, and logs why the response was not delivered.
fn close_response(invocation_ref: &InvocationRef, control: &PipeControl, result: Result<(), Closed>) {
    if let Err(closed) = control.set_delivery_result(result) {
        stderr::enqueue(format_args!("invocation {}: {closed}", invocation_ref.request_id()));
    }
}
