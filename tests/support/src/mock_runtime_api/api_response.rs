//! The HTTP responses of the Runtime API, encoded.

use serde_json::json;

use super::fault_injection::ConnectionFault;

/// How the mock reacts to a request.
#[derive(Clone, Debug)]
pub(crate) enum Reaction {
    Respond(ApiResponse),
    Fault(ConnectionFault),
}

/// A response to a request of the runtime.
#[derive(Clone, Debug)]
pub(crate) struct ApiResponse {
    pub(crate) status: u16,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl ApiResponse {
    /// Creates a response without additional headers.
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Returns the response with which Lambda accepts a response or an error.
    pub(crate) fn accepted() -> Self {
        Self::new(202, r#"{"status":"OK"}"#)
    }

    /// Returns the response with which Lambda rejects a request.
    pub(crate) fn rejection(status: u16, error_type: &str, message: &str) -> Self {
        let body = json!({"errorType": error_type, "errorMessage": message});
        Self::new(status, body.to_string())
    }

    /// Encodes the response.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        encode(self.status, &self.headers, &self.body)
    }
}

/// Encodes the head of an HTTP/1.0 response that keeps the connection open, and the body.
pub(crate) fn encode_http_1_0(headers: &[(String, Vec<u8>)], body: &[u8]) -> Vec<u8> {
    let mut bytes = b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n".to_vec();
    let http_1_1 = encode(200, headers, body);
    bytes.extend_from_slice(&http_1_1[b"HTTP/1.1 200 OK\r\n".len()..]);
    bytes
}

/// Encodes an HTTP/1.1 response. `headers` are written unchecked, so they may be malformed.
pub(crate) fn encode(status: u16, headers: &[(String, Vec<u8>)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status} {}\r\n", reason(status)).into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value);
        bytes.extend_from_slice(b"\r\n");
    }
    // RFC 9110, section 8.6: a 204 has no Content-Length.
    if status != 204 {
        bytes.extend_from_slice(b"Content-Type: application/json\r\n");
        bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    if status != 204 {
        bytes.extend_from_slice(body);
    }
    bytes
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        202 => "Accepted",
        204 => "No Content",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        408 => "Request Timeout",
        410 => "Gone",
        413 => "Request Entity Too Large",
        500 => "Internal Server Error",
        504 => "Gateway Timeout",
        _ => "Scripted",
    }
}
