//! HTTP requests in payload format 2.0: Function URLs and API Gateway HTTP APIs.

use std::time::{Duration, UNIX_EPOCH};

use http::Request;
use serde_json::Value;

use super::request::{client, sent_parts};
use super::{ACCOUNT, API_DOMAIN, API_ID, API_REQUEST_ID, TIME_MILLIS};
use crate::event::encode::payload_v2::{self, Source};

/// Returns the event of a Function URL with the authorization type `NONE` (payload format 2.0).
///
/// ```
/// use http::Request;
/// use lambda_stream::testing::events;
///
/// let request = Request::get("https://shop.example/orders?id=7").body("")?;
/// let event = events::function_url(&request);
/// assert_eq!(event["rawPath"], "/orders");
/// assert_eq!(event["headers"]["host"], "shop.example");
/// # Ok::<(), http::Error>(())
/// ```
#[must_use]
pub fn function_url<B: AsRef<[u8]>>(request: &Request<B>) -> Value {
    let parts = sent_parts(request);
    let source = Source {
        account_id: "anonymous",
        api_id: "abcdefghijklmnopqrstuvwxyz234567",
        domain_name: "abcdefghijklmnopqrstuvwxyz234567.lambda-url.us-east-1.on.aws",
        request_id: "8a5f3d2e-0c41-4b7e-9f13-5d6a7b8c9e0f",
        client: client(&parts.headers),
        time: UNIX_EPOCH + Duration::from_millis(TIME_MILLIS),
    };
    payload_v2::encode(&parts, request.body().as_ref(), &source)
}

/// Returns the event of an API Gateway HTTP API with payload format 2.0.
///
/// It is that of the route `$default` in the stage `$default`.
///
/// ```
/// use http::Request;
/// use lambda_stream::testing::events;
///
/// let request = Request::get("/orders").header("cookie", "a=1; b=2").body("")?;
/// let event = events::http_api(&request);
/// assert_eq!(event["cookies"], serde_json::json!(["a=1", "b=2"]));
/// # Ok::<(), http::Error>(())
/// ```
#[must_use]
pub fn http_api<B: AsRef<[u8]>>(request: &Request<B>) -> Value {
    let parts = sent_parts(request);
    let source = Source {
        account_id: ACCOUNT,
        api_id: API_ID,
        domain_name: API_DOMAIN,
        request_id: API_REQUEST_ID,
        client: client(&parts.headers),
        time: UNIX_EPOCH + Duration::from_millis(TIME_MILLIS),
    };
    let mut event = payload_v2::encode(&parts, request.body().as_ref(), &source);
    // An HTTP API moves the header into the field `cookies`. A Function URL sends both.
    if let Some(headers) = event["headers"].as_object_mut() {
        headers.remove("cookie");
    }
    event
}
