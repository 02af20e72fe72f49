//! The start of a streamed response: the content type of the POST, and the prelude of an HTTP response.

use bytes::Bytes;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use super::prelude::HttpPrelude;
use crate::error::StreamError;
use crate::event::{EventFormat, EventInfo};
use crate::protocol::{EVENT_STREAM, INTEGRATION_RESPONSE, JSON, OCTET_STREAM, PRELUDE_DELIMITER};

/// What determines the head of a response that has not started: the event, the settings of the runtime, and the content
/// type that the handler set.
pub(crate) struct ResponseHead {
    event_info: EventInfo,
    fill_empty_body: bool,
    content_type: Option<HeaderValue>,
}

/// The encoded head of a response.
pub(crate) struct EncodedHead {
    /// The content type of the POST to the Runtime API.
    pub(crate) content_type: HeaderValue,
    /// The chunks before the body: the prelude and its delimiter, or none.
    pub(crate) chunks: Vec<Bytes>,
    /// The response has no body: bytes that the handler writes are discarded.
    pub(crate) is_bodiless: bool,
    /// If the handler writes no byte, the body is one line feed; see
    /// [`Runtime::fill_empty_body`](crate::Runtime::fill_empty_body).
    pub(crate) fill_empty_body: bool,
}

impl ResponseHead {
    pub(crate) fn new(event_info: EventInfo) -> Self {
        Self {
            event_info,
            fill_empty_body: false,
            content_type: None,
        }
    }

    /// Sets whether an empty body of an HTTP response is replaced with one line feed.
    pub(crate) fn fill_empty_body(mut self, fill: bool) -> Self {
        self.fill_empty_body = fill;
        self
    }

    pub(crate) fn set_content_type(&mut self, content_type: HeaderValue) {
        self.content_type = Some(content_type);
    }

    /// Encodes the head, with `prelude` if the handler sent one.
    ///
    /// The response to an HTTP event always gets a prelude, because API Gateway rejects a stream without one. The
    /// response to any other event gets a prelude only if the handler sent one.
    ///
    /// # Errors
    /// [`StreamError::Invalid`] for an invalid prelude, and for a stream in response to an Application Load Balancer.
    pub(crate) fn encode(&self, prelude: Option<HttpPrelude>) -> Result<EncodedHead, StreamError> {
        let event_info = self.event_info;
        let prelude = match (prelude, event_info.format) {
            // An ALB expects one JSON document, and responds to anything else with 502.
            (prelude, EventFormat::Alb { .. }) if prelude.is_some() || !self.is_json() => {
                return Err(StreamError::Invalid(
                    "an Application Load Balancer does not support streaming: return a response or a stream from the \
                     handler instead of writing to a `ResponseStream`, or set the content type `application/json` and \
                     write the JSON document that the load balancer expects"
                        .to_owned(),
                ));
            }
            (Some(prelude), _) => match &self.content_type {
                Some(content_type) => with_content_type(prelude, content_type.clone()),
                None => prelude,
            },
            (None, EventFormat::NotHttp | EventFormat::Alb { .. }) => {
                let content_type = self.content_type.clone().unwrap_or(OCTET_STREAM);
                return Ok(EncodedHead {
                    content_type,
                    chunks: Vec::new(),
                    is_bodiless: false,
                    fill_empty_body: false,
                });
            }
            (None, EventFormat::PayloadV1 | EventFormat::PayloadV2) => {
                let content_type = self.content_type.clone().unwrap_or(OCTET_STREAM);
                with_content_type(HttpPrelude::new(200), content_type)
            }
        };
        let is_bodiless = prelude.is_bodiless(event_info);
        let json = prelude.encode(event_info.format)?;
        Ok(EncodedHead {
            content_type: INTEGRATION_RESPONSE,
            chunks: vec![json, Bytes::from_static(PRELUDE_DELIMITER)],
            is_bodiless,
            fill_empty_body: self.fill_empty_body && !is_bodiless,
        })
    }

    /// Returns whether the handler set the content type of JSON.
    fn is_json(&self) -> bool {
        self.content_type
            .as_ref()
            .is_some_and(|content_type| has_media_type(content_type, JSON.as_bytes()))
    }
}

/// Sets the content type of a prelude that has none, and `cache-control: no-cache` for an event stream without
/// `cache-control`: by default CloudFront caches a response without the header for a day.
fn with_content_type(prelude: HttpPrelude, content_type: HeaderValue) -> HttpPrelude {
    let is_event_stream = has_media_type(&content_type, EVENT_STREAM.as_bytes());
    let prelude = prelude.header_if_absent(CONTENT_TYPE, content_type);
    if is_event_stream {
        return prelude.header_if_absent(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
    prelude
}

/// Returns whether `content_type` is `media_type`, with or without parameters.
fn has_media_type(content_type: &HeaderValue, media_type: &[u8]) -> bool {
    let name = content_type.as_bytes().split(|byte| *byte == b';').next();
    name.is_some_and(|name| name.trim_ascii().eq_ignore_ascii_case(media_type))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALB: &[u8] = br#"{"httpMethod":"GET","path":"/","requestContext":{"elb":{}}}"#;
    const FUNCTION_URL: &[u8] = br#"{"version":"2.0","requestContext":{"http":{"method":"GET","path":"/"}}}"#;

    /// Returns the content type of the POST, and the chunks joined with `|`.
    fn encode(
        event: &'static [u8],
        content_type: Option<&'static str>,
        prelude: Option<HttpPrelude>,
    ) -> (String, String) {
        let mut head = ResponseHead::new(EventInfo::from_event(event));
        if let Some(content_type) = content_type {
            head.set_content_type(HeaderValue::from_static(content_type));
        }
        let encoded = head.encode(prelude).unwrap();
        let chunks: Vec<_> = encoded
            .chunks
            .iter()
            .map(|chunk| String::from_utf8_lossy(chunk))
            .collect();
        (encoded.content_type.to_str().unwrap().to_owned(), chunks.join("|"))
    }

    #[test]
    fn non_http_event_gets_no_prelude() {
        assert_eq!(
            encode(b"{}", None, None),
            ("application/octet-stream".into(), String::new())
        );
        assert_eq!(
            encode(b"{}", Some("text/csv"), None),
            ("text/csv".into(), String::new())
        );
    }

    #[test]
    fn http_event_gets_prelude() {
        let integration_response = INTEGRATION_RESPONSE.to_str().unwrap().to_owned();
        let json = |content_type: &str| {
            format!(r#"{{"statusCode":200,"headers":{{"content-type":"{content_type}"}},"cookies":[]}}|"#)
                + &"\0".repeat(8)
        };
        assert_eq!(
            encode(FUNCTION_URL, None, None),
            (integration_response.clone(), json("application/octet-stream"))
        );
        assert_eq!(
            encode(FUNCTION_URL, Some("text/csv"), None),
            (integration_response.clone(), json("text/csv"))
        );
        let with_type = HttpPrelude::new(200).header("content-type", "text/html");
        assert_eq!(
            encode(FUNCTION_URL, Some("text/csv"), Some(with_type)),
            (integration_response.clone(), json("text/html"))
        );
        assert_eq!(
            encode(b"{}", Some("text/csv"), Some(HttpPrelude::new(200))),
            (integration_response, json("text/csv"))
        );
    }

    #[test]
    fn alb_accepts_only_a_json_document() {
        for content_type in [None, Some("text/plain"), Some("application/jsonl")] {
            let mut head = ResponseHead::new(EventInfo::from_event(ALB));
            if let Some(content_type) = content_type {
                head.set_content_type(HeaderValue::from_static(content_type));
            }
            assert!(
                matches!(head.encode(None), Err(StreamError::Invalid(_))),
                "{content_type:?}"
            );
        }
        for content_type in ["application/json", "Application/JSON; charset=utf-8"] {
            assert_eq!(
                encode(ALB, Some(content_type), None),
                (content_type.into(), String::new())
            );
            let mut head = ResponseHead::new(EventInfo::from_event(ALB));
            head.set_content_type(HeaderValue::from_static(content_type));
            assert!(head.encode(Some(HttpPrelude::new(200))).is_err());
        }
    }

    #[test]
    fn empty_body_is_filled_only_where_http_allows_a_body() {
        let fills = |event: &[u8], prelude: Option<HttpPrelude>, setting| {
            let head = ResponseHead::new(EventInfo::from_event(event)).fill_empty_body(setting);
            head.encode(prelude).unwrap().fill_empty_body
        };
        let head: &[u8] = br#"{"version":"2.0","requestContext":{"http":{"method":"HEAD","path":"/"}}}"#;
        for status in 200..=599 {
            let prelude = || Some(HttpPrelude::new(status));
            let has_body = ![204, 205, 304].contains(&status);
            assert_eq!(fills(FUNCTION_URL, prelude(), true), has_body, "{status}");
            assert_eq!(fills(b"{}", prelude(), true), has_body, "{status}");
            assert!(!fills(head, prelude(), true), "{status}");
            assert!(!fills(FUNCTION_URL, prelude(), false), "{status}");
        }
        assert!(fills(FUNCTION_URL, None, true));
        assert!(!fills(b"{}", None, true));
        assert!(!fills(head, None, true));
    }

    #[test]
    fn event_stream_gets_no_cache_by_default() {
        let headers = |content_type, prelude| encode(FUNCTION_URL, Some(content_type), prelude).1;
        let no_cache = r#""cache-control":"no-cache""#;
        assert!(headers("text/event-stream", None).contains(no_cache));
        assert!(headers("Text/Event-Stream ; charset=utf-8", Some(HttpPrelude::new(200))).contains(no_cache));
        let with_cache_control = HttpPrelude::new(200).header("cache-control", "no-store");
        assert!(!headers("text/event-stream", Some(with_cache_control)).contains(no_cache));
        assert!(!headers("text/event-streams", None).contains("cache-control"));
    }
}
