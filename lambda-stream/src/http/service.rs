//! A `tower` service in place of a handler.

use std::fmt;
use std::future::{Future, poll_fn};
use std::sync::{Mutex, PoisonError};

use bytes::Buf;
use http::{Request, Response, Uri};
use http_body::Body as HttpBody;
use tower_service::Service;

use super::body::{Body, BoxError};
use super::{request, response};
use crate::error::Error;
use crate::handler::{Handler, Invocation, marker, send_response};
use crate::runtime::{Runtime, RuntimeError};

/// Answers HTTP requests with a service, such as an `axum::Router`, until the process ends.
///
/// Where `axum::serve(listener, router).await` serves an application on a port, this serves it from Lambda:
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
/// As [`Runtime::run`].
pub async fn run<T, B>(service: T) -> Result<(), RuntimeError>
where
    T: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>, Future: Send> + Clone + Send + 'static,
    B: HttpBody<Data: Buf, Error: Into<BoxError>> + Send + 'static,
{
    Runtime::new().run(self::service(service)).await
}

/// A service as the handler of a [`Runtime`], which has settings of its own.
///
/// Each invocation gets a clone of the service, which is asked whether it is [ready](Service::poll_ready) before it is
/// called. Requests have path and query alone as their URI, and what the event says besides as
/// [extensions](crate::http#what-a-request-has). An error of the service is an error of the invocation: status and headers of an answer to the caller are what
/// a response has.
pub fn service<T>(service: T) -> ServiceHandler<T> {
    ServiceHandler(Mutex::new(service))
}

/// What [`service`] makes.
pub struct ServiceHandler<T>(
    // Cloned for each invocation, which needs no more of the service than `Send`.
    Mutex<T>,
);

impl<S, T, B> Handler<S, marker::Http> for ServiceHandler<T>
where
    S: Send + Sync + 'static,
    T: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>, Future: Send> + Clone + Send,
    B: HttpBody<Data: Buf, Error: Into<BoxError>> + Send + 'static,
{
    fn call(&self, invocation: Invocation<S>) -> impl Future<Output = Result<(), Error>> + Send {
        let mut service = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        async move {
            let mut request =
                request::request(invocation.event(), invocation.event_info(), invocation.context())?.map(Body::from);
            without_authority(request.uri_mut());
            poll_fn(|cx| service.poll_ready(cx)).await.map_err(response::told)?;
            let response = service.call(request).await.map_err(response::told)?;
            send_response(invocation, Ok(response::response(response))).await
        }
    }
}

/// What services see elsewhere: requests come in origin form (RFC 9112, section 3.2.1), and some services put the URI that
/// they got into a redirect.
fn without_authority(uri: &mut Uri) {
    if let Some(path_and_query) = uri.path_and_query().cloned() {
        *uri = path_and_query.into();
    }
}

impl<T> fmt::Debug for ServiceHandler<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceHandler").finish_non_exhaustive()
    }
}
