//! The Runtime API's replies to the function's requests.

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::Full;

use super::super::broker::StateError;
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

/// Returns the reply to a request that is invalid in the current state.
pub(super) fn state_error(state_error: StateError) -> Response<Full<Bytes>> {
    match state_error {
        StateError::UnknownRequestId => error(
            StatusCode::BAD_REQUEST,
            "InvalidRequestID",
            "no running invocation has this request id",
        ),
        StateError::InvalidTransition => error(
            StatusCode::FORBIDDEN,
            "InvalidStateTransition",
            "the invocation already has a response, or the function has already polled for an event",
        ),
    }
}
