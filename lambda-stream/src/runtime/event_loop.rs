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
use crate::logging;

/// The settings that apply to each invocation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) buffer_size: usize,
    pub(super) deadline_margin: Option<Duration>,
    pub(super) fill_empty_body: bool,
}

/// Overrides [`Runtime::fill_empty_body`](crate::Runtime::fill_empty_body).
const FILL_EMPTY_BODY: &str = "LAMBDA_STREAM_FILL_EMPTY_BODY";

impl Limits {
    /// Applies the environment variables that override settings. An invalid value is logged and ignored.
    pub(super) fn with_environment(mut self) -> Self {
        let value = std::env::var_os(FILL_EMPTY_BODY).unwrap_or_default();
        match value.to_str() {
            Some("") => {}
            Some("true") => self.fill_empty_body = true,
            Some("false") => self.fill_empty_body = false,
            _ => logging::line(format_args!(
                "ignored {FILL_EMPTY_BODY}={value:?}: must be `true` or `false`"
            )),
        }
        self
    }
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
            invocation::handle(&client, &*handler, state, limits, &mut deadline, event).await;
        }
    }
    Ok(())
}
