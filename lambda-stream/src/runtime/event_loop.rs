//! The event loop: polls for an event, handles it, and repeats until shutdown.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{Either, select};
use tokio::time::sleep;

use super::deadline::Deadline;
use super::shutdown::ShutdownListener;
use super::{RuntimeError, invocation};
use crate::client::Client;
use crate::handler::Handler;

/// The limits of each invocation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) buffer_size: usize,
    pub(super) deadline_margin: Option<Duration>,
}

/// Handles one event after another, and returns `Ok` after a shutdown was requested.
///
/// # Errors
/// The Runtime API delivers no further events.
pub(super) async fn run<S, M>(
    client: Client,
    handler: Arc<impl Handler<S, M>>,
    state: &'static S,
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
            let event = pending.event().await?;
            invocation::handle(&client, &*handler, state, limits.buffer_size, &mut deadline, event).await;
        }
    }
    Ok(())
}
