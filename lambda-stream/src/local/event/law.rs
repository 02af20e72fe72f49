//! What holds for the event of every request, for the fuzzer.

#![allow(clippy::panic, clippy::expect_used, reason = "this is how a fuzzer finds something")]

use std::net::{Ipv4Addr, SocketAddr};
use std::time::UNIX_EPOCH;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Request;
use serde_json::Value;

use super::super::identifiers::RequestId;

/// Panics where the event does not say what the request said.
pub(crate) fn check(request: Request<()>, body: &[u8]) {
    let (parts, ()) = request.into_parts();
    let caller = SocketAddr::from((Ipv4Addr::LOCALHOST, 50_000));
    let event = super::event(&parts, body, &RequestId::unique(), caller, UNIX_EPOCH);
    let event: Value = serde_json::from_slice(&event).expect("an event is JSON");
    assert_eq!(event["version"], "2.0");
    assert_eq!(event["rawPath"], parts.uri.path());
    assert_eq!(event["rawQueryString"], parts.uri.query().unwrap_or_default());
    assert_eq!(event["requestContext"]["http"]["method"], parts.method.as_str());
    let names = event["headers"].as_object().map(serde_json::Map::len);
    assert_eq!(names, Some(parts.headers.keys_len()));
    let said = event["body"].as_str().unwrap_or_default();
    let said = match event["isBase64Encoded"].as_bool() {
        Some(true) => STANDARD.decode(said).expect("base64"),
        Some(false) => said.as_bytes().to_vec(),
        None => panic!("isBase64Encoded is {}", event["isBase64Encoded"]),
    };
    assert_eq!(said, body);
}
