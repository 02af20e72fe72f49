//! Concurrent invocations: one event loop for each of them.
//!
//! Lambda sends a process more than one invocation at a time only on Lambda Managed Instances.

use std::future::{Future, pending};
use std::pin::pin;

use futures::future::{Either, select};
use tokio::task::JoinSet;

use super::RuntimeError;
use super::shutdown::{self, ShutdownListener};
use crate::signals::{ShutdownSignal, Signals};

/// Runs `max_concurrency` event loops until a signal requests the shutdown, and returns when all of them have ended.
///
/// A loop that fails does not stop the others. Each loop is a task, even if there is only one: to wake the future of
/// `block_on` takes two system calls, to wake a task takes none.
///
/// # Errors
/// All loops failed. Returns the error of the last one; the others are logged.
pub(super) async fn run<F>(
    max_concurrency: usize,
    mut signals: Signals,
    event_loop: impl Fn(ShutdownListener) -> F,
) -> Result<(), RuntimeError>
where
    F: Future<Output = Result<(), RuntimeError>> + Send + 'static,
{
    let (shutdown, listener) = shutdown::channel();
    let mut loops = JoinSet::new();
    for _ in 0..max_concurrency {
        // Boxed, because spawning moves the future eight times, and it has 8 KiB: each move is two pages of stack or heap.
        loops.spawn(Box::pin(event_loop(listener.clone())));
    }
    match select(pin!(join_all(loops)), pin!(signals.recv())).await {
        Either::Left((result, _)) => result,
        Either::Right((signal, loops)) => {
            if signal == ShutdownSignal::Interrupt {
                log!(
                    INFO,
                    "interrupted: waiting for running invocations to end; press Ctrl-C again to exit immediately"
                );
            }
            shutdown.request();
            loops.await
        }
    }
}

/// Waits until all event loops have ended. A loop ends without an error only at shutdown, when no further event is
/// needed: then the errors of the other loops are only logged.
async fn join_all(mut loops: JoinSet<Result<(), RuntimeError>>) -> Result<(), RuntimeError> {
    let total = loops.len();
    let mut is_shutdown = false;
    while let Some(result) = loops.join_next().await {
        match result {
            Ok(Ok(())) => is_shutdown = true,
            Ok(Err(error)) if loops.is_empty() && !is_shutdown => return Err(error),
            Ok(Err(error)) => log!(
                WARN,
                "{error}; {} of {total} event loops are still running",
                loops.len()
            ),
            // The library itself panicked: panics of handlers are caught. A task without a panic was canceled, because
            // the tokio runtime is shutting down.
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => return pending().await,
            },
        }
    }
    Ok(())
}
