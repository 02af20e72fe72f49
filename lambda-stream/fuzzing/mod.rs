//! Entry points of the fuzzer: each function takes arbitrary bytes and panics if the library violates an invariant.
//!
//! `tests/fuzz` has the fuzz targets. The corpus is in `corpus`, and `corpus_tests` runs it without a fuzzer.
//! `runtime_api` sends its input verbatim. The inputs of the other functions have the form of an HTTP message: a first
//! line, headers, an empty line, a body.

#![allow(
    clippy::panic,
    clippy::expect_used,
    missing_docs,
    reason = "a panic reports a finding to the fuzzer"
)]

#[cfg(test)]
mod corpus_tests;
#[cfg(feature = "local")]
mod function_url;
pub(crate) mod prelude;
mod runtime_api;

use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue};

use self::prelude::PreludeInput;
pub use self::runtime_api::runtime_api;
use crate::Context;

/// An input, split into the parts of an HTTP message.
struct Message<'a> {
    first_line: &'a [u8],
    /// Names and values, which may be invalid.
    headers: Vec<(&'a [u8], &'a [u8])>,
    body: &'a [u8],
}

impl<'a> Message<'a> {
    /// Splits `input`. The headers end at the first line without a colon.
    fn parse(input: &'a [u8]) -> Self {
        let mut rest = input;
        let mut next_line = || {
            let end = rest.iter().position(|byte| *byte == b'\n');
            let line = &rest[..end.unwrap_or(rest.len())];
            rest = end.map_or(&[], |end| &rest[end + 1..]);
            line.strip_suffix(b"\r").unwrap_or(line)
        };
        let first_line = next_line();
        let mut headers = Vec::new();
        loop {
            let line = next_line();
            let Some(colon) = line.iter().position(|byte| *byte == b':') else {
                break;
            };
            headers.push((&line[..colon], line[colon + 1..].trim_ascii_start()));
        }
        Self {
            first_line,
            headers,
            body: rest,
        }
    }

    /// Returns the valid headers.
    fn valid_headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
                headers.append(name, value);
            }
        }
        headers
    }
}

/// Checks that `Context` returns the values of an event's headers.
pub fn context(input: &[u8]) {
    let headers = Message::parse(input).valid_headers();
    let text = |name: &str| {
        let text = headers.get(name)?.to_str().ok();
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let request_id = text("lambda-runtime-aws-request-id");
    let Some(context) = Context::from_headers(headers.clone()) else {
        assert_eq!(request_id, None, "an event with a request id was rejected");
        return;
    };
    assert_eq!(request_id.as_deref(), Some(context.request_id()));
    for (actual, name) in [
        (context.invoked_function_arn(), "lambda-runtime-invoked-function-arn"),
        (context.trace_id(), "lambda-runtime-trace-id"),
        (context.tenant_id(), "lambda-runtime-aws-tenant-id"),
    ] {
        assert_eq!(actual, text(name).as_deref(), "{name}");
    }
    let milliseconds = text("lambda-runtime-deadline-ms").and_then(|text| text.parse::<u64>().ok());
    let deadline = milliseconds.and_then(|milliseconds| UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds)));
    assert_eq!(context.deadline(), deadline);
    assert_eq!(context.remaining().is_some(), deadline.is_some());
    for (actual, name) in [
        (context.client_context(), "lambda-runtime-client-context"),
        (context.identity(), "lambda-runtime-cognito-identity"),
    ] {
        let json = headers
            .get(name)
            .and_then(|value| serde_json::from_slice(value.as_bytes()).ok());
        assert_eq!(actual, json, "{name}");
    }
    let _ = format!("{context:?}");
}

/// Checks the prelude of an input whose first line is the status, and whose body is the content type.
pub fn prelude(input: &[u8]) {
    let message = Message::parse(input);
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let status = std::str::from_utf8(message.first_line)
        .ok()
        .and_then(|line| line.parse().ok());
    let input = PreludeInput {
        status: status.unwrap_or(200),
        headers: message
            .headers
            .iter()
            .map(|(name, value)| (text(name), value.to_vec()))
            .collect(),
        // `ResponseStream::set_content_type` rejects the values that `HeaderValue` rejects.
        content_type: std::str::from_utf8(message.body)
            .ok()
            .filter(|text| !text.is_empty())
            .and_then(|text| HeaderValue::from_str(text).ok()),
    };
    input.check();
}

/// Checks the event of a request to the Function URL in local mode.
#[cfg(feature = "local")]
pub fn function_url(input: &[u8]) {
    let message = Message::parse(input);
    let mut words = message.first_line.split(|byte| *byte == b' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return;
    };
    // hyper rejects an invalid method or target before local mode receives the request.
    let Ok(mut request) = http::Request::builder().method(method).uri(target).body(()) else {
        return;
    };
    *request.headers_mut() = message.valid_headers();
    function_url::check(request, message.body);
}
