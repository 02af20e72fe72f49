//! The Lambda Runtime API, one function a call.
//!
//! It knows requests and answers, and nothing of handlers or of what comes after what.

use std::fmt::{self, Display};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, TRAILER, TRANSFER_ENCODING};
use http::{HeaderName, HeaderValue, StatusCode};
use reqwest::{Body, RequestBuilder, Response};
use serde::Deserialize;

use crate::context::Context;
use crate::error::{Closed, Error};
use crate::stream::{self, Buffered, ResponseBody};

const RESPONSE_MODE: HeaderName = HeaderName::from_static("lambda-runtime-function-response-mode");
const INVOCATION_ID: HeaderName = HeaderName::from_static("lambda-runtime-invocation-id");
const USER_AGENT: &str = concat!("lambda-stream/", env!("CARGO_PKG_VERSION"));
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A connection to the Runtime API.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
}

/// An event, and what came with it.
pub(crate) struct Arrived {
    pub(crate) context: Context,
    pub(crate) event: Bytes,
}

/// What an answer refers to: the invocation, as Lambda named it.
#[derive(Clone)]
pub(crate) struct Reference {
    request_id: String,
    invocation_id: Option<HeaderValue>,
}

impl Reference {
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
    /// A client for the Runtime API at `endpoint`, the value of `AWS_LAMBDA_RUNTIME_API`.
    pub(crate) fn new(endpoint: &str) -> Result<Self, CallError> {
        let base = format!("http://{endpoint}/2018-06-01/runtime");
        let http = reqwest::Client::builder()
            .no_proxy()
            // Without it the second small write of a response waits some 40 ms for the peer's delayed ACK.
            .tcp_nodelay(true)
            // One invocation is answered at a time. The environment may be frozen for hours between two of them.
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(None::<Duration>)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(USER_AGENT)
            .build()
            .map_err(|error| CallError::transport("the HTTP client", error))?;
        Ok(Self { http, base })
    }

    /// Waits for the next event, for as long as it takes. `None` where there is none yet: ask again.
    pub(crate) async fn next(&self) -> Result<Option<Arrived>, CallError> {
        const CALL: &str = "GET invocation/next";
        let response = self.http.get(format!("{}/invocation/next", self.base)).send().await;
        let mut response = response.map_err(|error| CallError::transport(CALL, error))?;
        // How the emulator of `cargo lambda watch` says that it is idle.
        if matches!(response.status(), StatusCode::NO_CONTENT | StatusCode::REQUEST_TIMEOUT) {
            return Ok(None);
        }
        if !response.status().is_success() {
            return Err(CallError::refused(CALL, response).await);
        }
        let headers = std::mem::take(response.headers_mut());
        let event = response
            .bytes()
            .await
            .map_err(|error| CallError::transport(CALL, error))?;
        let context = Context::from_headers(headers).ok_or_else(|| CallError {
            call: CALL,
            why: Why::Malformed("there is no header Lambda-Runtime-Aws-Request-Id, or it is no text"),
        })?;
        Ok(Some(Arrived { context, event }))
    }

    /// Streams an answer.
    pub(crate) async fn respond_streaming(
        &self,
        to: &Reference,
        content_type: HeaderValue,
        body: ResponseBody,
    ) -> Result<(), CallError> {
        let request = self
            .post(
                &format!("invocation/{}/response", to.request_id),
                Some(to),
                content_type,
            )
            .header(RESPONSE_MODE, HeaderValue::from_static("streaming"))
            .header(TRANSFER_ENCODING, HeaderValue::from_static("chunked"))
            .header(TRAILER, stream::DECLARED_TRAILERS)
            .body(Body::wrap(body));
        taken("POST invocation/{id}/response", request).await
    }

    /// Gives an answer that is not streamed.
    pub(crate) async fn respond(&self, to: &Reference, answer: Buffered) -> Result<(), CallError> {
        let path = format!("invocation/{}/response", to.request_id);
        let request = self.post(&path, Some(to), answer.content_type).body(answer.body);
        taken("POST invocation/{id}/response", request).await
    }

    /// Says that an invocation failed of which nothing was answered.
    pub(crate) async fn report(&self, to: &Reference, error: &Error) -> Result<(), CallError> {
        let request = self.post(&format!("invocation/{}/error", to.request_id), Some(to), JSON);
        taken("POST invocation/{id}/error", describing(request, error)).await
    }

    /// Says that the start-up failed.
    pub(crate) async fn report_init(&self, error: &Error) -> Result<(), CallError> {
        taken(
            "POST init/error",
            describing(self.post("init/error", None, JSON), error),
        )
        .await
    }

    fn post(&self, path: &str, to: Option<&Reference>, content_type: HeaderValue) -> RequestBuilder {
        let request = self
            .http
            .post(format!("{}/{path}", self.base))
            .header(CONTENT_TYPE, content_type);
        match to.and_then(|to| to.invocation_id.clone()) {
            Some(id) => request.header(INVOCATION_ID, id),
            None => request,
        }
    }
}

/// The error's type goes out twice: Lambda counts by the header, callers read the body.
fn describing(request: RequestBuilder, error: &Error) -> RequestBuilder {
    // Three strings always serialise.
    let json = serde_json::to_vec(error).unwrap_or_default();
    request.header(stream::ERROR_TYPE, stream::error_type(error)).body(json)
}

async fn taken(call: &'static str, request: RequestBuilder) -> Result<(), CallError> {
    let response = request
        .send()
        .await
        .map_err(|error| CallError::transport(call, error))?;
    if !response.status().is_success() {
        return Err(CallError::refused(call, response).await);
    }
    // Read to its end, so that the connection can be used again. Whether that works does not change what Lambda said.
    let _ = response.bytes().await;
    Ok(())
}

/// Why a call of the Runtime API failed.
#[derive(Debug)]
pub(crate) struct CallError {
    call: &'static str,
    why: Why,
}

#[derive(Debug)]
enum Why {
    Transport(reqwest::Error),
    Refused {
        status: StatusCode,
        error_type: Option<String>,
        message: Option<String>,
    },
    Malformed(&'static str),
}

/// What Lambda says when it refuses.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Refusal {
    error_type: Option<String>,
    error_message: Option<String>,
}

impl CallError {
    fn transport(call: &'static str, error: reqwest::Error) -> Self {
        Self {
            call,
            why: Why::Transport(error),
        }
    }

    async fn refused(call: &'static str, response: Response) -> Self {
        let status = response.status();
        let refusal = response
            .bytes()
            .await
            .ok()
            .and_then(|body| serde_json::from_slice::<Refusal>(&body).ok());
        let (error_type, message) = refusal.map_or((None, None), |said| (said.error_type, said.error_message));
        Self {
            call,
            why: Why::Refused {
                status,
                error_type,
                message,
            },
        }
    }

    /// As the writer of the response is told.
    pub(crate) fn closed(&self) -> Closed {
        let error_type = match &self.why {
            Why::Refused { error_type, .. } => error_type.as_deref(),
            Why::Transport(_) | Why::Malformed(_) => None,
        };
        Closed::new(error_type, self)
    }
}

impl Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.why {
            Why::Transport(error) => {
                write!(f, "{} failed: {error}", self.call)?;
                let mut source = std::error::Error::source(error);
                while let Some(error) = source {
                    write!(f, ": {error}")?;
                    source = error.source();
                }
                Ok(())
            }
            Why::Refused {
                status,
                error_type,
                message,
            } => {
                write!(f, "{} was refused with {status}", self.call)?;
                for said in [error_type, message].into_iter().flatten() {
                    write!(f, ": {said}")?;
                }
                Ok(())
            }
            Why::Malformed(what) => write!(f, "the answer to {} is malformed: {what}", self.call),
        }
    }
}
