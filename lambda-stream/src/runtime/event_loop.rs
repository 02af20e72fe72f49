//! The event loop: polls for an event, handles it, and repeats until shutdown.

use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use tokio::time::{sleep, timeout};

use super::deadline::Deadline;
use super::limits::Limits;
use super::service::InvocationService;
use super::shutdown::ShutdownListener;
use super::state::StateSource;
use super::{RuntimeError, invocation};
use crate::client::{CallError, Client, NextEvent, PendingEvent};
use crate::protocol::SHUTDOWN_EVENT_TIMEOUT;
use crate::{panic, stderr};

/// Handles one event after another, and returns `Ok` after a shutdown was requested.
///
/// # Errors
/// The Runtime API delivers no further events.
pub(super) async fn run<S>(
    client: Client,
    mut service: impl InvocationService<S>,
    state: StateSource<S>,
    limits: Limits,
    shutdown: ShutdownListener,
) -> Result<(), RuntimeError>
where
    S: Send + Sync + 'static,
{
    // Lambda may freeze the process after the first poll.
    stderr::flush();
    let result = poll_and_handle(client, &mut service, state, limits, shutdown).await;
    // The destructors of layers may panic.
    panic::drop_caught(service);
    result
}

async fn poll_and_handle<S>(
    client: Client,
    service: &mut impl InvocationService<S>,
    state: StateSource<S>,
    limits: Limits,
    mut shutdown: ShutdownListener,
) -> Result<(), RuntimeError>
where
    S: Send + Sync + 'static,
{
    let timer = pin!(sleep(Duration::ZERO));
    let mut deadline = Deadline::new(limits.deadline_margin, timer);
    while !shutdown.is_requested() {
        // `select` polls the event first: an event that has arrived is handled even if a shutdown was requested.
        let pending = match select(pin!(client.next()), pin!(shutdown.requested())).await {
            Either::Left((pending, _)) => pending?,
            Either::Right(_) => break,
        };
        if let Some(pending) = pending {
            let Some(event) = receive(pending, &mut shutdown).await? else {
                break;
            };
            invocation::handle(&client, service, &state, limits, &mut deadline, event).await;
            if let Some(error) = state.failure() {
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Reads the body of an event. Returns `None` if a shutdown was requested and the body was still incomplete after
/// [`SHUTDOWN_EVENT_TIMEOUT`].
async fn receive(pending: PendingEvent, shutdown: &mut ShutdownListener) -> Result<Option<NextEvent>, CallError> {
    match select(pin!(pending.event()), pin!(shutdown.requested())).await {
        Either::Left((event, _)) => event.map(Some),
        Either::Right(((), event)) => match timeout(SHUTDOWN_EVENT_TIMEOUT, event).await {
            Ok(event) => event.map(Some),
            Err(_) => {
                log!(
                    ERROR,
                    "an event was dropped at shutdown: its body was still incomplete {} s after the signal",
                    SHUTDOWN_EVENT_TIMEOUT.as_secs()
                );
                Ok(None)
            }
        },
    }
}
