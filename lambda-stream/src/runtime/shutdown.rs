//! The end of the process, in order: no further event is asked for, what is in flight ends, and last the hook runs.

use std::future::Future;

use tokio::sync::watch;
use tokio::time::timeout;

use super::RuntimeError;
use crate::error::Error;
use crate::panic;
use crate::protocol::SHUTDOWN_HOOK_TIMEOUT;

/// Asks all loops to end.
pub(super) struct ShutdownHandle(watch::Sender<bool>);

/// What a loop knows of it.
#[derive(Clone)]
pub(super) struct ShutdownListener(watch::Receiver<bool>);

/// Both ends.
pub(super) fn stop() -> (ShutdownHandle, ShutdownListener) {
    let (sender, receiver) = watch::channel(false);
    (ShutdownHandle(sender), ShutdownListener(receiver))
}

impl ShutdownHandle {
    pub(super) fn ask(&self) {
        self.0.send_replace(true);
    }
}

impl ShutdownListener {
    pub(super) fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is asked. Neither allocates nor calls the system.
    pub(super) async fn asked(&mut self) {
        // An error says that nobody is left to ask.
        let _ = self.0.wait_for(|asked| *asked).await;
    }
}

/// Runs the hook, for as long as it may take.
pub(super) async fn run(hook: impl Future<Output = Result<(), Error>>) -> Result<(), RuntimeError> {
    let done = match timeout(SHUTDOWN_HOOK_TIMEOUT, panic::caught(hook)).await {
        Ok(done) => done,
        Err(_) => Err(Error::of_type(
            "Function.Timeout",
            format!("it was still running after {} ms", SHUTDOWN_HOOK_TIMEOUT.as_millis()),
            Vec::new(),
        )),
    };
    done.map_err(|error| RuntimeError::hook("on_shutdown", error, None))
}
