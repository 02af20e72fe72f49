//! HTTP requests in payload format 1.0: API Gateway REST APIs, and HTTP APIs that are configured for it.

use std::time::{Duration, UNIX_EPOCH};

use http::Request;
use http::request::Parts;
use serde_json::Value;

use super::request::{client, sent_parts};
use super::{ACCOUNT, API_DOMAIN, API_ID, API_REQUEST_ID, TIME_MILLIS};
use crate::event::encode::payload_v1::{self, Source};

/// Returns the event of an API Gateway REST API (payload format 1.0).
///
/// It is that of the resource `/{proxy+}` in the stage `prod`.
///
/// ```
/// use http::Request;
/// use lambda_stream::testing::events;
///
/// let request = Request::get("/orders/7").header("accept", "text/html").body("")?;
/// let event = events::rest_api(&request);
/// assert_eq!(event["pathParameters"]["proxy"], "orders/7");
/// assert_eq!(event["requestContext"]["path"], "/prod/orders/7");
/// # Ok::<(), http::Error>(())
/// ```
#[must_use]
pub fn rest_api<B: AsRef<[u8]>>(request: &Request<B>) -> Value {
    let parts = sent_parts(request);
    let source = Source {
        stage: "prod",
        request_id: "8a5f3d2e-0c41-4b7e-9f13-5d6a7b8c9e0f",
        ..source(&parts)
    };
    payload_v1::encode_rest_api(&parts, request.body().as_ref(), &source)
}

/// Returns the event of an API Gateway HTTP API with payload format 1.0.
///
/// It is that of the route `$default` in the stage `$default`.
///
/// ```
/// use http::Request;
/// use lambda_stream::testing::events;
///
/// let request = Request::get("/orders?id=7&id=8").body("")?;
/// let event = events::http_api_v1(&request);
/// assert_eq!(event["version"], "1.0");
/// assert_eq!(event["multiValueQueryStringParameters"]["id"], serde_json::json!(["7", "8"]));
/// # Ok::<(), http::Error>(())
/// ```
#[must_use]
pub fn http_api_v1<B: AsRef<[u8]>>(request: &Request<B>) -> Value {
    let parts = sent_parts(request);
    let mut event = payload_v1::encode(&parts, request.body().as_ref(), "$default", &source(&parts));
    event["version"] = "1.0".into();
    event
}

/// Returns the metadata of the samples.
fn source(parts: &Parts) -> Source<'static> {
    Source {
        account_id: ACCOUNT,
        api_id: API_ID,
        domain_name: API_DOMAIN,
        stage: "$default",
        request_id: API_REQUEST_ID,
        extended_request_id: API_REQUEST_ID,
        client: client(&parts.headers),
        time: UNIX_EPOCH + Duration::from_millis(TIME_MILLIS),
    }
}
