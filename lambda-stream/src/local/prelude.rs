//! The head of an HTTP answer: status, headers and cookies, as JSON.
//!
//! A streamed answer leads with it (the prelude), up to eight NULs; a buffered one is an object that holds it.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_TYPE, HeaderMap, SET_COOKIE};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::broker::{AnswerBody, Failure};
use crate::protocol::{INTEGRATION_RESPONSE, MAX_PRELUDE_LENGTH, NEVER_IN_PRELUDE, PRELUDE_DELIMITER};

/// Status and headers of an answer, the cookies among them.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
}

/// Why an answer has no head.
#[derive(Debug)]
pub(super) enum HeadError {
    /// The function failed before its prelude was whole.
    Failed(Failure),
    /// The function's answer is none that HTTP could carry; the status is what its caller gets instead.
    Unusable { status: StatusCode, message: String },
}

impl Head {
    /// The head of a streamed answer that leads with no prelude.
    pub(super) fn of_type(content_type: &str) -> Self {
        let mut headers = HeaderMap::new();
        if let Ok(content_type) = HeaderValue::from_str(content_type) {
            headers.insert(CONTENT_TYPE, content_type);
        }
        Self {
            status: StatusCode::OK,
            headers,
        }
    }
}

impl HeadError {
    /// The function's fault, as Lambda and API Gateway count it.
    pub(super) fn bad_gateway(message: impl Into<String>) -> Self {
        Self::Unusable {
            status: StatusCode::BAD_GATEWAY,
            message: message.into(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    status_code: Option<u16>,
    headers: Option<BTreeMap<String, String>>,
    cookies: Option<Vec<String>>,
    multi_value_headers: Option<Value>,
}

/// Whether a streamed answer of this content type leads with a prelude.
pub(super) fn leads(content_type: &str) -> bool {
    content_type
        .as_bytes()
        .eq_ignore_ascii_case(INTEGRATION_RESPONSE.as_bytes())
}

/// Reads the prelude of a streamed answer, and what came of the body in the same piece.
pub(super) async fn read(body: &mut AnswerBody) -> Result<(Head, Bytes), HeadError> {
    let mut start = BytesMut::new();
    let end = loop {
        let delimiter = start
            .windows(PRELUDE_DELIMITER.len())
            .position(|bytes| bytes == PRELUDE_DELIMITER);
        match delimiter {
            Some(end) if end + PRELUDE_DELIMITER.len() <= MAX_PRELUDE_LENGTH => break end,
            None if start.len() < MAX_PRELUDE_LENGTH => {}
            _ => {
                return Err(HeadError::bad_gateway(format!(
                    "the prelude and its eight NUL bytes do not end within the first {MAX_PRELUDE_LENGTH} bytes of the stream"
                )));
            }
        }
        match body.next().await {
            Some(Ok(piece)) => start.extend_from_slice(&piece),
            Some(Err(failure)) => return Err(HeadError::Failed(failure)),
            None => {
                return Err(HeadError::bad_gateway(
                    "the stream ended before the eight NUL bytes after its prelude",
                ));
            }
        }
    };
    let mut rest = start.split_off(end);
    let fields = serde_json::from_slice(&start)
        .map_err(|error| HeadError::bad_gateway(format!("the prelude is not what it should be: {error}")))?;
    let head = streamed_head(fields)?;
    Ok((head, rest.split_off(PRELUDE_DELIMITER.len()).freeze()))
}

/// The head of a buffered answer, an object that has a `statusCode`.
pub(super) fn of_buffered(answer: &Value) -> Result<Head, HeadError> {
    let fields = Fields::deserialize(answer)
        .map_err(|error| HeadError::bad_gateway(format!("the response is not what it should be: {error}")))?;
    let mut head = head(fields)?;
    // hyper writes those that the buffered body needs.
    for name in NEVER_IN_PRELUDE {
        head.headers.remove(name);
    }
    Ok(head)
}

fn streamed_head(fields: Fields) -> Result<Head, HeadError> {
    // A Function URL speaks payload format 2.0 only, where it is an error of the function that gives a 500.
    if fields.multi_value_headers.is_some() {
        return Err(HeadError::Unusable {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            message: "a Function URL refuses `multiValueHeaders` in the prelude: join the values in `headers`, \
                      put cookies in `cookies`"
                .to_owned(),
        });
    }
    let head = head(fields)?;
    for name in NEVER_IN_PRELUDE {
        if head.headers.contains_key(&name) {
            return Err(HeadError::bad_gateway(format!(
                "the prelude has a `{name}` header, which contradicts the chunked body: leave it out"
            )));
        }
    }
    Ok(head)
}

fn head(fields: Fields) -> Result<Head, HeadError> {
    let code = fields.status_code.unwrap_or(200);
    // hyper writes no 1xx as a final answer, and HTTP has none.
    let status = match StatusCode::from_u16(code) {
        Ok(status) if (200..600).contains(&code) => status,
        _ => {
            return Err(HeadError::bad_gateway(format!(
                "`statusCode` is {code}, and a response takes 200 to 599"
            )));
        }
    };
    let mut headers = HeaderMap::new();
    for (name, value) in fields.headers.unwrap_or_default() {
        match (HeaderName::try_from(&name), HeaderValue::from_bytes(value.as_bytes())) {
            (Ok(name), Ok(value)) => headers.append(name, value),
            _ => {
                return Err(HeadError::bad_gateway(format!(
                    "HTTP cannot carry the header {name:?}: {value:?}"
                )));
            }
        };
    }
    for cookie in fields.cookies.unwrap_or_default() {
        match HeaderValue::from_bytes(cookie.as_bytes()) {
            Ok(value) => headers.append(SET_COOKIE, value),
            Err(_) => {
                return Err(HeadError::bad_gateway(format!(
                    "HTTP cannot carry the cookie {cookie:?}"
                )));
            }
        };
    }
    Ok(Head { status, headers })
}
