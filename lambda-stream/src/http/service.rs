//! Runs a `tower` service as a handler.

use std::fmt;
use std::future::{Future, poll_fn};
use std::sync::{Mutex, PoisonError};

use bytes::Buf;
use http::{Request, Response, Uri};
use http_body::Body as HttpBody;
use tower_service::Service;

use super::body::Body;
use super::{request, response};
use crate::error::{BoxError, Error};
use crate::handler::{Handler, Invocation, marker, send_response};
use crate::runtime::{Runtime, RuntimeError};

/// Serves HTTP requests with a `tower` service, such as an `axum::Router`, until the process ends.
///
/// It replaces `axum::serve(listener, router).await`:
///
/// ```no_run
/// # use std::convert::Infallible;
/// # use http::{Request, Response};
/// # use lambda_stream::http::Body;
/// # #[derive(Clone)]
/// # struct Router;
/// # impl tower_service::Service<Request<Body>> for Router {
/// #     type Response = Response<Body>;
/// #     type Error = Infallible;
/// #     type Future = std::future::Ready<Result<Self::Response, Infallible>>;
/// #     fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Infallible>> {
/// #         std::task::Poll::Ready(Ok(()))
/// #     }
/// #     fn call(&mut self, _: Request<Body>) -> Self::Future {
/// #         std::future::ready(Ok(Response::default()))
/// #     }
/// # }
/// # let router = Router;
/// # async {
/// lambda_stream::http::run(router).await
/// # };
/// ```
///
/// # Errors
/// Returns the errors of [`Runtime::run`].
pub async fn run<T, B>(service: T) -> Result<(), RuntimeError>
where
    T: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>, Future: Send> + Clone + Send + 'static,
    B: HttpBody<Data: Buf, Error: Into<BoxError>> + Send + 'static,
{
    Runtime::new().run(self::service(service)).await
}

/// Converts a `tower` service to a handler, for a [`Runtime`] with its own settings.
///
/// Each invocation clones the service, waits until the clone is [ready](Service::poll_ready), and calls it once. The URI of
/// the request is its path and query, without scheme and host. [Extensions](crate::http#parts-of-a-request) contain the rest
/// of the event.
///
/// If the service returns an error, the invocation fails with it. To send a status and headers to the caller, return a
/// response.
pub fn service<T>(service: T) -> ServiceHandler<T> {
    ServiceHandler(Mutex::new(service))
}

/// A `tower` service as a handler. [`service`] creates it.
pub struct ServiceHandler<T>(
    // The mutex makes the handler `Sync` for a service that is only `Send`. It is locked to clone the service.
    Mutex<T>,
);

#[diagnostic::do_not_recommend]
impl<S, T, B> Handler<S, marker::Http> for ServiceHandler<T>
where
    S: Send + Sync + 'static,
    T: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>, Future: Send> + Clone + Send,
    B: HttpBody<Data: Buf, Error: Into<BoxError>> + Send + 'static,
{
    fn call(&self, invocation: Invocation<S>) -> impl Future<Output = Result<(), Error>> + Send {
        let mut service = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        async move {
            let request = request::from_event(invocation.event(), invocation.event_info(), invocation.context())?;
            let mut request = request.map(Body::from);
            remove_authority(request.uri_mut());
            poll_fn(|cx| service.poll_ready(cx))
                .await
                .map_err(response::into_error)?;
            let response = service.call(request).await.map_err(response::into_error)?;
            send_response(invocation, Ok(response::handler_response(response))).await
        }
    }
}

/// Removes scheme and host. HTTP servers pass requests in origin form (RFC 9112, section 3.2.1) to services, and some
/// services copy the URI of the request into a redirect.
fn remove_authority(uri: &mut Uri) {
    if let Some(path_and_query) = uri.path_and_query().cloned() {
        *uri = path_and_query.into();
    }
}

impl<T> fmt::Debug for ServiceHandler<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceHandler").finish_non_exhaustive()
    }
}
