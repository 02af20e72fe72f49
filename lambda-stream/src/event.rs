//! Detects which of Lambda's HTTP payload formats an event has, and whether its response has a body.
//!
//! The response to an HTTP event starts with a prelude, whose form depends on the payload format.

mod pairs;

use serde::Deserialize;
use serde::de::IgnoredAny;

pub(crate) use self::pairs::Pairs;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventFormat {
    /// Payload format 1.0: REST APIs, and HTTP APIs that ask for it.
    PayloadV1,
    /// Payload format 2.0: Function URLs and HTTP APIs.
    PayloadV2,
    /// A load balancer: HTTP, but it takes no stream, only one whole document.
    Alb {
        /// The target group has multi-value headers on: repeated headers come, and go, as multi_value_headers.
        multi_value_headers: bool,
    },
    /// Anything else.
    NotHttp,
}

/// What the event says of how it is to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EventInfo {
    pub(crate) format: EventFormat,
    /// The method is HEAD: the answer has headers, and no body.
    pub(crate) is_head: bool,
}

/// The fields that tell. Everything else of the event is skipped, not stored.
#[derive(Deserialize)]
struct Probe {
    version: Option<String>,
    #[serde(rename = "httpMethod")]
    http_method: Option<String>,
    #[serde(rename = "multiValueHeaders")]
    multi_value_headers: Option<IgnoredAny>,
    #[serde(rename = "requestContext")]
    request_context: Option<RequestContext>,
}

#[derive(Deserialize)]
struct RequestContext {
    http: Option<Http>,
    elb: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Http {
    method: Option<String>,
}

impl EventInfo {
    pub(crate) fn from_event(event: &[u8]) -> Self {
        let not_http = Self {
            format: EventFormat::NotHttp,
            is_head: false,
        };
        // An array would fill the fields by position.
        if event.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
            return not_http;
        }
        let Ok(Probe {
            version,
            http_method,
            multi_value_headers,
            request_context: Some(context),
        }) = serde_json::from_slice(event)
        else {
            return not_http;
        };
        let (format, method) = match (version.as_deref(), http_method, context) {
            (Some("2.0"), _, RequestContext { http: Some(http), .. }) => (EventFormat::PayloadV2, http.method),
            (None | Some("1.0"), Some(method), RequestContext { elb: None, .. }) => {
                (EventFormat::PayloadV1, Some(method))
            }
            (None, Some(method), RequestContext { elb: Some(_), .. }) => {
                let multi_value_headers = multi_value_headers.is_some();
                (EventFormat::Alb { multi_value_headers }, Some(method))
            }
            _ => return not_http,
        };
        Self {
            format,
            is_head: method.as_deref() == Some("HEAD"),
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
                EventFormat::PayloadV2,
            ),
            (
                r#"{"version":"1.0","httpMethod":"GET","requestContext":{"stage":"a"}}"#,
                EventFormat::PayloadV1,
            ),
            (r#" {"httpMethod":"GET","requestContext":{}}"#, EventFormat::PayloadV1),
            (
                r#"{"httpMethod":"GET","requestContext":{"elb":{}}}"#,
                EventFormat::Alb {
                    multi_value_headers: false,
                },
            ),
            (
                r#"{"httpMethod":"GET","requestContext":{"elb":{}},"multiValueHeaders":{}}"#,
                EventFormat::Alb {
                    multi_value_headers: true,
                },
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
            assert_eq!(EventInfo::from_event(event.as_bytes()).format, format, "{event}");
        }
    }

    #[test]
    fn head_is_the_method_of_the_request() {
        let asked = |event: &str| EventInfo::from_event(event.as_bytes()).is_head;
        assert!(asked(
            r#"{"version":"2.0","requestContext":{"http":{"method":"HEAD"}}}"#
        ));
        assert!(asked(r#"{"httpMethod":"HEAD","requestContext":{}}"#));
        assert!(!asked(r#"{"httpMethod":"GET","requestContext":{}}"#));
        // Nothing but the request says so: not what somebody put into the event beside it.
        assert!(!asked(
            r#"{"version":"2.0","httpMethod":"HEAD","requestContext":{"http":{"method":"GET"}}}"#
        ));
    }
}
