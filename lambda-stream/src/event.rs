//! Detects the HTTP payload format of an event, which determines how its response is encoded.

mod pairs;

use serde::Deserialize;
use serde::de::IgnoredAny;

pub(crate) use self::pairs::Pairs;

/// The format of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventFormat {
    /// Payload format 1.0: API Gateway REST APIs, and HTTP APIs that are configured for it.
    PayloadV1,
    /// Payload format 2.0: Function URLs and API Gateway HTTP APIs.
    PayloadV2,
    /// An Application Load Balancer. Its response is one JSON document, because it does not support streaming.
    Alb {
        /// The target group has multi-value headers enabled: requests and responses have lists of header values.
        multi_value_headers: bool,
    },
    /// Any other event.
    NotHttp,
}

/// The properties of an event that determine how its response is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EventInfo {
    pub(crate) format: EventFormat,
    /// The event is an HTTP request with the method HEAD: the response has no body.
    pub(crate) is_head: bool,
}

/// The fields that identify the format. All other fields are skipped, not stored.
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
    /// Parses the identifying fields of `event`. An event that is not a JSON object is [`EventFormat::NotHttp`].
    pub(crate) fn from_event(event: &[u8]) -> Self {
        let not_http = Self {
            format: EventFormat::NotHttp,
            is_head: false,
        };
        // serde also deserializes a struct from an array, by position.
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
    fn payload_format_is_detected() {
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
    fn is_head_reads_the_request_method() {
        let is_head = |event: &str| EventInfo::from_event(event.as_bytes()).is_head;
        assert!(is_head(
            r#"{"version":"2.0","requestContext":{"http":{"method":"HEAD"}}}"#
        ));
        assert!(is_head(r#"{"httpMethod":"HEAD","requestContext":{}}"#));
        assert!(!is_head(r#"{"httpMethod":"GET","requestContext":{}}"#));
        // Payload format 2.0 has the method in `requestContext`. `httpMethod` is ignored.
        assert!(!is_head(
            r#"{"version":"2.0","httpMethod":"HEAD","requestContext":{"http":{"method":"GET"}}}"#
        ));
    }
}
