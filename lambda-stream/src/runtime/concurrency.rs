//! Concurrent invocations: one event loop for each of them.
//!
//! Lambda sends a process more than one invocation at a time only on Lambda Managed Instances.

use std::future::{Future, pending};
use std::num::IntErrorKind;
use std::pin::pin;

use futures::future::{Either, select};
use tokio::task::JoinSet;

use super::RuntimeError;
use super::shutdown::{self, ShutdownListener};
use crate::protocol::MAX_CONCURRENCY;
use crate::signals::{ShutdownSignal, Signals};

/// How many invocations Lambda sends to this process at a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Concurrency {
    requested: u64,
}

impl Concurrency {
    /// Reads `AWS_LAMBDA_MAX_CONCURRENCY`.
    pub(super) fn from_env() -> Self {
        Self::parse(&std::env::var("AWS_LAMBDA_MAX_CONCURRENCY").unwrap_or_default())
    }

    /// A value that is not a positive number counts as 1.
    fn parse(value: &str) -> Self {
        let requested = match value.parse::<u64>() {
            Ok(requested) => requested.max(1),
            Err(error) if *error.kind() == IntErrorKind::PosOverflow => u64::MAX,
            Err(_) => 1,
        };
        Self { requested }
    }

    /// Returns how many events the runtime polls for at a time: at least 1, at most [`MAX_CONCURRENCY`].
    pub(super) fn event_loops(self) -> usize {
        usize::try_from(self.requested).map_or(MAX_CONCURRENCY, |requested| requested.min(MAX_CONCURRENCY))
    }

    fn is_capped(self) -> bool {
        self.requested > MAX_CONCURRENCY as u64
    }

    /// Logs that fewer event loops run than `AWS_LAMBDA_MAX_CONCURRENCY` says.
    pub(super) fn log_if_capped(self) {
        if self.is_capped() {
            log!(
                WARN,
                "AWS_LAMBDA_MAX_CONCURRENCY is greater than {MAX_CONCURRENCY}, the maximum of Lambda: the runtime polls \
                 for {MAX_CONCURRENCY} events at a time"
            );
        }
    }
}

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
        loops.spawn(event_loop(listener.clone()));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_loops_are_between_1_and_maximum() {
        for (value, event_loops) in [
            ("", 1),
            ("many", 1),
            ("-5", 1),
            ("0", 1),
            ("1", 1),
            ("64", 64),
            ("1600", 1600),
            ("1601", 1600),
            ("9999", 1600),
            ("99999999999999999999999", 1600),
        ] {
            assert_eq!(Concurrency::parse(value).event_loops(), event_loops, "{value}");
        }
    }

    #[test]
    fn only_values_above_maximum_are_capped() {
        for (value, is_capped) in [
            ("", false),
            ("1", false),
            ("1600", false),
            ("1601", true),
            ("9999", true),
        ] {
            assert_eq!(Concurrency::parse(value).is_capped(), is_capped, "{value}");
        }
    }
}
