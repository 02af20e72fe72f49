//! The handler as a `tower` service, which the layers of [`Runtime::layer`](crate::Runtime::layer) wrap.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::BoxFuture;
use tower_layer::Layer;
use tower_service::Service;

use crate::error::{BoxError, Error, IntoError};
use crate::handler::{Handler, Invocation};

/// A `tower` service that handles invocations: the handler, wrapped by the layers of
/// [`Runtime::layer`](crate::Runtime::layer).
///
/// It is implemented for every service with these types, and need not be implemented by hand. `call` returns when the
/// handler has returned and everything that it wrote is in the invocation's buffer.
///
/// # Examples
/// ```
/// use lambda_stream::InvocationService;
///
/// /// What a layer may require of the service that it wraps.
/// struct Logged<T: InvocationService<()>>(T);
/// ```
#[diagnostic::on_unimplemented(
    message = "the service `{Self}` cannot handle invocations",
    label = "not a service of `Invocation<{S}>` for `Runtime::layer`",
    note = "it implements `tower::Service<lambda_stream::Invocation<{S}>, Response = ()>`, is `Clone + Send + 'static`, its error converts to a `Box<dyn std::error::Error + Send + Sync>`, and its future is `Send`"
)]
pub trait InvocationService<S: 'static>:
    Service<Invocation<S>, Response = (), Error: Into<BoxError>, Future: Send> + Clone + Send + 'static
{
}

#[diagnostic::do_not_recommend]
impl<T, S: 'static> InvocationService<S> for T where
    T: Service<Invocation<S>, Response = (), Error: Into<BoxError>, Future: Send> + Clone + Send + 'static
{
}

/// The layers of [`Runtime::layer`](crate::Runtime::layer), around a handler.
///
/// It is implemented for every [`tower_layer::Layer`] whose service is an [`InvocationService`], and need not be implemented
/// by hand. [`Runtime::layer`](crate::Runtime::layer) has an example of a service.
#[diagnostic::on_unimplemented(
    message = "a layer of this `Runtime` cannot wrap the service of its invocations",
    label = "`.layer(…)` before this call got no layer of `tower::Service<lambda_stream::Invocation<{S}>, Response = ()>`",
    note = "a layer of HTTP requests belongs to the router: write `app.layer(…)`",
    note = "a function that wraps the service is made a layer by `tower_layer::layer_fn(…)`",
    note = "the service that the layer returns is `Clone + Send + 'static`, its error converts to a `Box<dyn std::error::Error + Send + Sync>`, and its future is `Send`"
)]
pub trait InvocationLayer<S: 'static, H, M> {
    /// The service around the handler.
    #[doc(hidden)]
    type Service: InvocationService<S>;

    /// Wraps the handler.
    #[doc(hidden)]
    fn wrap(&self, handler: HandlerService<H, S, M>) -> Self::Service;
}

#[diagnostic::do_not_recommend]
impl<L, S: 'static, H, M> InvocationLayer<S, H, M> for L
where
    L: Layer<HandlerService<H, S, M>, Service: InvocationService<S>>,
{
    type Service = L::Service;

    fn wrap(&self, handler: HandlerService<H, S, M>) -> Self::Service {
        self.layer(handler)
    }
}

/// Calls the handler for each invocation: the service that the first layer of [`Runtime::layer`](crate::Runtime::layer)
/// wraps.
pub struct HandlerService<H, S, M> {
    handler: Arc<H>,
    marker: PhantomData<fn(S) -> M>,
}

impl<H, S, M> HandlerService<H, S, M> {
    pub(crate) fn new(handler: Arc<H>) -> Self {
        Self {
            handler,
            marker: PhantomData,
        }
    }
}

impl<H, S, M> Clone for HandlerService<H, S, M> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.handler))
    }
}

impl<H, S, M> fmt::Debug for HandlerService<H, S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerService").finish_non_exhaustive()
    }
}

impl<H, S, M> Service<Invocation<S>> for HandlerService<H, S, M>
where
    S: Send + Sync + 'static,
    H: Handler<S, M> + 'static,
    M: 'static,
{
    type Response = ();
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<(), BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, invocation: Invocation<S>) -> Self::Future {
        let handler = Arc::clone(&self.handler);
        async move { handler.call(invocation).await.map_err(BoxError::from) }.boxed()
    }
}

/// Waits until `service` is ready, and calls it.
///
/// # Errors
/// The error of the handler, unchanged, or of a layer.
pub(super) async fn call<S: 'static>(
    service: &mut impl InvocationService<S>,
    invocation: Invocation<S>,
) -> Result<(), Error> {
    let result = async {
        poll_fn(|cx| service.poll_ready(cx)).await.map_err(Into::into)?;
        service.call(invocation).await.map_err(Into::into)
    };
    result.await.map_err(|error: BoxError| error.into_error())
}
