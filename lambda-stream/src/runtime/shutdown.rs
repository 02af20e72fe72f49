//! The end of the process, in order: no further event is asked for, what is in flight ends, and last the hook runs.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use super::RuntimeError;
use crate::error::Error;
use crate::panic;

/// How long the hook may take. Lambda kills a process that has an extension 500 ms after SIGTERM, and what is said of a
/// hook that takes too long is to be out by then.
const HOOK_LIMIT: Duration = Duration::from_millis(450);

/// Asks all loops to end.
pub(super) struct Stop(watch::Sender<bool>);

/// What a loop knows of it.
#[derive(Clone)]
pub(super) struct Stopped(watch::Receiver<bool>);

/// Both ends.
pub(super) fn stop() -> (Stop, Stopped) {
    let (sender, receiver) = watch::channel(false);
    (Stop(sender), Stopped(receiver))
}

impl Stop {
    pub(super) fn ask(&self) {
        self.0.send_replace(true);
    }
}

impl Stopped {
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
    let done = match timeout(HOOK_LIMIT, panic::caught(hook)).await {
        Ok(done) => done,
        Err(_) => Err(Error::of_type(
            "Function.Timeout",
            format!("it was still running after {} ms", HOOK_LIMIT.as_millis()),
            Vec::new(),
        )),
    };
    done.map_err(|error| RuntimeError::hook("on_shutdown", error, None))
}
