//! Start-up work: what a function does once, before its first event.

use std::future::Future;

use futures::FutureExt;
use futures::future::LocalBoxFuture;

use super::RuntimeError;
use crate::client::Client;
use crate::error::{Error, IntoError};
use crate::panic;

/// Start-up work: an `async fn() -> Result<S, E>` that makes the state.
#[diagnostic::on_unimplemented(
    message = "`init` names an `async fn() -> Result<S, E>`, which this is not",
    label = "not an `async fn() -> Result<S, E>`",
    note = "`S` is the state, which handlers take as `&S`; `E` is any `std::error::Error`, a `Box<dyn Error>`, `String` or `lambda_stream::Error`"
)]
pub trait Init<S, K> {
    /// Puts the work off.
    fn boxed(self) -> BoxedInit<S>;
}

/// Start-up work that has not begun.
pub(super) type BoxedInit<S> = Box<dyn FnOnce() -> LocalBoxFuture<'static, Result<S, Error>> + Send>;

#[diagnostic::do_not_recommend]
impl<F, O, S, E, K> Init<S, K> for F
where
    F: FnOnce() -> O + Send + 'static,
    O: Future<Output = Result<S, E>> + 'static,
    E: IntoError<K>,
{
    fn boxed(self) -> BoxedInit<S> {
        // The call is part of the work: what panics in it is caught as well.
        Box::new(|| async { self().await.map_err(IntoError::into_error) }.boxed_local())
    }
}

/// Makes the state.
pub(super) async fn run<S: 'static>(client: &Client, init: BoxedInit<S>) -> Result<&'static S, RuntimeError> {
    let state = told(client, "init", init()).await?;
    // Once a process: this is what lets a handler keep `&'static S`, in a spawned task as well.
    Ok(Box::leak(Box::new(state)))
}

/// Does what comes before the first event, under this name. Where that fails, Lambda is told.
pub(super) async fn told<T>(
    client: &Client,
    name: &'static str,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, RuntimeError> {
    match panic::caught(work).await {
        Ok(done) => Ok(done),
        Err(error) => {
            let untold = client.report_init(&error).await.err();
            Err(RuntimeError::hook(name, error, untold))
        }
    }
}
