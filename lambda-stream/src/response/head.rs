//! What a response opens with, as long as it has not started.

use bytes::Bytes;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use super::prelude::HttpPrelude;
use crate::error::StreamError;
use crate::event::{EventFormat, EventInfo};
use crate::protocol::{EVENT_STREAM, INTEGRATION_RESPONSE, OCTET_STREAM, PRELUDE_DELIMITER};

/// Makes the opening, from the event and from what the handler chose.
pub(crate) struct ResponseHead {
    event_info: EventInfo,
    content_type: Option<HeaderValue>,
}

/// The content type of the POST, and the chunks that lead the body.
pub(crate) struct EncodedHead {
    pub(crate) content_type: HeaderValue,
    pub(crate) chunks: Vec<Bytes>,
    /// What is written as a body is left out: the answer has none.
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

    /// An HTTP event is answered with a prelude even where the handler gave none, since API Gateway refuses a stream
    /// without one. Every other event is answered with raw bytes, unless the handler insists.
    pub(crate) fn encode(&self, prelude: Option<HttpPrelude>) -> Result<EncodedHead, StreamError> {
        let event_info = self.event_info;
        let prelude = match (prelude, event_info.format) {
            (Some(prelude), _) => match &self.content_type {
                Some(chosen) => describing(prelude, chosen.clone()),
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
                describing(HttpPrelude::new(200), content_type)
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

/// Says of what type the body is, unless the prelude does, and of events that no cache is to keep them: CloudFront, unless
/// told otherwise, keeps for a day what says nothing of it.
fn describing(prelude: HttpPrelude, content_type: HeaderValue) -> HttpPrelude {
    let media_type = content_type.as_bytes().split(|byte| *byte == b';').next();
    let is_event_stream =
        media_type.is_some_and(|name| name.trim_ascii().eq_ignore_ascii_case(EVENT_STREAM.as_bytes()));
    let prelude = prelude.or_header(CONTENT_TYPE, content_type);
    if is_event_stream {
        return prelude.or_header(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
    prelude
}

#[cfg(test)]
mod tests {
    use super::*;

    const FUNCTION_URL: &[u8] = br#"{"version":"2.0","requestContext":{"http":{"method":"GET","path":"/"}}}"#;

    fn open(
        event: &'static [u8],
        content_type: Option<&'static str>,
        prelude: Option<HttpPrelude>,
    ) -> (String, String) {
        let mut head = ResponseHead::new(EventInfo::from_event(event));
        if let Some(content_type) = content_type {
            head.set_content_type(HeaderValue::from_static(content_type));
        }
        let opening = head.encode(prelude).unwrap();
        let chunks: Vec<_> = opening
            .chunks
            .iter()
            .map(|chunk| String::from_utf8_lossy(chunk))
            .collect();
        (opening.content_type.to_str().unwrap().to_owned(), chunks.join("|"))
    }

    #[test]
    fn an_event_that_is_not_http_gets_raw_bytes() {
        assert_eq!(
            open(b"{}", None, None),
            ("application/octet-stream".into(), String::new())
        );
        assert_eq!(open(b"{}", Some("text/csv"), None), ("text/csv".into(), String::new()));
    }

    #[test]
    fn an_http_event_gets_a_prelude() {
        let wire = INTEGRATION_RESPONSE.to_str().unwrap().to_owned();
        let json = |content_type: &str| {
            format!(r#"{{"statusCode":200,"headers":{{"content-type":"{content_type}"}},"cookies":[]}}|"#)
                + &"\0".repeat(8)
        };
        assert_eq!(
            open(FUNCTION_URL, None, None),
            (wire.clone(), json("application/octet-stream"))
        );
        assert_eq!(
            open(FUNCTION_URL, Some("text/csv"), None),
            (wire.clone(), json("text/csv"))
        );
        let chosen = HttpPrelude::new(200).header("content-type", "text/html");
        assert_eq!(
            open(FUNCTION_URL, Some("text/csv"), Some(chosen)),
            (wire.clone(), json("text/html"))
        );
        assert_eq!(
            open(b"{}", Some("text/csv"), Some(HttpPrelude::new(200))),
            (wire, json("text/csv"))
        );
    }

    #[test]
    fn no_cache_keeps_events_unless_the_handler_says_so() {
        let headers = |content_type, prelude| open(FUNCTION_URL, Some(content_type), prelude).1;
        let no_cache = r#""cache-control":"no-cache""#;
        assert!(headers("text/event-stream", None).contains(no_cache));
        assert!(headers("Text/Event-Stream ; charset=utf-8", Some(HttpPrelude::new(200))).contains(no_cache));
        let chosen = HttpPrelude::new(200).header("cache-control", "no-store");
        assert!(!headers("text/event-stream", Some(chosen)).contains(no_cache));
        assert!(!headers("text/event-streams", None).contains("cache-control"));
    }
}
