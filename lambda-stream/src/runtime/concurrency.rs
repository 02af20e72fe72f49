//! How many invocations one process answers at once: one, but on Lambda Managed Instances.

use std::future::{Future, pending};
use std::pin::pin;

use futures::future::{Either, select};
use tokio::task::JoinSet;

use super::shutdown::{self, ShutdownListener};
use super::{Ended, RuntimeError};
use crate::logging;
use crate::signals::{ShutdownSignal, Signals};

/// What `AWS_LAMBDA_MAX_CONCURRENCY` says, at least one.
pub(super) fn at_once() -> usize {
    let said = std::env::var("AWS_LAMBDA_MAX_CONCURRENCY").ok();
    said.and_then(|text| text.parse().ok()).unwrap_or(1).max(1)
}

/// Runs so many loops at once, until a signal asks the process to end. One that fails does not end the others: this ends
/// with the last of them, with its error.
///
/// Each is a task of its own, even the only one: to wake what `block_on` waits for costs two system calls, to wake a
/// task costs none.
pub(super) async fn run<F>(
    at_once: usize,
    mut signals: Signals,
    serve: impl Fn(ShutdownListener) -> F,
) -> Result<(), RuntimeError>
where
    F: Future<Output = Result<Ended, RuntimeError>> + Send + 'static,
{
    let (stop, stopped) = shutdown::stop();
    let mut loops = JoinSet::new();
    for _ in 0..at_once {
        loops.spawn(serve(stopped.clone()));
    }
    match select(pin!(all(loops)), pin!(signals.recv())).await {
        Either::Left((ended, _)) => ended,
        Either::Right((asked, all)) => {
            if asked == ShutdownSignal::Interrupt {
                logging::line("interrupted: what is being answered may end; a second Ctrl-C ends it at once");
            }
            stop.ask();
            all.await
        }
    }
}

/// Waits for all loops. They succeeded if one ended because it was asked to, since no event is wanted then.
async fn all(mut loops: JoinSet<Result<Ended, RuntimeError>>) -> Result<(), RuntimeError> {
    let at_once = loops.len();
    let mut asked = false;
    while let Some(ended) = loops.join_next().await {
        match ended {
            Ok(Ok(Ended)) => asked = true,
            Ok(Err(failed)) if loops.is_empty() && !asked => return Err(failed),
            Ok(Err(failed)) => logging::line(format_args!("{failed}; of {at_once} loops, {} go on", loops.len())),
            // A panic of our own: a handler's are caught. Without one, the asynchronous runtime is shutting down.
            Err(ended) => match ended.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => return pending().await,
            },
        }
    }
    Ok(())
}
