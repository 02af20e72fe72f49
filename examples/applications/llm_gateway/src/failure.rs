//! An error for the caller: a status before the first byte, an event after it.

use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use lambda_stream::sse::Event;
use lambda_stream::{AnyResponse, Error, http::Body};
use serde::Deserialize;
use serde_json::{Value, json};

/// The headers of a response of the upstream by which clients of OpenAI decide whether and when to retry.
const PASSED_ON: [HeaderName; 3] = [
    RETRY_AFTER,
    HeaderName::from_static("retry-after-ms"),
    HeaderName::from_static("x-should-retry"),
];

/// How much of a response the log gets, in bytes.
const MAX_LOGGED: usize = 1000;

pub(crate) struct Failure {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// The error object of the OpenAI API.
    error: Value,
    /// Details for the log, such as addresses, which the caller must not see.
    cause: Option<String>,
}

/// The body of an error response of the OpenAI API.
#[derive(Deserialize)]
struct ErrorBody {
    error: Value,
}

impl Failure {
    pub(crate) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        let error_type = match status.is_client_error() {
            true => "invalid_request_error",
            false => "upstream_error",
        };
        Self {
            status,
            headers: Vec::new(),
            error: json!({"message": message.into(), "type": error_type, "param": null, "code": code}),
            cause: None,
        }
    }

    /// The upstream violates the protocol, or its connection does not work.
    pub(crate) fn bad_gateway(message: &str) -> Self {
        Self::new(StatusCode::BAD_GATEWAY, "upstream_failed", message)
    }

    pub(crate) fn timeout(message: &str) -> Self {
        Self::new(StatusCode::GATEWAY_TIMEOUT, "upstream_timeout", message)
    }

    /// The upstream responded with an error status.
    pub(crate) fn of_status(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        // A message about credentials may quote the key, so neither the caller nor the log gets it.
        if let 401 | 402 | 403 | 407 = status.as_u16() {
            let failure = Self::bad_gateway("the upstream rejected the credentials of the gateway");
            return failure.caused_by(format!("status {status}"));
        }
        let start = &body[..body.len().min(MAX_LOGGED)];
        let cause = format!("status {status}: {}", String::from_utf8_lossy(start));
        match status.as_u16() {
            400.. => {
                let message = format!("the upstream responded with status {}", status.as_u16());
                let mut failure = Self::new(status, "upstream_failed", message);
                if let Ok(body) = serde_json::from_slice::<ErrorBody>(body)
                    && body.error["message"].is_string()
                {
                    failure.error = body.error;
                }
                let passed_on = PASSED_ON.into_iter().filter_map(|name| {
                    let value = headers.get(&name)?.clone();
                    Some((name, value))
                });
                failure.headers = passed_on.collect();
                failure
            }
            _ => Self::bad_gateway("the upstream did not respond with status 200"),
        }
        .caused_by(cause)
    }

    /// The upstream sent this error object as an event.
    pub(crate) fn of_event(error: Value) -> Self {
        let mut failure = Self::bad_gateway("the upstream reported an error");
        failure.cause = Some(error.to_string());
        if error["message"].is_string() {
            failure.error = error;
        }
        failure
    }

    /// Adds details for the log.
    pub(crate) fn caused_by(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    fn message(&self) -> &str {
        self.error["message"].as_str().unwrap_or_default()
    }

    pub(crate) fn log(&self) {
        tracing::warn!(
            status = self.status.as_u16(),
            error = self.message(),
            cause = self.cause,
            "request failed"
        );
    }

    /// Returns the response, if no byte has been sent yet.
    pub(crate) fn into_response(self) -> AnyResponse {
        let mut response = Response::new(Body::from(json!({"error": self.error}).to_string()));
        *response.status_mut() = self.status;
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response.headers_mut().extend(self.headers);
        response.into()
    }

    /// Returns the event that makes clients of OpenAI raise an error.
    pub(crate) fn event(&self) -> Event {
        Event::data(json!({"error": self.error}).to_string())
    }

    /// Returns the error that ends the invocation after the event.
    pub(crate) fn into_error(self) -> Error {
        Error::new(self.message()).with_type("Function.UpstreamFailed")
    }
}
