//! The hooks: functions of the user that run before a snapshot, after it is restored, and at shutdown.

use std::future::{Future, ready};

use futures::FutureExt;
use futures::future::LocalBoxFuture;

use crate::error::{Error, IntoError};
use crate::panic;

/// A function that runs at a step of the process's lifecycle: an `async fn()` or `async fn(&S)` that returns `()` or
/// `Result<(), E>`. See [`Runtime::on_shutdown`](crate::Runtime::on_shutdown) for an example.
///
/// `S` is the state that `init` created. `E` is any error type that a handler may return. This trait is sealed: it
/// cannot be implemented outside of this crate.
///
/// # Examples
/// ```
/// use lambda_stream::{Hook, Runtime};
///
/// /// Sets the same hook for the snapshot and for the end of the process.
/// fn close_with<M>(runtime: Runtime, hook: impl Hook<(), M> + Copy) -> Runtime {
///     runtime.before_snapshot(hook).on_shutdown(hook)
/// }
///
/// async fn close_connections() {}
///
/// let runtime = close_with(Runtime::new(), close_connections);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a hook for the state `{S}`",
    label = "not an `async fn()` or `async fn(&{S})` that returns `()` or `Result<(), E>`",
    note = "`E` is any `std::error::Error`, a `Box<dyn Error>`, a string or `lambda_stream::Error`",
    note = "a hook that takes the state is set after the state is known: write `.init(…)` before it",
    note = "a hook is passed, and not called: remove the parentheses behind its name"
)]
pub trait Hook<S: 'static, M> {
    /// Boxes the hook so that it can run later.
    #[doc(hidden)]
    fn boxed(self) -> BoxedHook<S>;
}

/// A boxed hook.
pub struct BoxedHook<S: 'static>(
    // `None` after the hook was run.
    Option<Box<HookFn<S>>>,
);

type HookFn<S> = dyn FnOnce(&'static S) -> LocalBoxFuture<'static, Result<(), Error>> + Send;

/// A hook that does not run may own values whose destructors panic.
impl<S> Drop for BoxedHook<S> {
    fn drop(&mut self) {
        panic::drop_caught(self.0.take());
    }
}

impl<S> BoxedHook<S> {
    fn new<O, M>(hook: impl FnOnce(&'static S) -> O + Send + 'static) -> Self
    where
        O: Future<Output: IntoHookResult<M>> + 'static,
    {
        // The hook is called inside of the future, so that a panic of the call is caught too.
        Self(Some(Box::new(|state| {
            async move { hook(state).await.into_hook_result() }.boxed_local()
        })))
    }

    /// Runs the hook.
    pub(super) fn run(mut self, state: &'static S) -> LocalBoxFuture<'static, Result<(), Error>> {
        match self.0.take() {
            Some(hook) => hook(state),
            None => ready(Ok(())).boxed_local(),
        }
    }

    /// Converts a hook of a function without a state to a hook that ignores the state.
    fn ignoring_state(hook: BoxedHook<()>) -> Self {
        Self(Some(Box::new(|_| hook.run(&()))))
    }
}

/// The hooks of a function.
#[derive(Default)]
pub(super) struct Hooks<S: 'static> {
    pub(super) before_snapshot: Option<BoxedHook<S>>,
    pub(super) after_restore: Option<BoxedHook<S>>,
    pub(super) on_shutdown: Option<BoxedHook<S>>,
}

impl Hooks<()> {
    /// Converts hooks that were set before `init` was: they ignore the state.
    pub(super) fn ignoring_state<S>(self) -> Hooks<S> {
        Hooks {
            before_snapshot: self.before_snapshot.map(BoxedHook::ignoring_state),
            after_restore: self.after_restore.map(BoxedHook::ignoring_state),
            on_shutdown: self.on_shutdown.map(BoxedHook::ignoring_state),
        }
    }
}

/// Marker types of [`Hook`] and [`IntoHookResult`], which the compiler infers.
mod marker {
    use std::marker::PhantomData;

    /// A hook without parameters. `M` is the marker of its return type.
    #[derive(Debug)]
    pub struct WithoutState<M>(PhantomData<M>);
    /// A hook that takes the state. `M` is the marker of its return type.
    #[derive(Debug)]
    pub struct WithState<M>(PhantomData<M>);
    /// A hook that returns `()`.
    #[derive(Debug)]
    pub enum Unit {}
}

/// The return type of a hook.
pub trait IntoHookResult<M> {
    /// Converts the return value.
    fn into_hook_result(self) -> Result<(), Error>;
}

impl IntoHookResult<marker::Unit> for () {
    fn into_hook_result(self) -> Result<(), Error> {
        Ok(())
    }
}

impl<E, M> IntoHookResult<M> for Result<(), E>
where
    E: IntoError<M>,
{
    fn into_hook_result(self) -> Result<(), Error> {
        self.map_err(IntoError::into_error)
    }
}

#[diagnostic::do_not_recommend]
impl<F, O, S, M> Hook<S, marker::WithoutState<M>> for F
where
    F: FnOnce() -> O + Send + 'static,
    O: Future<Output: IntoHookResult<M>> + 'static,
    S: 'static,
{
    fn boxed(self) -> BoxedHook<S> {
        BoxedHook::new(|_| self())
    }
}

#[diagnostic::do_not_recommend]
impl<F, O, S, M> Hook<S, marker::WithState<M>> for F
where
    F: FnOnce(&'static S) -> O + Send + 'static,
    O: Future<Output: IntoHookResult<M>> + 'static,
    S: 'static,
{
    fn boxed(self) -> BoxedHook<S> {
        BoxedHook::new(self)
    }
}
