//! HTTP answers of the stand-in, as bytes. Knows nothing of who gets them.

use serde_json::json;

use crate::broken::Broken;

/// How a request is answered.
#[derive(Clone, Debug)]
pub(crate) enum Reaction {
    Whole(Reply),
    Broken(Broken),
}

/// An answer to a POST of the runtime, or a scripted one to `next`.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Reply {
    /// Any status with any body.
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// With one more header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// What Lambda says when all is well.
    pub(crate) fn accepted() -> Self {
        Self::new(202, r#"{"status":"OK"}"#)
    }

    /// The JSON of all of Lambda's refusals.
    pub(crate) fn refusal(status: u16, error_type: &str, message: &str) -> Self {
        let body = json!({"errorType": error_type, "errorMessage": message});
        Self::new(status, body.to_string())
    }

    /// The whole answer, as it goes on the wire.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        http_answer(self.status, &self.headers, &self.body)
    }
}

/// A whole HTTP/1.1 answer; `headers` go out as they are, malformed or not.
pub(crate) fn http_answer(status: u16, headers: &[(String, Vec<u8>)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status} {}\r\n", reason(status)).into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value);
        bytes.extend_from_slice(b"\r\n");
    }
    // RFC 9110, section 8.6: no Content-Length with a 204.
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
