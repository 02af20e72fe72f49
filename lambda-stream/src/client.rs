//! The client of the Lambda Runtime API: one method per request.
//!
//! The order of the requests is up to [`runtime`](crate::runtime).

mod error;
mod extension;
mod restore;

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, TRAILER, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, StatusCode};
use reqwest::{Body, Method, Request, Response, Url};

pub(crate) use self::error::CallError;
use self::error::is_lost_connection;
use crate::context::Context;
use crate::error::{Error, encoding};
use crate::protocol::{
    DECLARED_TRAILERS, ERROR_TYPE, FATAL_REPORT_TIMEOUT, IDLE_POLL_INTERVAL, INVOCATION_ID, JSON,
    MAX_ERROR_REPORT_LENGTH, RESPONSE_MODE,
};
use crate::response::{BufferedResponse, error_type};
use crate::stream::ResponseBody;

const USER_AGENT: &str = concat!("lambda-stream/", env!("CARGO_PKG_VERSION"));

/// Names of requests in error messages.
const NEXT: &str = "GET invocation/next";
const RESPONSE: &str = "POST invocation/{id}/response";

/// A client of the Runtime API. Clones share its connections.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    /// The URL up to `runtime`, without a trailing slash. It is parsed once: parsing costs more than sending a request.
    base: Url,
}

/// An event and the context of its invocation.
pub(crate) struct NextEvent {
    pub(crate) context: Context,
    pub(crate) event: Bytes,
}

/// An event whose headers have arrived, but not its body. Lambda has delivered it: if this is dropped, the event is
/// lost.
pub(crate) struct PendingEvent(Response);

impl PendingEvent {
    /// Reads the body.
    pub(crate) async fn event(mut self) -> Result<NextEvent, CallError> {
        let headers = std::mem::take(self.0.headers_mut());
        let event = self.0.bytes().await;
        let event = event.map_err(|error| CallError::transport(NEXT, error))?;
        let context = Context::from_headers(headers).ok_or_else(|| {
            CallError::malformed(
                NEXT,
                "the header Lambda-Runtime-Aws-Request-Id is missing, empty or not ASCII",
            )
        })?;
        Ok(NextEvent { context, event })
    }
}

/// Identifies the invocation that a response belongs to.
#[derive(Clone)]
pub(crate) struct InvocationRef {
    request_id: String,
    invocation_id: Option<HeaderValue>,
}

impl InvocationRef {
    pub(crate) fn of(context: &Context) -> Self {
        Self {
            request_id: context.request_id().to_owned(),
            invocation_id: context.invocation_id().cloned(),
        }
    }

    pub(crate) fn request_id(&self) -> &str {
        &self.request_id
    }
}

impl Client {
    /// Creates a client for the Runtime API at `endpoint`, the value of `AWS_LAMBDA_RUNTIME_API`. It keeps up to
    /// `max_concurrency` idle connections.
    pub(crate) fn new(endpoint: &str, max_concurrency: usize) -> Result<Self, CallError> {
        let base = Url::parse(&format!("http://{endpoint}/2018-06-01/runtime"));
        let base = base.map_err(|_| CallError::invalid_endpoint(endpoint))?;
        let builder = reqwest::Client::builder()
            .no_proxy()
            // Without it the second small write of a response waits some 40 ms for the peer's delayed ACK.
            .tcp_nodelay(true)
            .pool_max_idle_per_host(max_concurrency)
            // No timeouts: the environment may be frozen for hours between two invocations, and a caller may stop
            // reading for any length of time.
            .pool_idle_timeout(None::<Duration>)
            .tcp_keepalive(None::<Duration>)
            .tcp_keepalive_interval(None::<Duration>)
            .tcp_keepalive_retries(None::<u32>)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(USER_AGENT);
        #[cfg(target_os = "linux")]
        let builder = builder.tcp_user_timeout(None::<Duration>);
        let http = builder
            .build()
            .map_err(|error| CallError::transport("building the HTTP client", error))?;
        Ok(Self { http, base })
    }

    /// Polls for the next event, without a timeout. Returns `None` if there is none yet: poll again.
    ///
    /// If the connection is lost before the response headers arrive, the request is retried once on a new connection,
    /// and nothing is logged: the connection may have been closed while the environment was frozen. The retry loses no
    /// event, because Lambda delivers the same event again until the runtime has responded to it.
    pub(crate) async fn next(&self) -> Result<Option<PendingEvent>, CallError> {
        let response = match self.get_next().await {
            Err(error) if is_lost_connection(&error) => self.get_next().await,
            result => result,
        };
        let response = response.map_err(|error| CallError::transport(NEXT, error))?;
        // The emulator of `cargo lambda watch` sends these statuses while it has no event.
        if matches!(response.status(), StatusCode::NO_CONTENT | StatusCode::REQUEST_TIMEOUT) {
            tokio::time::sleep(IDLE_POLL_INTERVAL).await;
            return Ok(None);
        }
        if !response.status().is_success() {
            return Err(CallError::rejected(NEXT, response).await);
        }
        Ok(Some(PendingEvent(response)))
    }

    async fn get_next(&self) -> Result<Response, reqwest::Error> {
        let request = Request::new(Method::GET, self.url("/invocation/next"));
        self.http.execute(request).await
    }

    /// Sends a streamed response.
    pub(crate) async fn respond_streaming(
        &self,
        invocation: &InvocationRef,
        content_type: HeaderValue,
        body: ResponseBody,
    ) -> Result<(), CallError> {
        let mut request = self.post_invocation(invocation, "response", content_type, Body::wrap(body));
        let headers = request.headers_mut();
        headers.insert(RESPONSE_MODE, HeaderValue::from_static("streaming"));
        headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        headers.insert(TRAILER, DECLARED_TRAILERS);
        self.send_checked(RESPONSE, request).await
    }

    /// Sends a response that is not streamed.
    pub(crate) async fn respond_buffered(
        &self,
        invocation: &InvocationRef,
        response: BufferedResponse,
    ) -> Result<(), CallError> {
        let BufferedResponse { content_type, body } = response;
        let request = self.post_invocation(invocation, "response", content_type, body.into());
        self.send_checked(RESPONSE, request).await
    }

    /// Reports that an invocation failed before its response was started.
    pub(crate) async fn report(&self, invocation: &InvocationRef, error: &Error) -> Result<(), CallError> {
        let request = with_error(self.post_invocation(invocation, "error", JSON, Body::default()), error);
        self.send_checked("POST invocation/{id}/error", request).await
    }

    /// Reports that the init phase failed. Waits at most [`FATAL_REPORT_TIMEOUT`] for the response.
    pub(crate) async fn report_init_error(&self, error: &Error) -> Result<(), CallError> {
        self.report_fatal("POST init/error", "/init/error", error).await
    }

    async fn report_fatal(&self, call: &'static str, path: &str, error: &Error) -> Result<(), CallError> {
        let request = with_error(self.post(path, JSON, Body::default()), error);
        tokio::time::timeout(FATAL_REPORT_TIMEOUT, self.send_checked(call, request))
            .await
            .unwrap_or_else(|_| Err(CallError::timeout(call, FATAL_REPORT_TIMEOUT)))
    }

    fn post_invocation(
        &self,
        invocation: &InvocationRef,
        resource: &str,
        content_type: HeaderValue,
        body: Body,
    ) -> Request {
        let path = format!("/invocation/{}/{resource}", invocation.request_id);
        let mut request = self.post(&path, content_type, body);
        if let Some(id) = &invocation.invocation_id {
            request.headers_mut().insert(INVOCATION_ID, id.clone());
        }
        request
    }

    fn post(&self, path: &str, content_type: HeaderValue, body: Body) -> Request {
        let mut request = Request::new(Method::POST, self.url(path));
        request.headers_mut().insert(CONTENT_TYPE, content_type);
        *request.body_mut() = Some(body);
        request
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path()));
        url
    }

    /// Sends a request and checks that the status is 2xx.
    async fn send_checked(&self, call: &'static str, request: Request) -> Result<(), CallError> {
        self.send(call, request).await.map(drop)
    }

    /// Sends a request, checks that the status is 2xx, and returns the response headers.
    async fn send(&self, call: &'static str, request: Request) -> Result<HeaderMap, CallError> {
        let response = self.http.execute(request).await;
        let mut response = response.map_err(|error| CallError::transport(call, error))?;
        if !response.status().is_success() {
            return Err(CallError::rejected(call, response).await);
        }
        let headers = std::mem::take(response.headers_mut());
        // The body is read to its end so that the connection can be reused. Errors are ignored: Lambda has accepted the
        // request.
        while let Ok(Some(_)) = response.chunk().await {}
        Ok(headers)
    }
}

/// Adds the error's type as a header, which Lambda counts in its metrics, and its JSON as the body, which callers read.
fn with_error(mut request: Request, error: &Error) -> Request {
    request.headers_mut().insert(ERROR_TYPE, error_type(error));
    *request.body_mut() = Some(encoding::json(error, MAX_ERROR_REPORT_LENGTH).into());
    request
}
