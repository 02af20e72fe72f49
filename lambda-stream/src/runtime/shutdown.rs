//! Shutdown: the signal from the runtime to its event loops, and the `on_shutdown` hook.

use std::future::Future;

use tokio::sync::watch;
use tokio::time::timeout;

use super::RuntimeError;
use crate::error::Error;
use crate::panic;
use crate::protocol::SHUTDOWN_HOOK_TIMEOUT;

/// Requests the shutdown of all event loops.
pub(super) struct ShutdownHandle(watch::Sender<bool>);

/// Notifies an event loop of the shutdown.
#[derive(Clone)]
pub(super) struct ShutdownListener(watch::Receiver<bool>);

/// Creates a handle and its listener, which can be cloned.
pub(super) fn channel() -> (ShutdownHandle, ShutdownListener) {
    let (sender, receiver) = watch::channel(false);
    (ShutdownHandle(sender), ShutdownListener(receiver))
}

impl ShutdownHandle {
    pub(super) fn request(&self) {
        self.0.send_replace(true);
    }
}

impl ShutdownListener {
    pub(super) fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the shutdown is requested. Polling it neither allocates nor makes system calls.
    pub(super) async fn requested(&mut self) {
        // An error means that the handle was dropped, which ends the loop as well.
        let _ = self.0.wait_for(|requested| *requested).await;
    }
}

/// Runs the `on_shutdown` hook for at most [`SHUTDOWN_HOOK_TIMEOUT`].
pub(super) async fn run_hook(hook: impl Future<Output = Result<(), Error>>) -> Result<(), RuntimeError> {
    let result = match timeout(SHUTDOWN_HOOK_TIMEOUT, panic::catch(hook)).await {
        Ok(result) => result,
        Err(_) => Err(Error::of_type(
            "Function.Timeout",
            format!(
                "the hook was still running after {} ms",
                SHUTDOWN_HOOK_TIMEOUT.as_millis()
            ),
            Vec::new(),
        )),
    };
    result.map_err(|error| RuntimeError::hook("on_shutdown", error, None))
}
