//! Which of Lambda's HTTP payload formats an event has, if any, and what its answer depends on besides.
//!
//! The answer to an HTTP event is led by a prelude, and its form follows the format.

use serde::Deserialize;
use serde::de::IgnoredAny;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventFormat {
    /// Payload format 1.0: REST APIs, and HTTP APIs that ask for it.
    Http1,
    /// Payload format 2.0: Function URLs and HTTP APIs.
    Http2,
    /// A load balancer: HTTP, but it takes no stream, only one whole document.
    LoadBalancer {
        /// The target group has multi-value headers on: repeated headers come, and go, as lists.
        lists: bool,
    },
    /// Anything else.
    NotHttp,
}

/// What the event says of how it is to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
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

impl Asked {
    pub(crate) fn of(event: &[u8]) -> Self {
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
            (Some("2.0"), _, RequestContext { http: Some(http), .. }) => (EventFormat::Http2, http.method),
            (None | Some("1.0"), Some(method), RequestContext { elb: None, .. }) => (EventFormat::Http1, Some(method)),
            (None, Some(method), RequestContext { elb: Some(_), .. }) => {
                let lists = multi_value_headers.is_some();
                (EventFormat::LoadBalancer { lists }, Some(method))
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
                EventFormat::Http2,
            ),
            (
                r#"{"version":"1.0","httpMethod":"GET","requestContext":{"stage":"a"}}"#,
                EventFormat::Http1,
            ),
            (r#" {"httpMethod":"GET","requestContext":{}}"#, EventFormat::Http1),
            (
                r#"{"httpMethod":"GET","requestContext":{"elb":{}}}"#,
                EventFormat::LoadBalancer { lists: false },
            ),
            (
                r#"{"httpMethod":"GET","requestContext":{"elb":{}},"multiValueHeaders":{}}"#,
                EventFormat::LoadBalancer { lists: true },
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
            assert_eq!(Asked::of(event.as_bytes()).format, format, "{event}");
        }
    }

    #[test]
    fn head_is_the_method_of_the_request() {
        let asked = |event: &str| Asked::of(event.as_bytes()).is_head;
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
