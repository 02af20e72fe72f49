//! Invariants of the event that a Function URL request becomes.

#![allow(
    clippy::panic,
    clippy::expect_used,
    reason = "a panic reports a violation to the fuzzer"
)]

use std::net::Ipv4Addr;
use std::time::UNIX_EPOCH;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Request;
use serde_json::Value;

use crate::event::encode::payload_v2::{self, Source};

/// Encodes a request as an event and panics if the event does not contain the request.
pub(crate) fn check(request: Request<()>, body: &[u8]) {
    let (parts, ()) = request.into_parts();
    let source = Source {
        account_id: "anonymous",
        api_id: "local",
        domain_name: "localhost",
        request_id: "id",
        client: Ipv4Addr::LOCALHOST.into(),
        time: UNIX_EPOCH,
    };
    let event = payload_v2::encode(&parts, body, &source).to_string();
    let event: Value = serde_json::from_str(&event).expect("the event is JSON");
    assert_eq!(event["version"], "2.0");
    assert_eq!(event["rawPath"], parts.uri.path());
    assert_eq!(event["rawQueryString"], parts.uri.query().unwrap_or_default());
    assert_eq!(event["requestContext"]["http"]["method"], parts.method.as_str());
    let header_count = event["headers"].as_object().map(serde_json::Map::len);
    assert_eq!(header_count, Some(parts.headers.keys_len()));
    let encoded = event["body"].as_str().unwrap_or_default();
    let decoded = match event["isBase64Encoded"].as_bool() {
        Some(true) => STANDARD.decode(encoded).expect("the body is base64"),
        Some(false) => encoded.as_bytes().to_vec(),
        None => panic!("isBase64Encoded is {}", event["isBase64Encoded"]),
    };
    assert_eq!(decoded, body);
}
