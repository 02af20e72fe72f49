//! Property: the handler of a sample event receives the request that was encoded.

use std::collections::BTreeMap;
use std::future::ready;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use super::super::*;
use crate::Json;
use crate::http::{RequestContext, SourceAddress};
use crate::testing::Invocation;

/// Returns the request that a handler receives.
fn receive(event: &Value) -> Request<Bytes> {
    let received = Arc::new(Mutex::new(None));
    let slot = Arc::clone(&received);
    let handler = move |request: Request<Bytes>| {
        *slot.lock().unwrap() = Some(request);
        ready(Json(()))
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let response = runtime.block_on(Invocation::new(event).run(handler));
    assert!(response.error().is_none(), "{response:?}: {event}");
    let request = received.lock().unwrap().take();
    request.unwrap()
}

fn requests() -> impl Strategy<Value = Request<Vec<u8>>> {
    let method = select(vec!["GET", "POST", "HEAD", "PURGE"]);
    let path = "(/([a-zA-Z0-9~._-]|%20|%2F|%25|%C3%BC|:|@){0,6}){1,3}";
    let query = proptest::option::of("([a-c](=([a-z0-9+]|%26|%3D|%C3%BC){0,4})?&?){0,4}");
    let header = ("x-[a-c]", "[!-~]([ -~ü]{0,8}[!-~])?");
    let cookie = "[a-z]=[a-z0-9]{0,3}(; [a-z]=[a-z0-9]{0,3})?";
    let content_type = select(vec!["text/plain", "application/json", "image/png"]);
    let body = prop_oneof![vec(any::<u8>(), 0..20), "[ -~ü]{0,20}".prop_map(String::into_bytes)];
    let optional = proptest::option::of::<&'static str>;
    (
        (method, path, query),
        vec(header, 0..5),
        optional(cookie),
        proptest::option::of(content_type),
        proptest::option::of("h[a-z]{0,5}\\.example(:8080)?"),
        body,
    )
        .prop_map(|((method, path, query), headers, cookie, content_type, host, body)| {
            let query = query.map(|query| format!("?{query}")).unwrap_or_default();
            let mut request = Request::builder().method(method).uri(format!("{path}{query}"));
            for (name, value) in headers {
                request = request.header(name, value.as_bytes());
            }
            let named = [
                ("cookie", cookie),
                ("content-type", content_type.map(str::to_owned)),
                ("host", host),
            ];
            for (name, value) in named {
                if let Some(value) = value {
                    request = request.header(name, value);
                }
            }
            request.body(body).unwrap()
        })
}

/// Returns the values of each header with their name, in the order of the names.
fn values(headers: &HeaderMap) -> Vec<(String, Vec<Vec<u8>>)> {
    let mut all: Vec<_> = headers
        .keys()
        .map(|name| {
            let values = headers.get_all(name).iter();
            (
                name.to_string(),
                values.map(|value| value.as_bytes().to_vec()).collect(),
            )
        })
        .collect();
    all.sort();
    all
}

/// Returns the decoded query, in the order of the names.
fn query<B>(request: &Request<B>) -> Vec<(String, String)> {
    let query = request.uri().query().unwrap_or_default();
    let mut pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    pairs.sort_by(|(left, _), (right, _)| left.cmp(right));
    pairs
}

/// Keeps the last value of each name.
fn last<T: Clone>(pairs: Vec<(String, T)>) -> Vec<(String, T)> {
    let map: BTreeMap<_, _> = pairs.into_iter().collect();
    map.into_iter().collect()
}

proptest! {
    // A failure is not written to the source directory.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn request_is_received_from_each_source(request in requests()) {
        for (source, event) in [
            ("function_url", function_url(&request)),
            ("http_api", http_api(&request)),
            ("http_api_v1", http_api_v1(&request)),
            ("rest_api", rest_api(&request)),
            ("alb", alb(&request)),
            ("alb_multi_value", alb_multi_value(&request)),
        ] {
            let received = receive(&event);
            prop_assert_eq!(received.method(), request.method(), "{}", source);
            prop_assert_eq!(received.uri().path(), request.uri().path(), "{}", source);
            prop_assert_eq!(received.body(), request.body(), "{}", source);
            let (mut expected, mut expected_query) = (values(request.headers()), query(&request));
            if let "function_url" | "http_api" = source {
                for (_, values) in &mut expected {
                    *values = vec![values.join(&b","[..])];
                }
                prop_assert_eq!(received.uri().query().unwrap_or_default(), request.uri().query().unwrap_or_default());
            }
            if source == "alb" {
                for (_, values) in &mut expected {
                    values.drain(..values.len() - 1);
                }
                expected_query = last(expected_query);
            }
            prop_assert_eq!(values(received.headers()), expected, "{}", source);
            prop_assert_eq!(query(&received), expected_query, "{}", source);
        }
    }
}

#[test]
fn uri_and_address_are_received_from_each_source() {
    let request = Request::builder()
        .method(Method::GET)
        .uri("http://api.example:8080/a?b=c")
        .header("x-forwarded-for", "198.51.100.1, 203.0.113.7")
        .header("x-forwarded-proto", "http")
        .body("")
        .unwrap();
    let encoders = [function_url, http_api, http_api_v1, rest_api, alb, alb_multi_value];
    for event in encoders.map(|encode: fn(&Request<&'static str>) -> Value| encode(&request)) {
        let received = receive(&event);
        assert_eq!(received.uri(), request.uri(), "{event}");
        let address = "203.0.113.7".parse().unwrap();
        assert_eq!(received.extensions().get(), Some(&SourceAddress(address)), "{event}");
        assert!(received.extensions().get::<RequestContext>().is_some(), "{event}");
    }
}
