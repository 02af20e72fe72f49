//! Which of Lambda's HTTP payload formats an event has, if any.
//!
//! The answer to an HTTP event is led by a prelude, and its form follows the format.

use serde::Deserialize;
use serde::de::IgnoredAny;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EventFormat {
    /// Payload format 1.0: REST APIs, and HTTP APIs that ask for it.
    Http1,
    /// Payload format 2.0: Function URLs and HTTP APIs.
    Http2,
    /// Anything else, load balancers included: those take no stream.
    NotHttp,
}

/// The fields that tell. Everything else of the event is skipped, not stored.
#[derive(Deserialize)]
struct Probe {
    version: Option<String>,
    #[serde(rename = "httpMethod")]
    http_method: Option<IgnoredAny>,
    #[serde(rename = "requestContext")]
    request_context: Option<RequestContext>,
}

#[derive(Deserialize)]
struct RequestContext {
    http: Option<IgnoredAny>,
    elb: Option<IgnoredAny>,
}

impl EventFormat {
    pub(super) fn of(event: &[u8]) -> Self {
        // An array would fill the fields by position.
        if event.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
            return Self::NotHttp;
        }
        let Ok(Probe {
            version,
            http_method,
            request_context: Some(context),
        }) = serde_json::from_slice(event)
        else {
            return Self::NotHttp;
        };
        match (version.as_deref(), context) {
            (Some("2.0"), RequestContext { http: Some(_), .. }) => Self::Http2,
            (None | Some("1.0"), RequestContext { elb: None, .. }) if http_method.is_some() => Self::Http1,
            _ => Self::NotHttp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_formats_apart() {
        let cases = [
            (
                r#"{"version":"2.0","requestContext":{"http":{"method":"GET"}}}"#,
                EventFormat::Http2,
            ),
            (
                r#"{"version":"1.0","httpMethod":"GET","requestContext":{"stage":"a"}}"#,
                EventFormat::Http1,
            ),
            (r#" {"httpMethod":"GET","requestContext":{}}"#, EventFormat::Http1),
            (
                r#"{"httpMethod":"GET","requestContext":{"elb":{}}}"#,
                EventFormat::NotHttp,
            ),
            (r#"{"version":"2.0","requestContext":{}}"#, EventFormat::NotHttp),
            (r#"{"version":2,"httpMethod":"GET"}"#, EventFormat::NotHttp),
            (
                r#"{"requestContext":{"connectionId":"a","eventType":"MESSAGE"}}"#,
                EventFormat::NotHttp,
            ),
            (r#"["2.0","GET",{"http":{}}]"#, EventFormat::NotHttp),
            (r#"{"text":"hi"}"#, EventFormat::NotHttp),
            ("null", EventFormat::NotHttp),
            ("", EventFormat::NotHttp),
            ("{", EventFormat::NotHttp),
        ];
        for (event, format) in cases {
            assert_eq!(EventFormat::of(event.as_bytes()), format, "{event}");
        }
    }
}
