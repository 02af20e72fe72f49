//! One invocation, from its event to the end of its response.

use std::pin::pin;

use futures::future::{Either, select};

use super::deadline::Deadline;
use crate::client::{Arrived, CallError, Client, Reference};
use crate::error::{Closed, Error};
use crate::handler::{Answered, Handler, Invocation, Outcome};
use crate::stream::{Asked, Beginning, Control, Head, ResponseBody, ResponseStream, pipe};
use crate::{logging, panic};

/// Returns when the handler has returned, the response has ended **and** the Runtime API has answered: only then may
/// the next event be asked for. Whatever goes wrong is told to the caller where that can be, and logged.
pub(super) async fn answer<S, K>(
    client: &Client,
    handler: &impl Handler<S, K>,
    state: &'static S,
    buffer_size: usize,
    deadline: &mut Deadline,
    Arrived { context, event }: Arrived,
) where
    S: Send + Sync + 'static,
{
    let reference = &Reference::of(&context);
    let asked = Asked::of(&event);
    let (writer, control) = pipe(buffer_size, Head::new(asked));
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
async fn run<S, K>(handler: &impl Handler<S, K>, invocation: Invocation<S>, control: &Control) -> Result<(), Error>
where
    S: Send + Sync + 'static,
{
    match panic::caught(handler.call(invocation)).await? {
        Outcome(Answered::Streamed) => {
            control.writer_gone().await?;
            control.end();
        }
        Outcome(Answered::Buffered(buffered)) => {
            control.answer_with(buffered);
        }
    }
    Ok(())
}

/// Sends what the handler writes as it is written, and passes on what Lambda says to it.
async fn deliver(client: &Client, reference: &Reference, control: &Control) {
    let sent = match control.beginning().await {
        Beginning::Streaming {
            content_type,
            transport,
        } => {
            client
                .respond_streaming(reference, content_type, ResponseBody::new(transport))
                .await
        }
        Beginning::Buffered(buffered) => client.respond(reference, buffered).await,
        Beginning::Failed(error) => client.report(reference, &error).await,
    };
    answered(reference, control, sent.as_ref().map_err(CallError::closed).copied());
}

/// Passes on what Lambda said to the response, and logs why it did not take it.
fn answered(reference: &Reference, control: &Control, answer: Result<(), Closed>) {
    if let Err(closed) = control.answered(answer) {
        logging::line(format_args!("invocation {}: {closed}", reference.request_id()));
    }
}
