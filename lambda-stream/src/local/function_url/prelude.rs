//! Decodes the status, headers and cookies of a function's response.
//!
//! A streaming response starts with them: the prelude, JSON that ends with eight NUL bytes. A buffered response
//! contains them in its JSON object.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_TYPE, HeaderMap, SET_COOKIE};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::super::activity::event::InvocationError;
use super::super::broker::response::ResponseChunks;
use crate::protocol::{INTEGRATION_RESPONSE, MAX_PRELUDE_LENGTH, NEVER_IN_PRELUDE, PRELUDE_DELIMITER};

/// The status and the headers of an HTTP response. Cookies are `Set-Cookie` headers.
#[derive(Debug)]
pub(crate) struct HttpHead {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
}

/// The reason why a response has no status and headers.
#[derive(Debug)]
pub(crate) enum HeadError {
    /// The function failed before the prelude was complete.
    Invocation(InvocationError),
    /// The response is not valid. The caller gets this status.
    Invalid { status: StatusCode, message: String },
}

/// Which rules a response has to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeadRules {
    /// Those of a Function URL, which uses payload format 2.0: `multiValueHeaders` has no effect in a buffered response
    /// and is an error in a prelude.
    FunctionUrl,
    /// Those of a REST API, which uses payload format 1.0: `multiValueHeaders` adds values.
    RestApi,
    /// Those of every event source: `multiValueHeaders` adds values, as in payload format 1.0 and for an Application Load
    /// Balancer.
    AnySource,
}

impl HttpHead {
    /// Returns the head of a streaming response that has no prelude.
    pub(crate) fn with_content_type(content_type: &str) -> Self {
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
    /// Returns an error with status 502, which Lambda and API Gateway use for an invalid response of a function.
    pub(crate) fn bad_gateway(message: impl Into<String>) -> Self {
        Self::Invalid {
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

/// Returns whether a streaming response with this content type starts with a prelude.
pub(crate) fn is_expected(content_type: &str) -> bool {
    content_type
        .as_bytes()
        .eq_ignore_ascii_case(INTEGRATION_RESPONSE.as_bytes())
}

/// Reads the prelude of a streaming response, which has at most [`MAX_PRELUDE_LENGTH`] bytes. Also returns the start of the
/// body, if it arrived in the same chunk.
pub(crate) async fn read(chunks: &mut ResponseChunks, rules: HeadRules) -> Result<(HttpHead, Bytes), HeadError> {
    read_within(MAX_PRELUDE_LENGTH, chunks, rules).await
}

/// The same as [`read`], with another limit for the prelude and its delimiter, in bytes.
pub(crate) async fn read_within(
    limit: usize,
    chunks: &mut ResponseChunks,
    rules: HeadRules,
) -> Result<(HttpHead, Bytes), HeadError> {
    let mut buffer = BytesMut::new();
    let mut searched = 0;
    let end = loop {
        let delimiter = buffer[searched..]
            .windows(PRELUDE_DELIMITER.len())
            .position(|bytes| bytes == PRELUDE_DELIMITER);
        match delimiter.map(|position| searched + position) {
            Some(end) if end + PRELUDE_DELIMITER.len() <= limit => break end,
            None if buffer.len() < limit => {}
            _ => {
                return Err(HeadError::bad_gateway(format!(
                    "the prelude and its eight NUL bytes do not fit in the first {limit} bytes of the stream: start the \
                     stream with a prelude, and put fewer or shorter headers and cookies into it"
                )));
            }
        }
        // The delimiter may be split between two chunks.
        searched = buffer.len().saturating_sub(PRELUDE_DELIMITER.len() - 1);
        match chunks.next().await {
            Some(Ok(chunk)) => buffer.extend_from_slice(&chunk),
            Some(Err(error)) => return Err(HeadError::Invocation(error)),
            None => {
                return Err(HeadError::bad_gateway(
                    "the stream ended before the eight NUL bytes that end the prelude: start the stream with a JSON object \
                     that has the status, the headers and the cookies, and eight NUL bytes",
                ));
            }
        }
    };
    let mut rest = buffer.split_off(end);
    let fields = serde_json::from_slice(&buffer).map_err(|error| {
        HeadError::bad_gateway(format!(
            "failed to deserialize the prelude: {error}: send one JSON object such as \
                 {{\"statusCode\":200,\"headers\":{{\"name\":\"value\"}},\"cookies\":[\"name=value\"]}}"
        ))
    })?;
    let head = match rules {
        HeadRules::FunctionUrl | HeadRules::RestApi => decode_prelude(fields, rules)?,
        HeadRules::AnySource => decode(fields, rules)?,
    };
    Ok((head, rest.split_off(PRELUDE_DELIMITER.len()).freeze()))
}

/// Decodes a buffered response that describes an HTTP response: a JSON object with a `statusCode`. Returns `None` for
/// any other payload.
pub(crate) fn decode_buffered(payload: &[u8], rules: HeadRules) -> Result<Option<(HttpHead, Bytes)>, HeadError> {
    match serde_json::from_slice::<Value>(payload) {
        Ok(document) if document.get("statusCode").is_some() => {
            let head = decode_buffered_head(&document, rules)?;
            Ok(Some((head, decode_buffered_body(&document)?)))
        }
        _ => Ok(None),
    }
}

fn decode_buffered_head(document: &Value, rules: HeadRules) -> Result<HttpHead, HeadError> {
    let fields = Fields::deserialize(document).map_err(|error| {
        HeadError::bad_gateway(format!(
            "failed to deserialize the response: {error}: send a JSON object with a number in `statusCode`, strings in \
             `headers`, and a string in `body`"
        ))
    })?;
    let mut head = decode(fields, rules)?;
    // hyper adds the framing headers that a buffered body needs.
    for name in NEVER_IN_PRELUDE {
        head.headers.remove(name);
    }
    Ok(head)
}

fn decode_buffered_body(document: &Value) -> Result<Bytes, HeadError> {
    match &document["body"] {
        Value::Null => Ok(Bytes::new()),
        Value::String(body) if document["isBase64Encoded"] == true => match STANDARD.decode(body) {
            Ok(body) => Ok(body.into()),
            Err(error) => Err(HeadError::bad_gateway(format!(
                "`isBase64Encoded` is true, but `body` is not valid base64 ({error}): encode the body, or omit the field"
            ))),
        },
        Value::String(body) => Ok(body.clone().into()),
        _ => Err(HeadError::bad_gateway(
            "`body` is not a string: serialize the JSON into a string",
        )),
    }
}

fn decode_prelude(fields: Fields, rules: HeadRules) -> Result<HttpHead, HeadError> {
    // Lambda responds to `multiValueHeaders` with status 500.
    if rules == HeadRules::FunctionUrl && fields.multi_value_headers.is_some() {
        return Err(HeadError::Invalid {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            message:
                "a Function URL does not accept `multiValueHeaders` in the prelude: join the values in `headers`, \
                      and put cookies in `cookies`"
                    .to_owned(),
        });
    }
    let head = decode(fields, rules)?;
    for name in NEVER_IN_PRELUDE {
        if head.headers.contains_key(&name) {
            return Err(HeadError::bad_gateway(format!(
                "the prelude contains the header `{name}`, which conflicts with the chunked body: remove the header"
            )));
        }
    }
    Ok(head)
}

fn decode(fields: Fields, rules: HeadRules) -> Result<HttpHead, HeadError> {
    let code = fields.status_code.unwrap_or(200);
    // A 1xx status is not a final response in HTTP, and hyper does not send it as one.
    let status = match StatusCode::from_u16(code) {
        Ok(status) if (200..600).contains(&code) => status,
        _ => {
            return Err(HeadError::bad_gateway(format!(
                "`statusCode` is {code}, but must be from 200 to 599: send the status of a final response"
            )));
        }
    };
    let lists: BTreeMap<String, Vec<String>> = match (fields.multi_value_headers, rules) {
        (Some(lists), HeadRules::RestApi | HeadRules::AnySource) => serde_json::from_value(lists).map_err(|error| {
            HeadError::bad_gateway(format!(
                "failed to deserialize `multiValueHeaders`: {error}: send a JSON object of lists of strings"
            ))
        })?,
        _ => BTreeMap::new(),
    };
    let mut headers = HeaderMap::new();
    for (name, value) in fields.headers.unwrap_or_default() {
        // API Gateway merges both fields, and takes a value that is in both of them once.
        if !lists.get(&name).is_some_and(|values| values.contains(&value)) {
            append(&mut headers, &name, &value)?;
        }
    }
    for (name, values) in &lists {
        for value in values {
            append(&mut headers, name, value)?;
        }
    }
    for cookie in fields.cookies.unwrap_or_default() {
        match HeaderValue::from_bytes(cookie.as_bytes()) {
            Ok(value) => headers.append(SET_COOKIE, value),
            Err(_) => {
                return Err(HeadError::bad_gateway(format!(
                    "invalid cookie in the response: {cookie:?}: remove line breaks and other control characters"
                )));
            }
        };
    }
    Ok(HttpHead { status, headers })
}

fn append(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), HeadError> {
    match (HeaderName::try_from(name), HeaderValue::from_bytes(value.as_bytes())) {
        (Ok(name), Ok(value)) => {
            headers.append(name, value);
            Ok(())
        }
        _ => Err(HeadError::bad_gateway(format!(
            "invalid HTTP header in the response: {name:?}: {value:?}: use a token as the name, and no line breaks or \
             other control characters in the value"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head_lines(json: &str, rules: HeadRules) -> Vec<String> {
        let head = decode(serde_json::from_str(json).unwrap(), rules).unwrap();
        let lines = head.headers.iter();
        lines
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect()
    }

    #[test]
    fn header_lists_are_merged_for_any_source() {
        let json =
            r#"{"headers":{"a":"1","b":"2","c":"3"},"multiValueHeaders":{"b":["2","4"],"c":["5"]},"cookies":["d=6"]}"#;
        for rules in [HeadRules::AnySource, HeadRules::RestApi] {
            let mut lines = head_lines(json, rules);
            lines.sort_unstable();
            assert_eq!(lines, ["a: 1", "b: 2", "b: 4", "c: 3", "c: 5", "set-cookie: d=6"]);
        }
        let mut lines = head_lines(json, HeadRules::FunctionUrl);
        lines.sort_unstable();
        assert_eq!(lines, ["a: 1", "b: 2", "c: 3", "set-cookie: d=6"]);
    }

    #[test]
    fn invalid_header_lists_are_an_error() {
        for lists in [r#"{"a":"b"}"#, r#"{"a":["b\nc"]}"#, r#"{"a b":["c"]}"#] {
            let fields = serde_json::from_str(&format!(r#"{{"multiValueHeaders":{lists}}}"#)).unwrap();
            assert!(decode(fields, HeadRules::AnySource).is_err(), "{lists}");
        }
    }
}
