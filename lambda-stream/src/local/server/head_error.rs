//! The error responses to request heads that hyper cannot read.

use http::StatusCode;

use super::limits::{MAX_BUFFER_BYTES, REQUEST_TIMEOUT};
use super::rejection::ErrorResponse;
use super::request_body::BodyError;

/// Returns the response to a request whose head hyper cannot read, or `None` if the client gets no response.
///
/// `hyper_responded`: hyper wrote an error response, which the socket discarded. `unread`: the bytes that hyper has
/// received but not parsed.
pub(super) fn to_response(error: &hyper::Error, hyper_responded: bool, unread: &[u8]) -> Option<ErrorResponse> {
    if error.is_timeout() {
        let seconds = REQUEST_TIMEOUT.as_secs();
        let message = format!("the request head was not complete after {seconds} seconds: send it faster");
        // A client that is idle between two requests does not expect a response.
        return (!unread.is_empty())
            .then(|| ErrorResponse::new(StatusCode::REQUEST_TIMEOUT, "RequestTimeout", &message));
    }
    if error.is_parse_too_large() && !starts_with_head(unread) {
        // hyper has parsed the head, and reports a `Content-Length` that is too large even for its own counter.
        return hyper_responded.then(|| BodyError::TooLarge.to_response());
    }
    if error.is_parse_too_large() {
        let message = format!(
            "the request head is larger than {MAX_BUFFER_BYTES} bytes or has more than 100 headers: send a smaller one"
        );
        let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        return hyper_responded.then(|| ErrorResponse::new(status, "RequestHeaderFieldsTooLarge", &message));
    }
    let message = format!("failed to read the request head ({error}): send HTTP/1.1 without TLS");
    // hyper sends no response to an HTTP/2 preface.
    (hyper_responded || error.is_parse_version_h2())
        .then(|| ErrorResponse::new(StatusCode::BAD_REQUEST, "BadRequest", &message))
}

/// Returns whether the head that hyper rejected as too large is still in its buffer: the buffer is full, or it starts
/// with a request line.
fn starts_with_head(unread: &[u8]) -> bool {
    let first_line = unread.trim_ascii_start().split(|byte| *byte == b'\n').next();
    let request_line = first_line.unwrap_or_default().trim_ascii_end();
    unread.len() >= MAX_BUFFER_BYTES || request_line.ends_with(b" HTTP/1.1") || request_line.ends_with(b" HTTP/1.0")
}
