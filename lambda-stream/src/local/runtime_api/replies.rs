//! The Runtime API's replies to the function's requests.

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::Full;

use super::super::broker::environment::StateError;
use super::super::server::rejection::{error_json, json_response};

/// Returns the reply to an accepted response or error.
pub(super) fn accepted() -> Response<Full<Bytes>> {
    let mut response = json_response(Bytes::from_static(br#"{"status":"OK"}"#));
    *response.status_mut() = StatusCode::ACCEPTED;
    response
}

/// Returns an error reply in Lambda's format.
pub(super) fn error(status: StatusCode, error_type: &str, message: &str) -> Response<Full<Bytes>> {
    let mut response = json_response(error_json(error_type, message));
    *response.status_mut() = status;
    response
}

/// Rejects a request that is invalid in the current state, and logs why. `call` is the path of the request,
/// without the secret.
pub(super) fn state_error(call: &str, error: StateError) -> Response<Full<Bytes>> {
    let (status, error_type, message) = match error {
        StateError::UnknownRequestId => (
            StatusCode::BAD_REQUEST,
            "InvalidRequestID",
            "no running invocation has this request id: send the `Lambda-Runtime-Aws-Request-Id` of an event before the \
             next poll",
        ),
        StateError::InvalidTransition => (
            StatusCode::FORBIDDEN,
            "InvalidStateTransition",
            "the invocation already has a response, or the function has already polled for an event: send one response or \
             one error for each event, and report an error after the start of a streaming response in its trailers",
        ),
    };
    log_violation(
        call,
        &format!("rejected with {} {error_type}: {message}", status.as_u16()),
    );
    self::error(status, error_type, message)
}

/// Logs a violation of the protocol by the function. `call` is the path of its request, without the
/// secret.
pub(super) fn log_violation(call: &str, explanation: &str) {
    log!(WARN, "POST /{}: {explanation}", call.escape_debug());
}
