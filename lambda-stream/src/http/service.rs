//! Runs a `tower` service as a handler.

use std::fmt;
use std::future::poll_fn;
use std::ops::RangeBounds;
use std::sync::{Mutex, PoisonError};

use bytes::Buf;
use futures::future::LocalBoxFuture;
use http::{Request, Response, Uri};
use http_body::Body as HttpBody;
use tower_service::Service;

use super::base_path::BasePath;
use super::body::Body;
use super::error_status::{self, ErrorStatuses};
use super::{request, response};
use crate::error::{BoxError, Error};
use crate::event::EventFormat;
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
pub fn run<T: HttpService + 'static>(service: T) -> LocalBoxFuture<'static, Result<(), RuntimeError>> {
    Runtime::new().run(self::service(service))
}

/// A `tower` service of HTTP requests, such as an `axum::Router`.
///
/// It is implemented for every [`tower_service::Service`] with these types, and need not be implemented by hand.
///
/// # Examples
/// ```
/// use lambda_stream::RuntimeError;
/// use lambda_stream::http::HttpService;
///
/// /// Runs any application, also an `axum::Router`, below a path.
/// async fn run_orders(application: impl HttpService + 'static) -> Result<(), RuntimeError> {
///     let service = lambda_stream::http::service(application).base_path("/orders");
///     lambda_stream::Runtime::new().run(service).await
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a service of HTTP requests",
    label = "not a `tower::Service` of `http::Request<lambda_stream::http::Body>`",
    note = "a handler, which is an async function, is run by `lambda_stream::run`",
    note = "a `Router<S>` of axum becomes a service with its state: call `.with_state(…)`",
    note = "the router itself is passed: remove `.into_make_service()`",
    note = "the service is `Clone + Send`, its response is an `http::Response` of any `http_body::Body`, its error converts to a `Box<dyn std::error::Error + Send + Sync>`, and its future is `Send`"
)]
pub trait HttpService: Clone + Send {
    /// Calls the service.
    #[doc(hidden)]
    fn into_service(
        self,
    ) -> impl Service<
        Request<Body>,
        Response = Response<impl HttpBody<Data: Buf, Error: Into<BoxError>> + Send + 'static>,
        Error: Into<BoxError>,
        Future: Send,
    > + Send;
}

#[diagnostic::do_not_recommend]
impl<T, B> HttpService for T
where
    T: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>, Future: Send> + Clone + Send,
    B: HttpBody<Data: Buf, Error: Into<BoxError>> + Send + 'static,
{
    fn into_service(
        self,
    ) -> impl Service<
        Request<Body>,
        Response = Response<impl HttpBody<Data: Buf, Error: Into<BoxError>> + Send + 'static>,
        Error: Into<BoxError>,
        Future: Send,
    > + Send {
        self
    }
}

/// Converts a `tower` service to a handler, for a [`Runtime`] with its own settings.
///
/// Each invocation clones the service, waits until the clone is [ready](Service::poll_ready), and calls it once. The URI of
/// the request is its path and query, without scheme and host. [Extensions](crate::http#parts-of-a-request) contain the rest
/// of the event.
///
/// If the service returns an error, the invocation fails with it. To send a status and headers to the caller, return a
/// response.
///
/// The methods of [`ServiceHandler`] are the settings of the service.
///
/// # Examples
/// ```
/// use lambda_stream::http::HttpService;
/// use lambda_stream::{Runtime, RuntimeError};
///
/// async fn serve(application: impl HttpService + 'static) -> Result<(), RuntimeError> {
///     Runtime::new().run(lambda_stream::http::service(application)).await
/// }
/// ```
pub fn service<T>(service: T) -> ServiceHandler<T> {
    ServiceHandler {
        service: Mutex::new(service),
        base_path: BasePath::default(),
        error_statuses: ErrorStatuses::default(),
        other_events: NoHandler,
    }
}

/// Returns a handler that passes requests to the service that the runtime's [`init`](Runtime::init) creates, as [`service`]
/// does. If `init` fails, for example because of its configuration, Lambda and local mode get its error.
///
/// ```no_run
/// use lambda_stream::{Error, Runtime, RuntimeError, http};
///
/// # use std::convert::Infallible;
/// # #[derive(Clone)]
/// # struct Router;
/// # impl Router {
/// #     fn new(_: String) -> Self { Self }
/// # }
/// # impl tower_service::Service<::http::Request<http::Body>> for Router {
/// #     type Response = ::http::Response<http::Body>;
/// #     type Error = Infallible;
/// #     type Future = std::future::Ready<Result<Self::Response, Infallible>>;
/// #     fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Infallible>> {
/// #         std::task::Poll::Ready(Ok(()))
/// #     }
/// #     fn call(&mut self, _: ::http::Request<http::Body>) -> Self::Future {
/// #         std::future::ready(Ok(::http::Response::default()))
/// #     }
/// # }
/// async fn application() -> Result<Router, Error> {
///     let database = std::env::var("DATABASE")?;
///     Ok(Router::new(database))
/// }
///
/// # async fn serve() -> Result<(), RuntimeError> {
/// Runtime::new().init(application).run(http::state_service()).await
/// # }
/// ```
#[must_use]
pub fn state_service() -> ServiceHandler<StateService> {
    service(StateService)
}

/// Stands for the service that is the state of the runtime. See [`state_service`].
///
/// # Examples
/// ```
/// use lambda_stream::http::{ServiceHandler, StateService, state_service};
///
/// let handler: ServiceHandler<StateService> = state_service().base_path("/orders");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct StateService;

/// A `tower` service as a handler. [`service`] and [`state_service`] create it.
///
/// ```no_run
/// use lambda_stream::{Error, Runtime, RuntimeError, http};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Schedule {
///     time: String,
/// }
///
/// async fn clean_up(event: Schedule) -> Result<(), Error> {
///     println!("started at {}", event.time);
///     Ok(())
/// }
///
/// # use std::convert::Infallible;
/// # #[derive(Clone)]
/// # struct Router;
/// # impl tower_service::Service<::http::Request<http::Body>> for Router {
/// #     type Response = ::http::Response<http::Body>;
/// #     type Error = Infallible;
/// #     type Future = std::future::Ready<Result<Self::Response, Infallible>>;
/// #     fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Infallible>> {
/// #         std::task::Poll::Ready(Ok(()))
/// #     }
/// #     fn call(&mut self, _: ::http::Request<http::Body>) -> Self::Future {
/// #         std::future::ready(Ok(::http::Response::default()))
/// #     }
/// # }
/// # async fn serve(router: Router) -> Result<(), RuntimeError> {
/// let service = http::service(router)
///     .base_path("/orders")
///     .error_statuses(500..=599)
///     .on_other_events(clean_up);
/// Runtime::new().run(service).await
/// # }
/// ```
pub struct ServiceHandler<T, H = NoHandler> {
    // The mutex makes the handler `Sync` for a service that is only `Send`. It is locked to clone the service.
    service: Mutex<T>,
    base_path: BasePath,
    error_statuses: ErrorStatuses,
    other_events: H,
}

impl<T, H> ServiceHandler<T, H> {
    /// Removes a base path from the paths of requests: with `/orders`, the service gets `/7` for `/orders/7`, and `/` for
    /// `/orders`.
    ///
    /// The base path is the path of the routes that API Gateway sends to this function, or the API mapping of a custom
    /// domain. The name of the stage is [not part of the path](crate::http#parts-of-a-request).
    ///
    /// - Whole segments are compared, after percent-decoding: `/orders` is not removed from `/orders-archive`.
    /// - It is removed once. The rest of the path and the query keep their encoding.
    /// - A request whose path does not start with the base path reaches the service unchanged.
    /// - Slashes at the start and at the end of `path` do not count: `orders` and `/orders/` are the same. With `/`, nothing is
    ///   removed.
    ///
    /// `path` is a path, decoded or percent-encoded. A URL or a query is not recognized as such: no request matches it.
    ///
    /// The service does not know the base path. A redirect that it makes of the path of a request lacks it.
    ///
    /// # Examples
    /// ```
    /// let handler = lambda_stream::http::state_service().base_path("/orders");
    /// ```
    #[must_use]
    pub fn base_path(mut self, path: impl AsRef<str>) -> Self {
        self.base_path = BasePath::new(path.as_ref());
        self
    }

    /// Fails the invocation for responses with these statuses: `error_statuses(500..=599)`. Each call adds statuses.
    ///
    /// The invocation fails with the error type `Function.ErrorStatus`. The message has the status. What the caller gets
    /// depends on the body:
    ///
    /// | response | the invocation fails | the caller gets |
    /// |---|---|---|
    /// | without a body, or with a body of a known [length](HttpBody::size_hint), such as a `String` or JSON | in place of the response, before any byte is sent | the error page of the source: 502 from a Function URL, an API or a load balancer |
    /// | with a body of unknown length, such as a stream or a compressed body | with error trailers, after the whole body | status, headers and body, then the end of a failed response |
    /// | any, for a load balancer | in place of the response | 502 |
    ///
    /// In place of a response, the message ends with the first chunk of the body, up to 1 KiB, if it is UTF-8 and available
    /// without waiting. A caller of a Function URL does not see it; the log and a caller of Lambda's API do.
    ///
    /// Without this setting, a response with any status is a success of the function. Use it if the alarms on Lambda's
    /// metrics should see failed requests and callers do not need the body of an error response. To let them have it, return
    /// the body as a stream, such as [`Body::stream`].
    ///
    /// # Examples
    /// ```
    /// let handler = lambda_stream::http::state_service().error_statuses(500..=599);
    /// ```
    #[must_use]
    pub fn error_statuses(mut self, statuses: impl RangeBounds<u16>) -> Self {
        self.error_statuses.add(&statuses);
        self
    }
}

impl<T> ServiceHandler<T> {
    /// Passes events that are not HTTP requests to `handler`: those of a queue, a schedule, a WebSocket API, a Lambda
    /// authorizer or a direct invocation.
    ///
    /// The handler has any of the [supported forms](macro@crate::main), and the state and the settings of the [`Runtime`].
    /// Without this setting, such an event fails with an error of the type `Function.InvalidEvent`.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::http;
    /// use serde_json::Value;
    ///
    /// async fn clean_up(event: Value) {
    ///     eprintln!("clean up: {event}");
    /// }
    ///
    /// let handler = http::state_service().on_other_events(clean_up);
    /// ```
    #[must_use]
    pub fn on_other_events<H>(self, handler: H) -> ServiceHandler<T, H> {
        ServiceHandler {
            service: self.service,
            base_path: self.base_path,
            error_statuses: self.error_statuses,
            other_events: handler,
        }
    }
}

#[diagnostic::do_not_recommend]
impl<S, T, H, M> Handler<S, marker::Service<M>> for ServiceHandler<T, H>
where
    S: Send + Sync + 'static,
    T: HttpService,
    H: Handler<S, M>,
{
    async fn call(&self, invocation: Invocation<S>) -> Result<(), Error> {
        let service = || {
            let service = self.service.lock().unwrap_or_else(PoisonError::into_inner).clone();
            service.into_service()
        };
        self.call_service(service, invocation).await
    }
}

#[diagnostic::do_not_recommend]
impl<S, B, H, M> Handler<S, marker::StateService<M>> for ServiceHandler<StateService, H>
where
    S: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
    B: HttpBody<Data: Buf, Error: Into<BoxError>> + Send + 'static,
    H: Handler<S, M>,
{
    async fn call(&self, invocation: Invocation<S>) -> Result<(), Error> {
        let state = invocation.state();
        self.call_service(|| state.clone(), invocation).await
    }
}

impl<T: Send, H> ServiceHandler<T, H> {
    /// Calls the service if the event is an HTTP request, and else the handler of other events.
    async fn call_service<S, C, B, M>(
        &self,
        service: impl FnOnce() -> C + Send,
        invocation: Invocation<S>,
    ) -> Result<(), Error>
    where
        S: Send + Sync + 'static,
        C: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>, Future: Send> + Send,
        B: HttpBody<Data: Buf, Error: Into<BoxError>> + Send + 'static,
        H: Handler<S, M>,
    {
        if invocation.event_info().format == EventFormat::NotHttp {
            return self.other_events.call(invocation).await;
        }
        let mut service = service();
        let request = request::from_event(invocation.event(), invocation.event_info(), invocation.context())?;
        let mut request = request.map(Body::from);
        remove_authority(request.uri_mut());
        self.base_path.remove_from(request.uri_mut());
        poll_fn(|cx| service.poll_ready(cx))
            .await
            .map_err(response::into_error)?;
        let response = service.call(request).await.map_err(response::into_error)?;
        if self.error_statuses.contains(response.status()) {
            return error_status::fail(invocation, response).await;
        }
        send_response(invocation, Ok(response::handler_response(response))).await
    }
}

/// The handler of other events before [`ServiceHandler::on_other_events`] sets one: each event fails.
#[derive(Debug, Clone, Copy)]
pub struct NoHandler;

#[diagnostic::do_not_recommend]
impl<S: Send + Sync + 'static> Handler<S, marker::Absent> for NoHandler {
    async fn call(&self, _: Invocation<S>) -> Result<(), Error> {
        Err(request::not_http(
            "; to handle other events, use `lambda_stream::http::service(…).on_other_events(handler)`",
        ))
    }
}

/// Removes scheme and host. HTTP servers pass requests in origin form (RFC 9112, section 3.2.1) to services, and some
/// services copy the URI of the request into a redirect.
fn remove_authority(uri: &mut Uri) {
    if let Some(path_and_query) = uri.path_and_query().cloned() {
        *uri = path_and_query.into();
    }
}

impl<T, H> fmt::Debug for ServiceHandler<T, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceHandler")
            .field("base_path", &self.base_path)
            .field("error_statuses", &self.error_statuses)
            .finish_non_exhaustive()
    }
}
