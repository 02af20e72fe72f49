//! The error responses of the Lambda API, from which SDKs make exceptions.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use serde_json::json;

use super::super::server::limits::{MEMORY_BUDGET_BYTES, REQUEST_TIMEOUT};
use super::super::server::rejection::json_response;
use super::super::server::request_body::BodyError;
use crate::protocol::MAX_EVENT_LENGTH;

/// A request that did not invoke the function.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ApiError {
    status: StatusCode,
    /// The name of the exception in the service model of the SDKs.
    error_type: &'static str,
    message: String,
}

impl ApiError {
    pub(super) fn new(status: StatusCode, error_type: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            error_type,
            message: message.into(),
        }
    }

    /// Returns the error for a body or a header whose content is not valid.
    pub(super) fn invalid_content(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "InvalidRequestContentException", message)
    }

    /// Returns the error for a parameter that violates a constraint of the service model.
    pub(super) fn validation(name: &str, value: &str, constraint: &str) -> Self {
        let message = format!(
            "1 validation error detected: Value '{}' at '{name}' failed to satisfy constraint: {constraint}",
            value.escape_debug()
        );
        Self::new(StatusCode::BAD_REQUEST, "ValidationException", message)
    }

    /// Returns the error for an event that has more than `limit` bytes.
    pub(super) fn too_large(limit: usize) -> Self {
        let message = format!("Request must be smaller than {limit} bytes for the InvokeFunction operation");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException", message)
    }

    /// Returns the error for a body that cannot be read.
    pub(super) fn unreadable_body(error: &BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::too_large(MAX_EVENT_LENGTH),
            BodyError::Timeout => Self::new(
                StatusCode::REQUEST_TIMEOUT,
                "RequestTimeoutException",
                format!(
                    "the request body was not complete after {} seconds: send it faster",
                    REQUEST_TIMEOUT.as_secs()
                ),
            ),
            BodyError::OverBudget => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "TooManyRequestsException",
                format!(
                    "{MEMORY_BUDGET_BYTES} bytes of events are already waiting for the function: retry when some have \
                     finished"
                ),
            ),
            BodyError::Read(error) => Self::invalid_content(format!("failed to read the request body: {error}")),
        }
    }

    /// Converts the error into a response: a JSON object, and the type also in the header `x-amzn-errortype`.
    pub(super) fn into_response(self) -> Response<Full<Bytes>> {
        let cause = match self.status.is_client_error() {
            true => "User",
            false => "Service",
        };
        let mut response = json_response(json!({ "Type": cause, "message": self.message }).to_string().into());
        *response.status_mut() = self.status;
        let error_type = HeaderValue::from_static(self.error_type);
        response.headers_mut().insert("x-amzn-errortype", error_type);
        response
    }
}
