//! One invocation, from its event to the end of its response.

use std::pin::pin;

use futures::future::{Either, select};

use super::deadline::Deadline;
use crate::client::{CallError, Client, InvocationRef, NextEvent};
use crate::error::{Closed, Error};
use crate::event::EventInfo;
use crate::handler::{Handler, Invocation};
use crate::response::ResponseHead;
use crate::stream::{PipeControl, ResponseBody, ResponseStart, ResponseStream, pipe};
use crate::{logging, panic};

/// Returns when the handler has returned, the response has ended **and** the Runtime API has answered: only then may
/// the next event be asked for. Whatever goes wrong is told to the caller where that can be, and logged.
pub(super) async fn answer<S, K>(
    client: &Client,
    handler: &impl Handler<S, K>,
    state: &'static S,
    buffer_size: usize,
    deadline: &mut Deadline,
    NextEvent { context, event }: NextEvent,
) where
    S: Send + Sync + 'static,
{
    let reference = &InvocationRef::of(&context);
    let asked = EventInfo::from_event(&event);
    let (writer, control) = pipe(buffer_size, ResponseHead::new(asked));
    let control = &control;
    deadline.set(&context);
    let invocation = Invocation::new(context, event, asked, ResponseStream::new(writer), state);
    let handling = async move {
        let handled = deadline.bound(run(handler, invocation, control)).await;
        if let Err(error) = handled {
            let said = format!("{error:?}");
            let told = if control.fail(error) {
                ""
            } else {
                " (after the response had ended, so the caller is not told)"
            };
            logging::line(format_args!(
                "invocation {} failed: {said}{told}",
                reference.request_id()
            ));
        }
        deadline
    };
    match select(pin!(handling), pin!(deliver(client, reference, control))).await {
        Either::Left((deadline, delivering)) => {
            if let Err(late) = deadline.bound_delivery(delivering).await {
                answered(reference, control, Err(Closed::new(None, late)));
            }
        }
        Either::Right(((), handling)) => {
            handling.await;
        }
    }
}

/// Runs the handler, and ends the response when all of it was written.
async fn run<S, K>(handler: &impl Handler<S, K>, invocation: Invocation<S>, control: &PipeControl) -> Result<(), Error>
where
    S: Send + Sync + 'static,
{
    panic::caught(handler.call(invocation)).await?;
    control.writer_closed().await?;
    control.end();
    Ok(())
}

/// Sends what the handler writes as it is written, and passes on what Lambda says to it.
async fn deliver(client: &Client, reference: &InvocationRef, control: &PipeControl) {
    let sent = match control.response_start().await {
        ResponseStart::Streaming { content_type, reader } => {
            client
                .respond_streaming(reference, content_type, ResponseBody::new(reader))
                .await
        }
        ResponseStart::Buffered(buffered) => client.respond(reference, buffered).await,
        ResponseStart::Failed(error) => client.report(reference, &error).await,
    };
    answered(reference, control, sent.as_ref().map_err(CallError::closed).copied());
}

/// Passes on what Lambda said to the response, and logs why it did not take it.
fn answered(reference: &InvocationRef, control: &PipeControl, answer: Result<(), Closed>) {
    if let Err(closed) = control.set_delivery_result(answer) {
        logging::line(format_args!("invocation {}: {closed}", reference.request_id()));
    }
}
