//! The client of the Lambda Runtime API: one method per request.
//!
//! The order of the requests is up to [`runtime`](crate::runtime).

mod cargo_lambda;
mod connections;
mod endpoint;
mod error;
mod extension;
mod restore;

use std::borrow::Cow;
use std::fmt::Write as _;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, TRAILER, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, StatusCode};
use reqwest::{Body, Method, Request, Response, Url};

use self::connections::Connections;
use self::error::is_lost_connection;
pub(crate) use self::error::{CallError, os_error_hint};
use crate::context::Context;
use crate::error::{Error, encoding};
use crate::event::EventInfo;
use crate::protocol::{
    DECLARED_TRAILERS, ERROR_TYPE, FATAL_REPORT_TIMEOUT, IDLE_POLL_INTERVAL, INVOCATION_ID, JSON,
    MAX_ERROR_REPORT_LENGTH, MAX_EVENT_LENGTH, RESPONSE_MODE,
};
use crate::response::{BufferedResponse, error_type};
use crate::stream::ResponseBody;

/// Names of requests in error messages.
const NEXT: &str = "GET invocation/next";
pub(crate) const RESPONSE: &str = "POST invocation/{id}/response";

/// The path of the Runtime API, below the base path.
const RUNTIME_API: &str = "2018-06-01/runtime";

/// For how many headers a request has capacity: five of this module, and three that reqwest and hyper add.
const REQUEST_HEADERS: usize = 8;

/// A client of the Runtime API. Clones share its connections.
#[derive(Clone)]
pub(crate) struct Client {
    connections: Connections,
    /// The URL of `AWS_LAMBDA_RUNTIME_API`, whose path is `/` or a base path.
    base: Url,
    /// The URL of `invocation/next`, which is the same for each event. To parse it costs more than to clone it.
    next: Url,
    /// The Runtime API is the emulator of `cargo lambda watch`.
    is_cargo_lambda: bool,
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
        let event = read_event(&mut self.0).await;
        let event = event.map_err(|error| CallError::transport(NEXT, error))?;
        let context = Context::from_headers(headers).ok_or_else(|| {
            CallError::malformed(
                NEXT,
                "the header Lambda-Runtime-Aws-Request-Id is missing, empty or not ASCII",
            )
        })?;
        // URLs cannot contain these as path segments, encoded or not: they name the current and the parent directory.
        if let "." | ".." = context.request_id() {
            return Err(CallError::malformed(
                NEXT,
                "the header Lambda-Runtime-Aws-Request-Id is `.` or `..`",
            ));
        }
        Ok(NextEvent { context, event })
    }
}

/// Reads the body of `response`. A body that arrives in several parts is copied once, into one allocation: the parts would
/// otherwise need the memory of a second copy.
async fn read_event(response: &mut Response) -> Result<Bytes, reqwest::Error> {
    let length = response.content_length().unwrap_or_default();
    let Some(first) = response.chunk().await? else {
        return Ok(Bytes::new());
    };
    // A small event arrives in one part.
    let Some(mut part) = response.chunk().await? else {
        return Ok(first);
    };
    // The length is not trusted: a longer body makes the allocation grow.
    let capacity = usize::try_from(length).unwrap_or(usize::MAX).min(MAX_EVENT_LENGTH);
    let mut event = Vec::with_capacity(capacity);
    event.extend_from_slice(&first);
    drop(first);
    loop {
        event.extend_from_slice(&part);
        match response.chunk().await? {
            Some(next) => part = next,
            None => return Ok(event.into()),
        }
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
        let base = endpoint::parse(endpoint)?;
        let connections = Connections::new(max_concurrency)
            .map_err(|error| CallError::transport("building the HTTP client", error))?;
        let is_cargo_lambda = cargo_lambda::is_emulator(&base);
        Ok(Self {
            connections,
            next: join(&base, RUNTIME_API, &["invocation", "next"]),
            base,
            is_cargo_lambda,
        })
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
        let request = Request::new(Method::GET, self.next.clone());
        self.connections.execute(request).await
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

    /// Returns the properties of an event that determine the head of its streamed response.
    pub(crate) fn streaming_info(&self, event_info: EventInfo) -> EventInfo {
        match self.is_cargo_lambda {
            true => cargo_lambda::streaming_info(event_info),
            false => event_info,
        }
    }

    /// Sends a response that is not streamed, to an event with these properties.
    pub(crate) async fn respond_buffered(
        &self,
        invocation: &InvocationRef,
        event_info: EventInfo,
        mut response: BufferedResponse,
    ) -> Result<(), CallError> {
        if self.is_cargo_lambda {
            response = cargo_lambda::buffered_response(event_info, response);
        }
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
        self.report_fatal("POST init/error", ["init", "error"], error).await
    }

    async fn report_fatal(&self, call: &'static str, path: [&str; 2], error: &Error) -> Result<(), CallError> {
        let request = with_error(self.post(&path, JSON, Body::default()), error);
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
        let request_id = encode_segment(&invocation.request_id);
        let mut request = self.post(&["invocation", &request_id, resource], content_type, body);
        if let Some(id) = &invocation.invocation_id {
            request.headers_mut().insert(INVOCATION_ID, id.clone());
        }
        request
    }

    fn post(&self, path: &[&str], content_type: HeaderValue, body: Body) -> Request {
        let mut request = Request::new(Method::POST, self.url(path));
        *request.headers_mut() = HeaderMap::with_capacity(REQUEST_HEADERS);
        request.headers_mut().insert(CONTENT_TYPE, content_type);
        *request.body_mut() = Some(body);
        request
    }

    /// Returns the URL of a resource of the Runtime API. The segments of `path` are encoded.
    fn url(&self, path: &[&str]) -> Url {
        join(&self.base, RUNTIME_API, path)
    }

    /// Sends a request and checks that the status is 2xx.
    async fn send_checked(&self, call: &'static str, request: Request) -> Result<(), CallError> {
        self.send(call, request).await.map(drop)
    }

    /// Sends a request, checks that the status is 2xx, and returns the response headers.
    async fn send(&self, call: &'static str, request: Request) -> Result<HeaderMap, CallError> {
        let response = self.connections.execute(request).await;
        let mut response = response.map_err(|error| CallError::transport(call, error))?;
        if !response.status().is_success() {
            return Err(CallError::rejected(call, response).await);
        }
        let headers = std::mem::take(response.headers_mut());
        // The body is read to its end so that the connection can be reused. Errors are ignored: the server has accepted
        // the request.
        while let Ok(Some(_)) = response.chunk().await {}
        Ok(headers)
    }
}

/// Returns the URL of a resource of the API with this path. The segments of `path` are encoded.
fn join(base: &Url, api: &str, path: &[&str]) -> Url {
    let mut url = base.clone();
    let mut full = String::with_capacity(128);
    full.push_str(base.path().trim_end_matches('/'));
    for segment in std::iter::once(&api).chain(path) {
        full.push('/');
        full.push_str(segment);
    }
    url.set_path(&full);
    url
}

/// Adds the error's type as a header, which Lambda counts in its metrics, and its JSON as the body, which callers read.
fn with_error(mut request: Request, error: &Error) -> Request {
    request.headers_mut().insert(ERROR_TYPE, error_type(error));
    *request.body_mut() = Some(encoding::json(error, MAX_ERROR_REPORT_LENGTH).into());
    request
}

/// Encodes a request id as one segment of a path. Lambda's request ids are UUIDs, which need no encoding.
fn encode_segment(text: &str) -> Cow<'_, str> {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if text.bytes().all(is_unreserved) {
        return Cow::Borrowed(text);
    }
    let mut encoded = String::with_capacity(3 * text.len());
    for byte in text.bytes() {
        match is_unreserved(byte) {
            true => encoded.push(byte.into()),
            // Writing to a `String` never fails.
            false => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    Cow::Owned(encoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the path of a request with this request id.
    fn path(endpoint: &str, request_id: &str) -> String {
        let client = Client::new(endpoint, 1).unwrap();
        let url = client.url(&["invocation", &encode_segment(request_id), "response"]);
        url.as_str().to_owned()
    }

    #[test]
    fn request_id_is_one_path_segment() {
        for (request_id, segment) in [
            (
                "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
                "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
            ),
            ("a/b", "a%2Fb"),
            ("../../x", "..%2F..%2Fx"),
            ("%2e%2e", "%252e%252e"),
            ("%2E", "%252E"),
            ("...", "..."),
            ("a?b#c", "a%3Fb%23c"),
            (r"..\x", "..%5Cx"),
            ("a b\t;", "a%20b%09%3B"),
        ] {
            assert_eq!(
                path("127.0.0.1:9001", request_id),
                format!("http://127.0.0.1:9001/2018-06-01/runtime/invocation/{segment}/response")
            );
        }
    }

    #[test]
    fn base_path_precedes_both_apis() {
        for endpoint in [
            "http://[::1]:9000/.rt/hello",
            "http://[::1]:9000/.rt/hello/",
            "[::1]:9000/.rt/hello//",
        ] {
            assert_eq!(
                path(endpoint, "1"),
                "http://[::1]:9000/.rt/hello/2018-06-01/runtime/invocation/1/response"
            );
            let client = Client::new(endpoint, 1).unwrap();
            assert_eq!(
                join(&client.base, "2020-01-01/extension", &["register"]).as_str(),
                "http://[::1]:9000/.rt/hello/2020-01-01/extension/register"
            );
        }
    }
}
