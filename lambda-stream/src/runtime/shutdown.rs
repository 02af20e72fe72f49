//! Shutdown: the signal from the runtime to its event loops, and the `on_shutdown` hook.

use std::future::Future;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{process, thread};

use tokio::sync::watch;
use tokio::time::timeout;

use super::RuntimeError;
use crate::error::Error;
use crate::protocol::{HANDLER_TIMEOUT, SHUTDOWN_HOOK_TIMEOUT};
use crate::{panic, stderr};

/// How long after the timeout of a hook the watchdog exits the process. A hook that does not block its thread ends before.
const WATCHDOG_DELAY: Duration = Duration::from_millis(20);

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
///
/// A hook that blocks its thread also blocks the timer of the timeout. A watchdog thread then logs the error and exits
/// the process with status 1, because Lambda kills the process soon after.
pub(super) async fn run_hook(hook: impl Future<Output = Result<(), Error>>) -> Result<(), RuntimeError> {
    let started = Instant::now();
    let watchdog = Watchdog::start();
    let mut result = timeout(SHUTDOWN_HOOK_TIMEOUT, panic::catch(hook))
        .await
        .unwrap_or_else(|_| Err(hook_timeout()));
    drop(watchdog);
    // A hook that blocks the thread past the timeout completes at its first poll, before the timeout is checked.
    if result.is_ok() && started.elapsed() > SHUTDOWN_HOOK_TIMEOUT {
        result = Err(hook_timeout());
    }
    result.map_err(hook_error)
}

fn hook_timeout() -> Error {
    Error::of_type(
        HANDLER_TIMEOUT,
        format!(
            "the hook was still running after {} ms",
            SHUTDOWN_HOOK_TIMEOUT.as_millis()
        ),
        Vec::new(),
    )
}

fn hook_error(error: Error) -> RuntimeError {
    RuntimeError::hook("on_shutdown", error, None)
}

/// Exits the process if it is not dropped within [`SHUTDOWN_HOOK_TIMEOUT`] and [`WATCHDOG_DELAY`].
struct Watchdog {
    /// Dropping it ends the thread. `None` if the thread could not be started.
    _alive: Option<mpsc::Sender<()>>,
}

impl Watchdog {
    fn start() -> Self {
        let (alive, dropped) = mpsc::channel();
        let watch = move || {
            let result = dropped.recv_timeout(SHUTDOWN_HOOK_TIMEOUT + WATCHDOG_DELAY);
            if result == Err(mpsc::RecvTimeoutError::Timeout) {
                let error = hook_error(hook_timeout());
                log!(ERROR, "{error}");
                stderr::flush();
                process::exit(error.exit_status().into());
            }
        };
        let thread = thread::Builder::new().name("lambda-stream-shutdown".to_owned());
        Self {
            _alive: thread.spawn(watch).is_ok().then_some(alive),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn request_reaches_every_listener() {
        let (shutdown, mut listener) = channel();
        let mut other = listener.clone();
        assert!(!listener.is_requested() && !other.is_requested());
        assert!(listener.requested().now_or_never().is_none());
        shutdown.request();
        assert!(listener.is_requested() && other.is_requested());
        listener.requested().await;
        other.requested().await;
    }
}
