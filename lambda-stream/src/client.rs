//! The Lambda Runtime API, one function a call.
//!
//! It knows requests and answers, and nothing of handlers or of what comes after what.

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
const NEXT: &str = "GET invocation/next";

/// A connection to the Runtime API.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    /// Up to and with `runtime`, without a slash behind it. Parsed once, since to parse it costs more than to send it.
    base: Url,
}

/// An event, and what came with it.
pub(crate) struct NextEvent {
    pub(crate) context: Context,
    pub(crate) event: Bytes,
}

/// An event of which the head is here. Lambda has handed it out: from here on, to give it up is to lose it.
pub(crate) struct PendingEvent(Response);

impl PendingEvent {
    /// Reads it to its end.
    pub(crate) async fn event(mut self) -> Result<NextEvent, CallError> {
        let headers = std::mem::take(self.0.headers_mut());
        let event = self.0.bytes().await;
        let event = event.map_err(|error| CallError::transport(NEXT, error))?;
        let context = Context::from_headers(headers).ok_or_else(|| {
            CallError::malformed(
                NEXT,
                "there is no header Lambda-Runtime-Aws-Request-Id, or it is no text",
            )
        })?;
        Ok(NextEvent { context, event })
    }
}

/// What an answer refers to: the invocation, as Lambda named it.
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
    /// A client for the Runtime API at `endpoint`, the value of `AWS_LAMBDA_RUNTIME_API`, with room for `at_once`
    /// invocations at a time.
    pub(crate) fn new(endpoint: &str, at_once: usize) -> Result<Self, CallError> {
        let base = Url::parse(&format!("http://{endpoint}/2018-06-01/runtime"));
        let base = base.map_err(|_| CallError::endpoint(endpoint))?;
        let builder = reqwest::Client::builder()
            .no_proxy()
            // Without it the second small write of a response waits some 40 ms for the peer's delayed ACK.
            .tcp_nodelay(true)
            .pool_max_idle_per_host(at_once)
            // The environment may be frozen for hours between two invocations, and a caller may read nothing for as long
            // as it likes: neither is a reason to give the connection up.
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
            .map_err(|error| CallError::transport("the HTTP client", error))?;
        Ok(Self { http, base })
    }

    /// Waits for the next event, for as long as it takes. `None` where there is none yet: ask again.
    ///
    /// A connection that is lost before the head of an answer came is replaced once, without a word: it may have died
    /// while the environment was frozen. Whatever Lambda had sent over it was seen by nobody, and until the event is
    /// answered, Lambda gives the same one to whoever asks.
    pub(crate) async fn next(&self) -> Result<Option<PendingEvent>, CallError> {
        let response = match self.ask().await {
            Err(error) if is_lost_connection(&error) => self.ask().await,
            asked => asked,
        };
        let response = response.map_err(|error| CallError::transport(NEXT, error))?;
        // How the emulator of `cargo lambda watch` says that it is idle.
        if matches!(response.status(), StatusCode::NO_CONTENT | StatusCode::REQUEST_TIMEOUT) {
            tokio::time::sleep(IDLE_POLL_INTERVAL).await;
            return Ok(None);
        }
        if !response.status().is_success() {
            return Err(CallError::refused(NEXT, response).await);
        }
        Ok(Some(PendingEvent(response)))
    }

    async fn ask(&self) -> Result<Response, reqwest::Error> {
        let request = Request::new(Method::GET, self.url("/invocation/next"));
        self.http.execute(request).await
    }

    /// Streams an answer.
    pub(crate) async fn respond_streaming(
        &self,
        to: &InvocationRef,
        content_type: HeaderValue,
        body: ResponseBody,
    ) -> Result<(), CallError> {
        let mut request = self.answer(to, "response", content_type, Body::wrap(body));
        let headers = request.headers_mut();
        headers.insert(RESPONSE_MODE, HeaderValue::from_static("streaming"));
        headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        headers.insert(TRAILER, DECLARED_TRAILERS);
        self.send_checked("POST invocation/{id}/response", request).await
    }

    /// Gives an answer that is not streamed.
    pub(crate) async fn respond(&self, to: &InvocationRef, answer: BufferedResponse) -> Result<(), CallError> {
        let request = self.answer(to, "response", answer.content_type, answer.body.into());
        self.send_checked("POST invocation/{id}/response", request).await
    }

    /// Says that an invocation failed of which nothing was answered.
    pub(crate) async fn report(&self, to: &InvocationRef, error: &Error) -> Result<(), CallError> {
        let request = describing(self.answer(to, "error", JSON, Body::default()), error);
        self.send_checked("POST invocation/{id}/error", request).await
    }

    /// Says that the start-up failed. Waits no longer than [`FATAL_REPORT_TIMEOUT`].
    pub(crate) async fn report_init(&self, error: &Error) -> Result<(), CallError> {
        const CALL: &str = "POST init/error";
        self.report_fatal(CALL, "/init/error", error).await
    }

    async fn report_fatal(&self, call: &'static str, path: &str, error: &Error) -> Result<(), CallError> {
        let request = describing(self.post(path, JSON, Body::default()), error);
        let sent = tokio::time::timeout(FATAL_REPORT_TIMEOUT, self.send_checked(call, request));
        sent.await
            .unwrap_or(Err(CallError::unanswered(call, FATAL_REPORT_TIMEOUT)))
    }

    fn answer(&self, to: &InvocationRef, kind: &str, content_type: HeaderValue, body: Body) -> Request {
        let path = format!("/invocation/{}/{kind}", to.request_id);
        let mut request = self.post(&path, content_type, body);
        if let Some(id) = &to.invocation_id {
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

    async fn send_checked(&self, call: &'static str, request: Request) -> Result<(), CallError> {
        self.call(call, request).await.map(drop)
    }

    /// Makes a call of whose answer only the headers matter.
    async fn call(&self, call: &'static str, request: Request) -> Result<HeaderMap, CallError> {
        let response = self.http.execute(request).await;
        let mut response = response.map_err(|error| CallError::transport(call, error))?;
        if !response.status().is_success() {
            return Err(CallError::refused(call, response).await);
        }
        let headers = std::mem::take(response.headers_mut());
        // Read to its end, so that the connection can be used again. Whether that works does not change what Lambda said.
        while let Ok(Some(_)) = response.chunk().await {}
        Ok(headers)
    }
}

/// The error's type goes out twice: Lambda counts by the header, callers read the body.
fn describing(mut request: Request, error: &Error) -> Request {
    request.headers_mut().insert(ERROR_TYPE, error_type(error));
    *request.body_mut() = Some(encoding::json(error, MAX_ERROR_REPORT_LENGTH).into());
    request
}
