//! Decodes what was sent to Lambda as Lambda and its HTTP front ends decode it: the prelude, the documents of responses
//! that are not streamed, and errors.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;

use crate::error::{DEFAULT_ERROR_TYPE, Error};
use crate::event::EventFormat;
use crate::protocol::{ERROR_BODY, ERROR_TYPE, JSON, PRELUDE_DELIMITER};

/// Status, headers and cookies of an HTTP response.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    /// `None` if the response is not an HTTP response.
    pub(super) status: Option<u16>,
    /// Without cookies.
    pub(super) headers: HeaderMap,
    pub(super) cookies: Vec<String>,
}

impl Head {
    /// Returns the head of a response that is not an HTTP response.
    pub(super) fn of_content_type(content_type: HeaderValue) -> Self {
        Self {
            headers: HeaderMap::from_iter([(CONTENT_TYPE, content_type)]),
            ..Self::default()
        }
    }
}

/// Separates the prelude of a streamed body from the bytes that follow, wherever its chunks begin and end.
#[derive(Debug, Default)]
pub(super) struct PreludeDecoder(Vec<u8>);

impl PreludeDecoder {
    /// Takes the next bytes. Returns the head and the first bytes of the body when the prelude is complete.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Option<(Option<Head>, Bytes)> {
        self.0.extend_from_slice(bytes);
        let length = self
            .0
            .windows(PRELUDE_DELIMITER.len())
            .position(|bytes| bytes == PRELUDE_DELIMITER)?;
        let body = self.0.split_off(length + PRELUDE_DELIMITER.len());
        let document = Document::parse(&self.0[..length]);
        Some((document.map(Document::into_head), body.into()))
    }
}

/// The JSON of a prelude, and of an HTTP response that is one document.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    status_code: u16,
    headers: Option<BTreeMap<String, String>>,
    multi_value_headers: Option<BTreeMap<String, Vec<String>>>,
    cookies: Option<Vec<String>>,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

impl Document {
    fn parse(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    fn body(&self) -> Option<Bytes> {
        let body = self.body.as_deref().unwrap_or_default();
        match self.is_base64_encoded {
            true => STANDARD.decode(body).ok().map(Bytes::from),
            false => Some(Bytes::copy_from_slice(body.as_bytes())),
        }
    }

    fn into_head(self) -> Head {
        let mut head = Head {
            status: Some(self.status_code),
            cookies: self.cookies.unwrap_or_default(),
            ..Head::default()
        };
        let single = self.headers.unwrap_or_default().into_iter();
        let lists = self.multi_value_headers.unwrap_or_default().into_iter();
        let lists = lists.flat_map(|(name, values)| values.into_iter().map(move |value| (name.clone(), value)));
        for (name, value) in single.chain(lists) {
            match (HeaderName::try_from(name), HeaderValue::try_from(&value)) {
                (Ok(SET_COOKIE), _) => head.cookies.push(value),
                (Ok(name), Ok(value)) => drop(head.headers.append(name, value)),
                // Lambda's front ends do not pass on what is not a header.
                _ => {}
            }
        }
        head
    }
}

/// Decodes a complete response that is one document, as the source of the event does. Returns `None` if the caller gets it
/// unchanged, with `content_type`.
pub(super) fn http_response(format: EventFormat, json: &[u8]) -> Option<(Head, Bytes)> {
    let document = match format {
        EventFormat::NotHttp => return None,
        EventFormat::PayloadV1 | EventFormat::PayloadV2 | EventFormat::Alb { .. } => Document::parse(json),
    };
    match (document, format) {
        (Some(document), _) => {
            let body = document.body()?;
            Some((document.into_head(), body))
        }
        // A document without a status is the body of a response in payload format 2.0.
        (None, EventFormat::PayloadV2) => {
            let mut head = Head::of_content_type(JSON);
            head.status = Some(200);
            Some((head, Bytes::copy_from_slice(json)))
        }
        (None, _) => None,
    }
}

/// The JSON of an error.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ErrorDocument {
    error_type: String,
    error_message: String,
    #[serde(default)]
    stack_trace: Vec<String>,
}

/// Decodes the JSON of an error.
pub(super) fn error(json: &[u8]) -> Option<Error> {
    let document: ErrorDocument = serde_json::from_slice(json).ok()?;
    Some(Error::of_type(
        document.error_type,
        document.error_message,
        document.stack_trace,
    ))
}

/// Decodes the trailers of a response that failed after it had started.
pub(super) fn error_trailers(trailers: &HeaderMap) -> Error {
    let json = trailers.get(&ERROR_BODY).and_then(|body| STANDARD.decode(body).ok());
    json.and_then(|json| error(&json)).unwrap_or_else(|| {
        let error_type = trailers.get(&ERROR_TYPE).and_then(|value| value.to_str().ok());
        Error::new("").with_type(error_type.unwrap_or(DEFAULT_ERROR_TYPE))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prelude_is_found_in_chunks_of_any_length() {
        let prelude = b"{\"statusCode\":201,\"headers\":{\"a\":\"b\"},\"cookies\":[\"c=1\"]}\0\0\0\0\0\0\0\0body\0";
        for length in 1..=prelude.len() {
            let mut decoder = PreludeDecoder::default();
            let mut chunks = prelude.chunks(length);
            let (head, first) = chunks.find_map(|chunk| decoder.push(chunk)).unwrap();
            let head = head.unwrap();
            assert_eq!(
                (head.status, &head.headers["a"], &head.cookies[..]),
                (Some(201), &HeaderValue::from_static("b"), &["c=1".to_owned()][..])
            );
            assert_eq!([&first[..], &chunks.collect::<Vec<_>>().concat()].concat(), b"body\0");
        }
    }

    #[test]
    fn malformed_prelude_has_no_head() {
        let (head, body) = PreludeDecoder::default().push(b"[]\0\0\0\0\0\0\0\0x").unwrap();
        assert!(head.is_none());
        assert_eq!(body, "x");
        assert!(PreludeDecoder::default().push(b"{\"statusCode\":200}").is_none());
    }

    #[test]
    fn document_is_decoded_for_http_events_only() {
        let json = br#"{"statusCode":404,"multiValueHeaders":{"A":["1","2"],"Set-Cookie":["c=1"]},"body":"/w==","isBase64Encoded":true}"#;
        let alb = EventFormat::Alb {
            multi_value_headers: true,
        };
        for format in [EventFormat::PayloadV1, EventFormat::PayloadV2, alb] {
            let (head, body) = http_response(format, json).unwrap();
            assert_eq!(head.status, Some(404));
            assert_eq!(head.headers.get_all("a").iter().collect::<Vec<_>>(), ["1", "2"]);
            assert_eq!(head.cookies, ["c=1"]);
            assert_eq!(&body[..], b"\xff");
        }
        assert!(http_response(EventFormat::NotHttp, json).is_none());
        assert!(http_response(alb, b"[1]").is_none());
        let (head, body) = http_response(EventFormat::PayloadV2, b"[1]").unwrap();
        assert_eq!((head.status, &head.headers[CONTENT_TYPE]), (Some(200), &JSON));
        assert_eq!(body, "[1]");
    }
}
