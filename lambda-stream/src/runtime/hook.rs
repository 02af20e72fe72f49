//! Work around the invocations: what a function does before a snapshot, after it, and last of all.

use std::future::Future;

use futures::FutureExt;
use futures::future::LocalBoxFuture;

use crate::error::{Error, IntoError};

/// Work around the invocations: an `async fn()` or `async fn(&S)`, where `S` is the state that `init` made, that returns
/// `()` or `Result<(), E>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a hook for the state `{S}`",
    label = "not an `async fn()` or `async fn(&{S})` that returns `()` or `Result<(), E>`",
    note = "`E` is any `std::error::Error`, a `Box<dyn Error>`, `String` or `lambda_stream::Error`"
)]
pub trait Hook<S: 'static, K> {
    /// Puts the work off.
    fn boxed(self) -> BoxedHook<S>;
}

/// Work that has not begun.
pub(super) type BoxedHook<S> = Box<dyn FnOnce(&'static S) -> LocalBoxFuture<'static, Result<(), Error>> + Send>;

/// The hooks of a function.
pub(super) struct Hooks<S: 'static> {
    pub(super) before_snapshot: Option<BoxedHook<S>>,
    pub(super) after_restore: Option<BoxedHook<S>>,
    pub(super) on_shutdown: Option<BoxedHook<S>>,
}

impl Hooks<()> {
    pub(super) fn none() -> Self {
        Self {
            before_snapshot: None,
            after_restore: None,
            on_shutdown: None,
        }
    }

    /// The same, for a function with a state that they do not ask for.
    pub(super) fn beside<S>(self) -> Hooks<S> {
        let beside = |hook: BoxedHook<()>| -> BoxedHook<S> { Box::new(|_| hook(&())) };
        Hooks {
            before_snapshot: self.before_snapshot.map(beside),
            after_restore: self.after_restore.map(beside),
            on_shutdown: self.on_shutdown.map(beside),
        }
    }
}

/// The markers of [`Hook`], which the compiler infers.
mod kind {
    use std::marker::PhantomData;

    /// A hook that takes nothing; `K` is the kind of what it returns.
    #[derive(Debug)]
    pub struct Bare<K>(PhantomData<K>);
    /// A hook that takes the state.
    #[derive(Debug)]
    pub struct WithState<K>(PhantomData<K>);
    /// It cannot fail.
    #[derive(Debug)]
    pub enum Unit {}
}

/// What a hook may return.
pub trait IntoDone<K> {
    /// Whether it was done.
    fn into_done(self) -> Result<(), Error>;
}

impl IntoDone<kind::Unit> for () {
    fn into_done(self) -> Result<(), Error> {
        Ok(())
    }
}

impl<E, K> IntoDone<K> for Result<(), E>
where
    E: IntoError<K>,
{
    fn into_done(self) -> Result<(), Error> {
        self.map_err(IntoError::into_error)
    }
}

#[diagnostic::do_not_recommend]
impl<F, O, S, K> Hook<S, kind::Bare<K>> for F
where
    F: FnOnce() -> O + Send + 'static,
    O: Future<Output: IntoDone<K>> + 'static,
    S: 'static,
{
    fn boxed(self) -> BoxedHook<S> {
        Box::new(|_| async { self().await.into_done() }.boxed_local())
    }
}

#[diagnostic::do_not_recommend]
impl<F, O, S, K> Hook<S, kind::WithState<K>> for F
where
    F: FnOnce(&'static S) -> O + Send + 'static,
    O: Future<Output: IntoDone<K>> + 'static,
    S: 'static,
{
    fn boxed(self) -> BoxedHook<S> {
        Box::new(|state| async move { self(state).await.into_done() }.boxed_local())
    }
}
