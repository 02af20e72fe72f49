//! Invariants of the prelude, for the property test and for the fuzzer.
//!
//! They are written independently of the code in `response`, from the specification of the wire format.

#![allow(
    clippy::panic,
    clippy::expect_used,
    reason = "a panic reports a finding to the fuzzer"
)]

use std::collections::BTreeMap;

use bytes::Bytes;
use http::HeaderValue;
use serde_json::{Value, json};

use crate::error::StreamError;
use crate::event::EventInfo;
use crate::response::{HttpPrelude, ResponseHead};

const FUNCTION_URL: &[u8] = br#"{"version":"2.0","requestContext":{"http":{}}}"#;
const REST_API: &[u8] = br#"{"version":"1.0","httpMethod":"GET","requestContext":{}}"#;
const NOT_HTTP: &[u8] = b"{}";

/// The values that a handler sets in a prelude.
#[derive(Debug)]
pub(crate) struct PreludeInput {
    pub(crate) status: u16,
    /// Names and values. A `set-cookie` is added as a cookie.
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    /// The value for `set_content_type`. It applies if `headers` has no `content-type`.
    pub(crate) content_type: Option<HeaderValue>,
}

impl PreludeInput {
    /// Encodes the prelude for each payload format.
    ///
    /// # Panics
    /// If the prelude is neither encoded completely nor rejected with a correct reason.
    pub(crate) fn check(&self) {
        for (event, has_lists) in [(FUNCTION_URL, false), (REST_API, true), (NOT_HTTP, false)] {
            match self.encode(event) {
                Ok(chunks) => self.check_chunks(&chunks, has_lists),
                Err(StreamError::Invalid(message)) => self.check_rejection(&message, has_lists),
                Err(other) => panic!("rejected with {other:?}"),
            }
        }
    }

    fn encode(&self, event: &'static [u8]) -> Result<Vec<Bytes>, StreamError> {
        let mut prelude = HttpPrelude::new(self.status);
        for (name, value) in &self.headers {
            prelude = match name.as_str() {
                "set-cookie" => prelude.cookie(value),
                _ => prelude.header(name, value),
            };
        }
        let mut head = ResponseHead::new(EventInfo::from_event(event));
        if let Some(content_type) = &self.content_type {
            head.set_content_type(content_type.clone());
        }
        let encoded = head.fill_empty_body(true).encode(Some(prelude))?;
        // RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5.
        let is_bodiless = matches!(self.status, 204 | 205 | 304);
        assert_eq!(encoded.is_bodiless, is_bodiless, "{self:?}");
        assert_eq!(encoded.fill_empty_body, !is_bodiless, "{self:?}");
        assert_eq!(
            encoded.content_type,
            "application/vnd.awslambda.http-integration-response"
        );
        Ok(encoded.chunks)
    }

    fn check_chunks(&self, chunks: &[Bytes], has_lists: bool) {
        let [json, delimiter] = chunks else {
            panic!("{} chunks", chunks.len());
        };
        assert_eq!(&delimiter[..], [0; 8]);
        assert!(!json.contains(&0), "the JSON contains a NUL");
        assert!(json.len() + delimiter.len() <= 16 * 1024, "{} bytes", json.len());
        assert!(self.is_valid(), "an invalid prelude was not rejected: {self:?}");
        let json: Value = serde_json::from_slice(json).expect("one JSON object before the delimiter");
        assert_eq!(json, self.expected(has_lists));
    }

    fn check_rejection(&self, message: &str, has_lists: bool) {
        if self.is_valid() {
            let length = self.expected(has_lists).to_string().len() + 8;
            assert!(length > 16 * 1024, "a valid prelude was rejected: {message}");
            assert!(message.contains(&format!("has {length} bytes")), "{message}");
        } else {
            let reasons = ["invalid status code", "invalid header name", "invalid value of header"];
            assert!(reasons.iter().any(|reason| message.contains(reason)), "{message}");
        }
    }

    /// RFC 9110: the status of a final response, names of token characters, and values without control characters except
    /// tabs. JSON: values in UTF-8.
    fn is_valid(&self) -> bool {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        let is_name = |name: &str| !name.is_empty() && name.bytes().all(is_token);
        let is_visible = |byte: &u8| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f);
        let is_value = |value: &[u8]| value.iter().all(is_visible) && std::str::from_utf8(value).is_ok();
        (200..600).contains(&self.status)
            && self
                .headers
                .iter()
                .all(|(name, value)| is_name(name) && is_value(value))
    }

    fn expected(&self, has_lists: bool) -> Value {
        let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in &self.headers {
            let value = String::from_utf8(value.clone()).expect("a valid value");
            headers.entry(name.to_ascii_lowercase()).or_default().push(value);
        }
        if let Some(content_type) = &self.content_type {
            let text = String::from_utf8(content_type.as_bytes().to_vec()).expect("created from a string");
            headers.entry("content-type".to_owned()).or_insert(vec![text]);
        }
        let cookies = headers.remove("set-cookie").unwrap_or_default();
        headers.retain(|name, _| !["content-length", "transfer-encoding", "connection"].contains(&name.as_str()));
        let (lists, joined): (BTreeMap<_, _>, BTreeMap<_, _>) = headers
            .into_iter()
            .partition(|(_, values)| has_lists && values.len() > 1);
        let headers: BTreeMap<_, _> = joined
            .into_iter()
            .map(|(name, values)| (name, values.join(", ")))
            .collect();
        let mut expected = json!({ "statusCode": self.status, "headers": headers, "cookies": cookies });
        if has_lists {
            expected["multiValueHeaders"] = json!(lists);
        }
        expected
    }
}
