//! HTTP requests as events of Application Load Balancers.

use http::Request;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::request::Parts;
use serde_json::{Value, json};

use super::request::sent_parts;
use crate::event::encode::{all_values, header_pairs, is_text, last_values, set_body};

/// Returns the event of an Application Load Balancer whose target group has multi-value headers disabled.
///
/// The event has the last value of each header and query key. The response is one JSON document.
///
/// ```
/// use http::Request;
/// use lambda_stream::testing::events;
///
/// let request = Request::get("https://shop.example/orders?id=7").body("")?;
/// let event = events::alb(&request);
/// assert_eq!(event["queryStringParameters"]["id"], "7");
/// # Ok::<(), http::Error>(())
/// ```
#[must_use]
pub fn alb<B: AsRef<[u8]>>(request: &Request<B>) -> Value {
    let parts = sent_parts(request);
    let mut event = alb_event(&parts, request.body().as_ref());
    event["headers"] = json!(last_values(&header_pairs(&parts.headers)));
    event["queryStringParameters"] = json!(last_values(&encoded_query(&parts)));
    event
}

/// Returns the event of an Application Load Balancer whose target group has multi-value headers enabled.
///
/// The event has all values of each header and query key. The response is one JSON document.
///
/// ```
/// use http::Request;
/// use lambda_stream::testing::events;
///
/// let request = Request::get("/orders?id=7&id=8").body("")?;
/// let event = events::alb_multi_value(&request);
/// assert_eq!(event["multiValueQueryStringParameters"]["id"], serde_json::json!(["7", "8"]));
/// # Ok::<(), http::Error>(())
/// ```
#[must_use]
pub fn alb_multi_value<B: AsRef<[u8]>>(request: &Request<B>) -> Value {
    let parts = sent_parts(request);
    let mut event = alb_event(&parts, request.body().as_ref());
    event["multiValueHeaders"] = json!(all_values(&header_pairs(&parts.headers)));
    event["multiValueQueryStringParameters"] = json!(all_values(&encoded_query(&parts)));
    event
}

fn alb_event(parts: &Parts, body: &[u8]) -> Value {
    let mut event = json!({
        "requestContext": {"elb": {
            "targetGroupArn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/sample/49e9d65c45c6791a",
        }},
        "httpMethod": parts.method.as_str(),
        "path": parts.uri.path(),
        "body": "",
        "isBase64Encoded": false,
    });
    if !body.is_empty() {
        // A load balancer encodes forms and every body with `Content-Encoding` as base64.
        let is_form = parts.headers.get(CONTENT_TYPE).is_some_and(|value| {
            let value = value.as_bytes().to_ascii_lowercase();
            value.starts_with(b"application/x-www-form-urlencoded")
        });
        let is_text = is_text(&parts.headers) && !is_form && !parts.headers.contains_key(CONTENT_ENCODING);
        set_body(&mut event, body, is_text);
    }
    event
}

/// Returns the names and values of the query as they are in the URI. A load balancer does not decode them.
fn encoded_query(parts: &Parts) -> Vec<(String, String)> {
    let query = parts.uri.query().unwrap_or_default();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
