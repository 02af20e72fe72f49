//! What holds for every prelude, whatever goes into it: for the property tests, and for the fuzzer.
//!
//! It says again, in other words than the code beside it, what the wire wants.

#![allow(clippy::panic, clippy::expect_used, reason = "this is how a fuzzer finds something")]

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

/// What a handler may put into a prelude.
#[derive(Debug)]
pub(crate) struct PreludeInput {
    pub(crate) status: u16,
    /// Names and values; a `Set-Cookie` is a cookie.
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    /// Set by itself, and used where no header says it.
    pub(crate) content_type: Option<HeaderValue>,
}

impl PreludeInput {
    /// Panics where the prelude is neither refused for a good reason nor all that was given.
    pub(crate) fn check(&self) {
        for (event, lists) in [(FUNCTION_URL, false), (REST_API, true), (NOT_HTTP, false)] {
            match self.open(event) {
                Ok(chunks) => self.check_chunks(&chunks, lists),
                Err(StreamError::Invalid(why)) => self.check_refusal(&why, lists),
                Err(other) => panic!("refused with {other:?}"),
            }
        }
    }

    fn open(&self, event: &'static [u8]) -> Result<Vec<Bytes>, StreamError> {
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
        let opening = head.encode(Some(prelude))?;
        assert_eq!(
            opening.content_type,
            "application/vnd.awslambda.http-integration-response"
        );
        Ok(opening.chunks)
    }

    fn check_chunks(&self, chunks: &[Bytes], lists: bool) {
        let [json, delimiter] = chunks else {
            panic!("{} chunks", chunks.len());
        };
        assert_eq!(&delimiter[..], [0; 8]);
        assert!(!json.contains(&0), "a NUL before the delimiter");
        assert!(json.len() + delimiter.len() <= 16 * 1024, "{} bytes", json.len());
        assert!(self.is_valid(), "nobody refused {self:?}");
        let json: Value = serde_json::from_slice(json).expect("one JSON object before the delimiter");
        assert_eq!(json, self.expected(lists));
    }

    fn check_refusal(&self, why: &str, lists: bool) {
        if self.is_valid() {
            let length = self.expected(lists).to_string().len() + 8;
            assert!(length > 16 * 1024, "refused for nothing: {why}");
            assert!(why.contains(&format!("take {length} bytes")), "{why}");
        } else {
            let says = [
                "is no status code",
                "is no name for a header",
                "the value of the header",
            ];
            assert!(says.iter().any(|said| why.contains(said)), "{why}");
        }
    }

    /// RFC 9110: a status of three digits, names of token characters, values without control characters but tabs; and
    /// JSON, which is UTF-8.
    fn is_valid(&self) -> bool {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        let is_name = |name: &str| !name.is_empty() && name.bytes().all(is_token);
        let is_visible = |byte: &u8| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f);
        let is_value = |value: &[u8]| value.iter().all(is_visible) && std::str::from_utf8(value).is_ok();
        (100..600).contains(&self.status)
            && self
                .headers
                .iter()
                .all(|(name, value)| is_name(name) && is_value(value))
    }

    fn expected(&self, lists: bool) -> Value {
        let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in &self.headers {
            let value = String::from_utf8(value.clone()).expect("a valid value");
            headers.entry(name.to_ascii_lowercase()).or_default().push(value);
        }
        if let Some(content_type) = &self.content_type {
            let text = String::from_utf8(content_type.as_bytes().to_vec()).expect("it was made of a text");
            headers.entry("content-type".to_owned()).or_insert(vec![text]);
        }
        let cookies = headers.remove("set-cookie").unwrap_or_default();
        headers.retain(|name, _| !["content-length", "transfer-encoding", "connection"].contains(&name.as_str()));
        let (repeated, once): (BTreeMap<_, _>, BTreeMap<_, _>) =
            headers.into_iter().partition(|(_, values)| lists && values.len() > 1);
        let headers: BTreeMap<_, _> = once
            .into_iter()
            .map(|(name, values)| (name, values.join(", ")))
            .collect();
        let mut expected = json!({ "statusCode": self.status, "headers": headers, "cookies": cookies });
        if lists {
            expected["multiValueHeaders"] = json!(repeated);
        }
        expected
    }
}
