//! The `init` function, which creates the state before the first event.

use std::future::Future;
use std::time::Duration;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use tokio::time::timeout;

use super::RuntimeError;
use crate::client::Client;
use crate::error::{Error, IntoError};
use crate::handler::marker;
use crate::panic;

/// A function that creates the state: an `async fn() -> Result<S, E>`, the argument of
/// [`Runtime::init`](crate::Runtime::init).
///
/// `E` is any error type that a handler may return. This trait is sealed: it cannot be implemented outside of this
/// crate.
///
/// # Examples
/// ```
/// use lambda_stream::{Init, Runtime};
///
/// fn with_state<S: 'static, M>(init: impl Init<S, M>) -> Runtime<S> {
///     Runtime::new().init(init)
/// }
///
/// async fn setup() -> Result<u32, std::io::Error> {
///     Ok(17)
/// }
///
/// let runtime: Runtime<u32> = with_state(setup);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be used as `init`",
    label = "not an `async fn() -> Result<S, E>`",
    note = "to call a method, a function with parameters or one that is not async, write an `async fn setup() -> Result<S, E>` that calls it",
    note = "pass the function itself, `init(setup)`, and not a call of it: remove the parentheses behind its name",
    note = "for a value that exists already, write `init(async || Ok::<_, Error>(value))`",
    note = "`S` is the state, which handlers take as `&S`; `E` is any `std::error::Error`, a `Box<dyn Error>`, a string or `lambda_stream::Error`"
)]
pub trait Init<S, M> {
    /// Boxes the function so that it can run later.
    #[doc(hidden)]
    fn boxed(self) -> BoxedInit<S>;
}

/// The `init` function of a [`Runtime`](crate::Runtime), boxed so that it can run later.
///
/// # Examples
/// ```
/// use lambda_stream::testing::Invocation;
/// use lambda_stream::{ResponseStream, Runtime, StreamError};
///
/// async fn setup() -> Result<String, std::io::Error> {
///     Ok("hello".to_owned())
/// }
///
/// async fn handler(greeting: &String, mut stream: ResponseStream) -> Result<(), StreamError> {
///     stream.write(greeting).await
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// // The invocation has the `init` function of the runtime.
/// let invocation = Invocation::new(()).runtime(Runtime::new().init(setup));
/// invocation.run(handler).await.assert_body("hello");
/// # }
/// ```
pub struct BoxedInit<S>(Box<dyn FnOnce() -> LocalBoxFuture<'static, Result<S, Error>> + Send>);

impl<S> BoxedInit<S> {
    pub(crate) fn new<O, E, M>(init: impl FnOnce() -> O + Send + 'static) -> Self
    where
        O: Future<Output = Result<S, E>> + 'static,
        E: IntoError<M>,
    {
        // The function is called inside of the future, so that a panic of the call is caught too.
        Self(Box::new(|| {
            async { init().await.map_err(IntoError::into_error) }.boxed_local()
        }))
    }

    /// Installs the library's subscriber when the function has returned, unless it has installed another.
    #[cfg(feature = "logging")]
    pub(super) fn with_logging(self) -> Self
    where
        S: 'static,
    {
        Self(Box::new(|| {
            crate::logging::attribute::during_init((self.0)()).boxed_local()
        }))
    }

    /// Runs the function.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn run(self) -> LocalBoxFuture<'static, Result<S, Error>> {
        (self.0)()
    }
}

#[diagnostic::do_not_recommend]
impl<F, O, S, E, M> Init<S, M> for F
where
    F: FnOnce() -> O + Send + 'static,
    O: Future<Output = Result<S, E>> + 'static,
    E: IntoError<M>,
{
    fn boxed(self) -> BoxedInit<S> {
        BoxedInit::new(self)
    }
}

/// The attribute boxes the function itself.
#[diagnostic::do_not_recommend]
impl<S> Init<S, marker::Boxed> for BoxedInit<S> {
    fn boxed(self) -> Self {
        self
    }
}

/// The result of [`run`].
pub(super) enum Initialized<S: 'static> {
    /// `init` returned the state.
    Done(&'static S),
    /// `init` is still running.
    Running(LocalBoxFuture<'static, Result<&'static S, Error>>),
}

/// Runs `init`, for at most `limit`. The state is leaked, once per process, so that handlers can keep a `&'static S`, also
/// in spawned tasks.
pub(super) async fn run<S: 'static>(
    client: &Client,
    init: BoxedInit<S>,
    limit: Option<Duration>,
) -> Result<Initialized<S>, RuntimeError> {
    let mut running = async {
        let state = panic::catch((init.0)()).await?;
        Ok(&*Box::leak(Box::new(state)))
    }
    .boxed_local();
    let within_limit = async {
        match limit {
            Some(limit) => timeout(limit, &mut running).await.ok().transpose(),
            None => (&mut running).await.map(Some),
        }
    };
    match run_or_report(client, "init", within_limit).await? {
        Some(state) => Ok(Initialized::Done(state)),
        None => Ok(Initialized::Running(running)),
    }
}

/// Runs a step of the init phase. If it returns an error or panics, reports that to Lambda.
///
/// # Errors
/// The error of the step, with `name` and, if the report failed, the reason for that.
pub(super) async fn run_or_report<T>(
    client: &Client,
    name: &'static str,
    step: impl Future<Output = Result<T, Error>>,
) -> Result<T, RuntimeError> {
    match panic::catch(step).await {
        Ok(value) => Ok(value),
        Err(error) => {
            let report_error = client.report_init_error(&error).await.err();
            Err(RuntimeError::hook(name, error, report_error))
        }
    }
}
