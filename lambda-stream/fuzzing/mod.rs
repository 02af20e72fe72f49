//! The ways in for what others say: one function each, which takes any bytes and panics where the library does not keep
//! what it promises.
//!
//! `tests/fuzz` holds the fuzzer's targets, and a corpus that the tests here replay. All inputs have the form of an HTTP
//! message: a first line, fields, an empty line, a body.

#![allow(
    clippy::panic,
    clippy::expect_used,
    missing_docs,
    reason = "this is how a fuzzer finds something"
)]

#[cfg(test)]
mod corpus_tests;
pub(crate) mod prelude;
mod runtime_api;

use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue};

use self::prelude::PreludeInput;
pub use self::runtime_api::runtime_api;
use crate::Context;

/// One input, in its parts.
struct Message<'a> {
    first_line: &'a [u8],
    /// Names and values.
    fields: Vec<(&'a [u8], &'a [u8])>,
    body: &'a [u8],
}

impl<'a> Message<'a> {
    fn of(input: &'a [u8]) -> Self {
        let mut rest = input;
        let mut line = || {
            let end = rest.iter().position(|byte| *byte == b'\n');
            let line = &rest[..end.unwrap_or(rest.len())];
            rest = end.map_or(&[], |end| &rest[end + 1..]);
            line.strip_suffix(b"\r").unwrap_or(line)
        };
        let first_line = line();
        let mut fields = Vec::new();
        loop {
            let field = line();
            let Some(colon) = field.iter().position(|byte| *byte == b':') else {
                break;
            };
            fields.push((&field[..colon], field[colon + 1..].trim_ascii_start()));
        }
        Self {
            first_line,
            fields,
            body: rest,
        }
    }

    /// The fields that HTTP allows.
    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.fields {
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
                headers.append(name, value);
            }
        }
        headers
    }
}

/// The headers that come with an event.
pub fn context(input: &[u8]) {
    let headers = Message::of(input).headers();
    let text = |name: &str| {
        let text = headers.get(name)?.to_str().ok();
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let request_id = text("lambda-runtime-aws-request-id");
    let Some(context) = Context::from_headers(headers.clone()) else {
        assert_eq!(request_id, None, "it came with a request id");
        return;
    };
    assert_eq!(request_id.as_deref(), Some(context.request_id()));
    for (said, name) in [
        (context.invoked_function_arn(), "lambda-runtime-invoked-function-arn"),
        (context.trace_id(), "lambda-runtime-trace-id"),
        (context.tenant_id(), "lambda-runtime-aws-tenant-id"),
    ] {
        assert_eq!(said, text(name).as_deref(), "{name}");
    }
    let milliseconds = text("lambda-runtime-deadline-ms").and_then(|text| text.parse::<u64>().ok());
    let deadline = milliseconds.and_then(|milliseconds| UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds)));
    assert_eq!(context.deadline(), deadline);
    assert_eq!(context.remaining().is_some(), deadline.is_some());
    for (said, name) in [
        (context.client_context(), "lambda-runtime-client-context"),
        (context.identity(), "lambda-runtime-cognito-identity"),
    ] {
        let json = headers
            .get(name)
            .and_then(|value| serde_json::from_slice(value.as_bytes()).ok());
        assert_eq!(said, json, "{name}");
    }
    let _ = format!("{context:?}");
}

/// What a handler puts into a prelude: the status as the first line, a content type as the body.
pub fn prelude(input: &[u8]) {
    let message = Message::of(input);
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let status = std::str::from_utf8(message.first_line)
        .ok()
        .and_then(|line| line.parse().ok());
    let given = PreludeInput {
        status: status.unwrap_or(200),
        headers: message
            .fields
            .iter()
            .map(|(name, value)| (text(name), value.to_vec()))
            .collect(),
        // As `ResponseStream::content_type` takes it: any text that can stand in a header.
        content_type: std::str::from_utf8(message.body)
            .ok()
            .filter(|text| !text.is_empty())
            .and_then(|text| HeaderValue::from_str(text).ok()),
    };
    given.check();
}

/// A request to the Function URL of the local mode.
#[cfg(feature = "local")]
pub fn function_url(input: &[u8]) {
    let message = Message::of(input);
    let mut words = message.first_line.split(|byte| *byte == b' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return;
    };
    // hyper refuses what is no request, before anything of ours sees it.
    let Ok(mut request) = http::Request::builder().method(method).uri(target).body(()) else {
        return;
    };
    *request.headers_mut() = message.headers();
    crate::local::event_law::check(request, message.body);
}
