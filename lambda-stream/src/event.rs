//! Detects the HTTP payload format of an event, which determines how its response is encoded.

#[cfg(any(test, feature = "local", feature = "testing"))]
pub(crate) mod encode;
mod pairs;
mod probe;
mod text;

pub(crate) use self::pairs::Pairs;
use self::probe::Probe;
pub(crate) use self::text::Text;

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
    /// Any other event, also one of a Lambda authorizer or of a WebSocket API, whose fields are similar.
    NotHttp,
}

/// The properties of an event that determine how its response is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EventInfo {
    pub(crate) format: EventFormat,
    /// The event is an HTTP request with the method HEAD: the response has no body.
    pub(crate) is_head: bool,
}

const NOT_HTTP: EventInfo = EventInfo {
    format: EventFormat::NotHttp,
    is_head: false,
};

impl EventInfo {
    /// Returns the properties of `event` from its identifying fields. An event that is not a JSON object is
    /// [`EventFormat::NotHttp`].
    pub(crate) fn from_event(event: &[u8]) -> Self {
        let probe = Probe::read(event);
        probe.and_then(|probe| probe.http_info()).unwrap_or(NOT_HTTP)
    }
}

#[cfg(test)]
mod tests {
    use serde::de::IgnoredAny;

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
            (
                r#"{"httpMethod":"GET","path":"/","headers":{}}"#,
                EventFormat::PayloadV1,
            ),
            (
                r#"{"version":"1.0","httpMethod":"GET","path":"/","headers":{},"requestContext":null}"#,
                EventFormat::PayloadV1,
            ),
            (r#"{"httpMethod":"GET","path":"/"}"#, EventFormat::NotHttp),
            (r#"{"httpMethod":"GET","headers":{}}"#, EventFormat::NotHttp),
            (r#"{"path":"/","headers":{}}"#, EventFormat::NotHttp),
            (
                r#"{"version":"2.0","httpMethod":"GET","path":"/","headers":{}}"#,
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
            assert_eq!(EventInfo::from_event(event.as_bytes()).format, format, "{event}");
        }
    }

    /// One event of each source whose fields resemble those of an HTTP event, from the documentation of AWS.
    #[test]
    fn similar_events_of_other_sources_are_not_http() {
        let cases = [
            (
                "REST API authorizer, type REQUEST",
                r#"{"type":"REQUEST","methodArn":"arn:aws:execute-api:us-east-1:123456789012:abcdef123/test/GET/request",
                    "resource":"/request","path":"/request","httpMethod":"GET","headers":{"X-AMZ-Date":"20170718T062915Z"},
                    "multiValueHeaders":{"X-AMZ-Date":["20170718T062915Z"]},"queryStringParameters":{"a":"b"},
                    "pathParameters":{},"stageVariables":{},"requestContext":{"path":"/request","accountId":"123456789012",
                    "resourceId":"05c7jb","stage":"test","identity":{},"resourcePath":"/request","httpMethod":"GET"}}"#,
            ),
            (
                "REST API authorizer, type TOKEN",
                r#"{"type":"TOKEN","authorizationToken":"allow",
                    "methodArn":"arn:aws:execute-api:us-west-2:123456789012:ymy8tbxw7b/*/GET/"}"#,
            ),
            (
                "HTTP API authorizer, payload format 1.0",
                r#"{"version":"1.0","type":"REQUEST",
                    "methodArn":"arn:aws:execute-api:us-east-1:123456789012:abcdef123/test/GET/request",
                    "identitySource":"user1,123","authorizationToken":"user1,123","resource":"/request","path":"/request",
                    "httpMethod":"GET","headers":{"Accept":"*/*"},"queryStringParameters":{},"pathParameters":{},
                    "requestContext":{"path":"/request","stage":"test","identity":{},"httpMethod":"GET","apiId":"abcdef123"}}"#,
            ),
            (
                "HTTP API authorizer, payload format 2.0",
                r#"{"version":"2.0","type":"REQUEST",
                    "routeArn":"arn:aws:execute-api:us-east-1:123456789012:abcdef123/test/GET/request",
                    "identitySource":["user1","123"],"routeKey":"$default","rawPath":"/my/path","rawQueryString":"a=b",
                    "cookies":["c"],"headers":{"Header1":"value1"},"queryStringParameters":{"a":"b"},
                    "requestContext":{"accountId":"123456789012","apiId":"api-id","stage":"$default","http":{"method":"POST",
                    "path":"/my/path","protocol":"HTTP/1.1","sourceIp":"192.0.2.1","userAgent":"agent"}}}"#,
            ),
            (
                "WebSocket API authorizer",
                r#"{"version":"$LATEST","type":"REQUEST",
                    "methodArn":"arn:aws:execute-api:eu-west-1:123456789012:abcdef123/test/$connect",
                    "headers":{"Header1":"value1"},"multiValueHeaders":{"Header1":["value1"]},"queryStringParameters":{},
                    "requestContext":{"routeKey":"$connect","eventType":"CONNECT","connectionId":"FEbRJf3mDoECHSg="}}"#,
            ),
            (
                "WebSocket API, $connect",
                r#"{"headers":{"Host":"a"},"multiValueHeaders":{"Host":["a"]},"requestContext":{"routeKey":"$connect",
                    "eventType":"CONNECT","connectionId":"L0SM9cOFvHcCIhw=","apiId":"a"},"isBase64Encoded":false}"#,
            ),
            (
                "WebSocket API, message",
                r#"{"requestContext":{"routeKey":"$default","eventType":"MESSAGE","messageId":"LVCCuQhZoAMCJaQ=",
                    "connectionId":"LVCCtfZ7oAMCJaQ="},"body":"hello","isBase64Encoded":false}"#,
            ),
            (
                // AWS's Go and Rust libraries have a sample of this form.
                "WebSocket API with the fields of a REST API",
                r#"{"resource":"/{proxy+}","path":"/hello","httpMethod":"POST","headers":{},"multiValueHeaders":{},
                    "requestContext":{"routeKey":"$default","eventType":"MESSAGE","connectionId":"a","httpMethod":"POST"}}"#,
            ),
            (
                "VPC Lattice 1.0",
                r#"{"raw_path":"/api","method":"POST","headers":{"accept":"*/*"},"query_string_parameters":{"a":"b"},
                    "body":"{}","is_base64_encoded":false}"#,
            ),
            (
                "VPC Lattice 2.0",
                r#"{"version":"2.0","path":"/health","method":"GET","headers":{"accept":["*/*"]},
                    "queryStringParameters":{"a":["b"]},"body":null,"isBase64Encoded":false,"requestContext":{
                    "serviceArn":"arn:aws:vpc-lattice:a","targetGroupArn":"arn:aws:vpc-lattice:b","identity":{},
                    "region":"ap-southeast-2","timeEpoch":"1724875399456789"}}"#,
            ),
            (
                "AppSync resolver",
                r#"{"arguments":{"input":"a"},"identity":{"sourceIp":["192.0.2.1"]},"info":{"fieldName":"greet"},
                    "prev":null,"request":{"domainName":null,"headers":{"accept":"*/*"}},"source":null,"stash":{}}"#,
            ),
            (
                "AppSync authorizer",
                r#"{"authorizationToken":"a","requestContext":{"apiId":"a","accountId":"1","requestId":"b",
                    "queryString":"query A {}","operationName":"A","variables":{}},"requestHeaders":{"host":"a"}}"#,
            ),
            (
                "Bedrock agent",
                r#"{"messageVersion":"1.0","agent":{"name":"a"},"inputText":"a","sessionId":"b","actionGroup":"c",
                    "apiPath":"/api/path","httpMethod":"POST","parameters":[],"requestBody":{"content":{}}}"#,
            ),
        ];
        for (source, event) in cases {
            let info = EventInfo::from_event(event.as_bytes());
            assert_eq!((info.format, info.is_head), (EventFormat::NotHttp, false), "{source}");
            assert!(serde_json::from_str::<IgnoredAny>(event).is_ok(), "{source}");
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
