//! How many invocations one process answers at once: one, but on Lambda Managed Instances.

use std::convert::Infallible;
use std::future::{Future, pending};

use tokio::task::JoinSet;

use super::RuntimeError;
use crate::logging;

/// What `AWS_LAMBDA_MAX_CONCURRENCY` says, at least one.
pub(super) fn at_once() -> usize {
    let said = std::env::var("AWS_LAMBDA_MAX_CONCURRENCY").ok();
    said.and_then(|text| text.parse().ok()).unwrap_or(1).max(1)
}

/// Runs so many loops at once. One that fails does not end the others: this ends with the last of them, with its error.
///
/// Each is a task of its own, even the only one: to wake what `block_on` waits for costs two system calls, to wake a
/// task costs none.
pub(super) async fn run<F>(at_once: usize, serve: impl Fn() -> F) -> Result<Infallible, RuntimeError>
where
    F: Future<Output = Result<Infallible, RuntimeError>> + Send + 'static,
{
    let mut loops = JoinSet::new();
    for _ in 0..at_once {
        loops.spawn(serve());
    }
    while let Some(ended) = loops.join_next().await {
        match ended {
            Ok(failed) if loops.is_empty() => return failed,
            Ok(Ok(never)) => match never {},
            Ok(Err(failed)) => logging::line(format_args!("{failed}; of {at_once} loops, {} go on", loops.len())),
            // A panic of our own: a handler's are caught. Without one, the asynchronous runtime is shutting down.
            Err(ended) => match ended.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => break,
            },
        }
    }
    pending().await
}
