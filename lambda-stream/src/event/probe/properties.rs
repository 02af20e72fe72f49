//! Property tests: the format is the one that results from parsing all fields.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::super::NOT_HTTP;
use super::{EventFormat, EventInfo, RequestContext};

/// All identifying fields, as serde reads them from a whole event.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WholeEvent {
    version: Option<String>,
    http_method: Option<String>,
    path: Option<IgnoredAny>,
    headers: Option<IgnoredAny>,
    multi_value_headers: Option<IgnoredAny>,
    request_context: Option<RequestContext>,
    method_arn: Option<IgnoredAny>,
    route_arn: Option<IgnoredAny>,
}

/// Returns the properties of an event from a parse of all of it.
fn parse(event: &str) -> Option<EventInfo> {
    if !event.trim_start().starts_with('{') {
        return None;
    }
    let event: WholeEvent = serde_json::from_str(event).ok()?;
    let has_connection = |context: &RequestContext| context.connection_id.is_some();
    let is_authorizer = event.method_arn.is_some() || event.route_arn.is_some();
    if is_authorizer || event.request_context.as_ref().is_some_and(has_connection) {
        return None;
    }
    let (format, method) = match (event.version.as_deref(), event.http_method, event.request_context) {
        (Some("2.0"), _, Some(RequestContext { http: Some(http), .. })) => (EventFormat::PayloadV2, http.method),
        (None | Some("1.0"), Some(method), Some(RequestContext { elb: None, .. })) => {
            (EventFormat::PayloadV1, Some(method))
        }
        (None | Some("1.0"), Some(method), None) if event.path.is_some() && event.headers.is_some() => {
            (EventFormat::PayloadV1, Some(method))
        }
        (None, Some(method), Some(RequestContext { elb: Some(_), .. })) => {
            let multi_value_headers = event.multi_value_headers.is_some();
            (EventFormat::Alb { multi_value_headers }, Some(method))
        }
        _ => return None,
    };
    let is_head = method.as_deref() == Some("HEAD");
    Some(EventInfo { format, is_head })
}

/// Identifying fields with values of the right and of the wrong type, and other fields. Some keys contain escapes.
const FIELDS: [&str; 32] = [
    r#""version":"2.0""#,
    r#""version":"2.0""#,
    r#""version":"1.0""#,
    r#""version":null"#,
    r#""version":2"#,
    r#""httpMethod":"GET""#,
    r#""httpMethod":"HEAD""#,
    r#""httpMethod" : null"#,
    r#""http\u004dethod":"GET""#,
    r#""path":"/""#,
    r#""path":null"#,
    r#""headers":{"a":"b"}"#,
    r#""headers":null"#,
    r#""multiValueHeaders":{"a":["b"]}"#,
    r#""requestContext":{"http":{"method":"GET"}}"#,
    r#""requestContext":{"http":{"method":"HEAD"},"stage":"$default"}"#,
    r#""requestContext":{"stage":"a"}"#,
    r#""requestContext":{"elb":{"targetGroupArn":"a"}}"#,
    r#""requestContext":{"connectionId":"a","http":{}}"#,
    r#""requestContext":null"#,
    r#""requestContext":"a""#,
    r#""\u0072equestContext":{"http":{"method":"GET"}}"#,
    r#""methodArn":"arn""#,
    r#""methodArn":null"#,
    r#""routeArn":"arn""#,
    r#""body":"{\"requestContext\":{}}""#,
    r#""body":null"#,
    r#""body":{"httpMethod":"GET"}"#,
    r#""isBase64Encoded":false"#,
    r#""records":[{"httpMethod":"GET","requestContext":{"elb":{}}}]"#,
    r#""text":"caf\u00e9 \u003c \u0041""#,
    r#""invalid":"#,
];

/// The fields that identify an event of each format, in the order in which AWS sends them.
const SOURCES: [&[&str]; 4] = [
    &[
        r#""version":"2.0""#,
        r#""headers":{}"#,
        r#""requestContext":{"http":{"method":"GET"}}"#,
    ],
    &[
        r#""path":"/""#,
        r#""httpMethod":"GET""#,
        r#""requestContext":{"stage":"a"}"#,
    ],
    &[
        r#""requestContext":{"elb":{}}"#,
        r#""httpMethod":"HEAD""#,
        r#""path":"/""#,
    ],
    &[r#""path":"/""#, r#""httpMethod":"GET""#, r#""headers":{}"#],
];

fn join(fields: &[&str]) -> String {
    format!(" {{{}}}", fields.join(", "))
}

/// Fields of an event in any order, with few of one source and few others.
fn fields() -> impl Strategy<Value = Vec<&'static str>> {
    let source = select(&SOURCES[..]).prop_flat_map(|source| subsequence(source.to_vec(), 0..=source.len()));
    let others = vec(select(&FIELDS[..]), 0..5);
    (source, others).prop_flat_map(|(source, others)| Just([source, others].concat()).prop_shuffle())
}

proptest! {
    // A failure is not written to the source directory.
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn format_is_that_of_the_whole_event_or_of_the_fields_before_its_body(fields in fields()) {
        let event = join(&fields);
        let info = EventInfo::from_event(event.as_bytes());
        let whole = parse(&event).unwrap_or(NOT_HTTP);
        let is_identifying = |field: &&str| {
            !["\"body\"", "\"isBase64Encoded\"", "\"records\"", "\"text\""].iter().any(|key| field.starts_with(key))
        };
        let bodies = (0..fields.len()).filter(|&index| fields[index].starts_with("\"body\""));
        // The fields after a body are read only if those before it leave the format open.
        let is_before_a_body = bodies
            .filter(|&body| fields[body..].iter().any(is_identifying))
            .any(|body| parse(&join(&fields[..body])) == Some(info));
        prop_assert!(info == whole || is_before_a_body, "{}: {:?}, {:?}", event, info, whole);
    }

    /// An event that ends early is not HTTP, unless it ends after the start of its body.
    #[test]
    fn truncated_event_is_not_http(fields in fields(), length in 0.0..1.0) {
        let event = join(&fields);
        let (start, _) = event.split_at((event.len() as f64 * length) as usize);
        let info = EventInfo::from_event(start.as_bytes());
        if !start.contains("\"body\"") {
            prop_assert_eq!(info, NOT_HTTP, "{}", start);
        }
    }
}
