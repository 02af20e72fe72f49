//! Start-up work: what a function does once, before its first event.

use std::future::Future;

use futures::FutureExt;
use futures::future::LocalBoxFuture;

use crate::error::{Error, IntoError};

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
        Box::new(|| async { self().await.map_err(IntoError::into_error) }.boxed_local())
    }
}
