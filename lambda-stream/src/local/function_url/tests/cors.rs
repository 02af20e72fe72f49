//! CORS: preflight requests, headers of responses, and pages of other websites.

use std::net::{SocketAddr, TcpStream};

use super::super::super::settings::{AuthType, Cors, InvokeMode, Settings};
use super::super::super::test_client::{RuntimeApiClient, read_to_end, send, start, start_function_url};
use super::{assert_has_lines, function_url};

pub(super) fn cors(origins: &[&str]) -> Cors {
    Cors {
        allow_origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
        allow_methods: vec!["*".to_owned()],
        ..Cors::default()
    }
}

fn start_with_cors(origins: &[&str]) -> (RuntimeApiClient, SocketAddr) {
    start(Settings {
        front_end: function_url(InvokeMode::ResponseStream, AuthType::None, Some(cors(origins))),
        ..Settings::default()
    })
}

/// Sends a request of a page at `origin`.
pub(super) fn send_from(url: SocketAddr, method: &str, path: &str, origin: &str, headers: &str) -> TcpStream {
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\norigin: {origin}\r\n{headers}\r\n"
    );
    send(url, request.as_bytes())
}

pub(super) const REQUEST_METHOD: &str = "access-control-request-method: PUT\r\n";

/// Lets the function respond to its next event. The front end must have invoked it, and not before.
fn respond_to_next(function: &RuntimeApiClient, method: &str, payload: &str) {
    let event = function.poll();
    assert!(event.contains(&format!("\"method\":\"{method}\"")), "{event}");
    let (_, id) = event.split_once("lambda-runtime-aws-request-id: ").unwrap();
    let id = id.lines().next().unwrap();
    function.post(&format!("invocation/{id}/response"), "", payload);
}

#[test]
fn preflight_is_answered_without_invocation() {
    let (function, url) = start_with_cors(&["https://app.example"]);
    // The front end serves as soon as the function polls.
    let first = send_from(url, "OPTIONS", "/a", "https://app.example", REQUEST_METHOD);
    let poll = std::thread::spawn(move || respond_to_next(&function, "PUT", "1"));
    let preflight = read_to_end(first);
    assert!(preflight.starts_with("HTTP/1.1 200 OK\r\n"), "{preflight}");
    assert_has_lines(
        &preflight,
        &[
            "access-control-allow-origin: https://app.example",
            "access-control-allow-methods: *",
            "content-length: 0",
        ],
    );
    let response = read_to_end(send_from(url, "PUT", "/a", "https://app.example", ""));
    poll.join().unwrap();
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
    assert_has_lines(
        &response,
        &["access-control-allow-origin: https://app.example", "vary: Origin"],
    );
    assert!(response.ends_with("\r\n\r\n1"), "{response}");
}

#[test]
fn options_without_preflight_headers_invokes_function() {
    let (function, url) = start_with_cors(&["https://app.example"]);
    let caller = send_from(url, "OPTIONS", "/", "https://app.example", "");
    respond_to_next(&function, "OPTIONS", "1");
    assert!(read_to_end(caller).starts_with("HTTP/1.1 200 OK\r\n"));
    // Without a CORS configuration, the function responds to preflight requests.
    let (function, url) = start_function_url();
    let caller = send_from(url, "OPTIONS", "/", "http://localhost:1", REQUEST_METHOD);
    respond_to_next(
        &function,
        "OPTIONS",
        r#"{"statusCode":204,"headers":{"access-control-allow-origin":"*"}}"#,
    );
    let response = read_to_end(caller);
    assert!(response.starts_with("HTTP/1.1 204 "), "{response}");
    assert_has_lines(&response, &["access-control-allow-origin: *"]);
}

#[test]
fn errors_have_cors_headers() {
    let (function, url) = start_with_cors(&["https://app.example"]);
    let caller = send_from(url, "GET", "/", "https://app.example", "");
    let id = function.next_id();
    function.post(&format!("invocation/{id}/error"), "", "{}");
    let response = read_to_end(caller);
    assert!(response.starts_with("HTTP/1.1 502 "), "{response}");
    assert_has_lines(&response, &["access-control-allow-origin: https://app.example"]);
}

/// Asserts that a request of a page at `origin` is rejected without CORS headers and without an invocation.
fn assert_rejected(url: SocketAddr, method: &str, path: &str, origin: &str) {
    let response = read_to_end(send_from(url, method, path, origin, REQUEST_METHOD));
    assert!(
        response.starts_with("HTTP/1.1 403 Forbidden\r\n"),
        "{origin} {path}: {response}"
    );
    assert!(!response.contains("access-control-"), "{response}");
}

#[test]
fn page_of_other_origin_is_rejected() {
    let (function, url) = start_with_cors(&["https://app.example", "*", "null"]);
    let poll = std::thread::spawn(move || respond_to_next(&function, "DELETE", "1"));
    for method in ["OPTIONS", "GET", "POST"] {
        for origin in [
            "https://evil.example",
            "http://app.example",
            "https://app.example.evil.example",
            "https://app.example:444",
            "null",
            "*",
        ] {
            assert_rejected(url, method, "/", origin);
        }
    }
    // A configured origin is allowed for the Function URL only.
    for path in ["/_stream/", "/_stream/x", "/2015-03-31/functions/a/invocations"] {
        for method in ["OPTIONS", "GET", "POST"] {
            assert_rejected(url, method, path, "https://app.example");
        }
    }
    // DNS rebinding: the name of the allowed page resolves to this machine.
    let rebound = b"GET / HTTP/1.1\r\nhost: app.example\r\nconnection: close\r\norigin: https://app.example\r\n\r\n";
    assert!(read_to_end(send(url, rebound)).starts_with("HTTP/1.1 403 "));
    // None of these requests invoked the function: the first event is this one.
    let allowed = read_to_end(send_from(url, "DELETE", "/", "https://app.example", ""));
    assert!(allowed.starts_with("HTTP/1.1 200 OK\r\n"), "{allowed}");
    poll.join().unwrap();
}
