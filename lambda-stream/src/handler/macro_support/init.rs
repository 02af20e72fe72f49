//! Checks the function of the argument `init`. Each part of its type is required apart, so that the compiler names the part
//! that does not fit.

use std::future::Future;

use crate::error::IntoError;
use crate::handler::marker;
use crate::runtime::BoxedInit;

/// Returns the `init` function, boxed.
pub fn init<F, K, O, R, S, E, M>(function: F) -> BoxedInit<S>
where
    F: InitFunction<K, Returned = O> + Send + 'static,
    O: InitFuture<Output = R> + 'static,
    R: InitResult<State = S, Error = E>,
    E: IntoError<M>,
{
    BoxedInit::new(move || async { function.call().await.into_result() })
}

/// A function without parameters.
#[diagnostic::on_unimplemented(
    message = "`init` must be a function without parameters",
    label = "not an `async fn()`",
    note = "write an `async fn setup() -> Result<State, lambda_stream::Error>` that calls it with its arguments, and `init = setup`"
)]
pub trait InitFunction<K> {
    /// What the function returns.
    type Returned;

    /// Calls the function.
    fn call(self) -> Self::Returned;
}

#[diagnostic::do_not_recommend]
impl<F: FnOnce() -> O, O> InitFunction<marker::Function> for F {
    type Returned = O;

    fn call(self) -> O {
        self()
    }
}

#[diagnostic::do_not_recommend]
impl<F: marker::Never> InitFunction<marker::Unsupported> for F {
    type Returned = ();

    fn call(self) {}
}

/// The return value of an async function.
#[diagnostic::on_unimplemented(
    message = "`init` must be async",
    label = "a function that is not async and returns `{Self}`",
    note = "write `async fn`; or write an `async fn setup() -> Result<State, lambda_stream::Error>` that calls it, and `init = setup`"
)]
pub trait InitFuture: Future {}

#[diagnostic::do_not_recommend]
impl<O: Future> InitFuture for O {}

/// The output of the `init` function: a `Result`.
#[diagnostic::on_unimplemented(
    message = "`init` must return a `Result`, found `{Self}`",
    label = "write `-> Result<{Self}, lambda_stream::Error>`",
    note = "if the function is not yours, write an `async fn setup() -> Result<{Self}, lambda_stream::Error>` that calls it, and `init = setup`"
)]
pub trait InitResult {
    /// The type of the state.
    type State;
    /// The type of the error.
    type Error;

    /// Returns the result.
    ///
    /// # Errors
    /// That of the function.
    fn into_result(self) -> Result<Self::State, Self::Error>;
}

impl<S, E> InitResult for Result<S, E> {
    type State = S;
    type Error = E;

    fn into_result(self) -> Self {
        self
    }
}
