//! The state that handlers get: created, or still in the making by an `init` that outlasts Lambda's init phase.

use std::sync::OnceLock;

use futures::future::LocalBoxFuture;
use tokio::sync::watch;

use super::RuntimeError;
use crate::error::Error;

/// Where an event loop gets the state from.
pub(crate) enum StateSource<S: 'static> {
    Ready(&'static S),
    /// `init` is still running. Its result arrives here.
    Pending(watch::Receiver<InitResult<S>>),
}

/// The result of `init`; not set while it runs.
type InitResult<S> = OnceLock<Result<&'static S, Error>>;

/// Finishes an `init` that is still running, and passes its result to the event loops.
pub(super) struct PendingInit<S: 'static> {
    init: LocalBoxFuture<'static, Result<&'static S, Error>>,
    result: watch::Sender<InitResult<S>>,
}

impl<S> Clone for StateSource<S> {
    fn clone(&self) -> Self {
        match self {
            Self::Ready(state) => Self::Ready(state),
            Self::Pending(result) => Self::Pending(result.clone()),
        }
    }
}

impl<S> StateSource<S> {
    /// Creates the source of a state that `init` is still creating.
    pub(super) fn pending(init: LocalBoxFuture<'static, Result<&'static S, Error>>) -> (Self, PendingInit<S>) {
        let (sender, receiver) = watch::channel(OnceLock::new());
        (Self::Pending(receiver), PendingInit { init, result: sender })
    }

    /// Returns the state. Waits until `init` has returned.
    ///
    /// # Errors
    /// The error of `init`.
    pub(super) async fn get(&self) -> Result<&'static S, Error> {
        match self {
            Self::Ready(state) => Ok(state),
            Self::Pending(result) => match result.clone().wait_for(|result| result.get().is_some()).await {
                Ok(result) => result.get().cloned().unwrap_or_else(|| Err(init_dropped())),
                Err(_) => Err(init_dropped()),
            },
        }
    }

    /// Returns the state if it was created.
    pub(super) fn created(&self) -> Option<&'static S> {
        match self {
            Self::Ready(state) => Some(state),
            Self::Pending(result) => result.borrow().get()?.as_ref().ok().copied(),
        }
    }

    /// Returns why no event can be handled, if `init` failed.
    pub(super) fn failure(&self) -> Option<RuntimeError> {
        match self {
            Self::Ready(_) => None,
            Self::Pending(result) => {
                let error = result.borrow().get()?.as_ref().err()?.clone();
                Some(RuntimeError::hook("init", error, None))
            }
        }
    }
}

/// The process shuts down before `init` has returned.
fn init_dropped() -> Error {
    Error::new("`init` did not complete before the shutdown")
}

impl<S> PendingInit<S> {
    /// Waits until `init` has returned.
    pub(super) async fn finish(self) {
        let result = self.init.await;
        // The error means that no event loop is left.
        let _ = self.result.send(OnceLock::from(result));
    }
}
