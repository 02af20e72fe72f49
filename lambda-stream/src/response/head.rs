//! The start of a streamed response: the content type of the POST, and the prelude of an HTTP response.

use bytes::Bytes;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use super::prelude::HttpPrelude;
use crate::error::StreamError;
use crate::event::{EventFormat, EventInfo};
use crate::protocol::{EVENT_STREAM, INTEGRATION_RESPONSE, OCTET_STREAM, PRELUDE_DELIMITER};

/// What determines the head of a response that has not started: the event, and the content type that the handler set.
pub(crate) struct ResponseHead {
    event_info: EventInfo,
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
}

impl ResponseHead {
    pub(crate) fn new(event_info: EventInfo) -> Self {
        Self {
            event_info,
            content_type: None,
        }
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
    /// [`StreamError::Invalid`] for an invalid prelude.
    pub(crate) fn encode(&self, prelude: Option<HttpPrelude>) -> Result<EncodedHead, StreamError> {
        let event_info = self.event_info;
        let prelude = match (prelude, event_info.format) {
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
        })
    }
}

/// Sets the content type of a prelude that has none, and `cache-control: no-cache` for an event stream without
/// `cache-control`: by default CloudFront caches a response without the header for a day.
fn with_content_type(prelude: HttpPrelude, content_type: HeaderValue) -> HttpPrelude {
    let media_type = content_type.as_bytes().split(|byte| *byte == b';').next();
    let is_event_stream =
        media_type.is_some_and(|name| name.trim_ascii().eq_ignore_ascii_case(EVENT_STREAM.as_bytes()));
    let prelude = prelude.header_if_absent(CONTENT_TYPE, content_type);
    if is_event_stream {
        return prelude.header_if_absent(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
    prelude
}

#[cfg(test)]
mod tests {
    use super::*;

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
