//! `chat`: the page, and the tokens of a response.
//!
//! `tests/browser` tests the page in a browser.

use serde_json::json;
use test_support::{BodyEnd, Event, HttpEvent, MockRuntimeApi, Process, example};

use crate::{HttpResponse, assert_text};

fn start() -> (MockRuntimeApi, Process) {
    test_support::start(example("chat"))
}

fn message(body: &str) -> HttpEvent {
    Event::function_url("POST", "/response").body(body)
}

#[test]
fn each_token_is_a_chunk() {
    let (lambda, _function) = start();
    let response = lambda.invoke(message(&json!({"text": "red ü\ngreen"}).to_string()));
    let http = HttpResponse::of(&response);
    assert_eq!(http.status, 200);
    assert_eq!(http.headers, json!({"content-type": "text/plain; charset=utf-8"}));
    assert_eq!(response.body_end(), BodyEnd::LastChunk);
    let text = std::str::from_utf8(http.body).unwrap();
    assert!(
        text.starts_with("You said “red ü green”. I count 3 words and 9 letters. The longest of them is “green”"),
        "{text}"
    );
    assert!(text.contains("it reads “green ü red”."), "{text}");
    let chunks = response.chunks();
    for token in text.split_inclusive(' ') {
        assert!(chunks.iter().any(|chunk| chunk.bytes == token.as_bytes()), "{token:?}");
    }
}

#[test]
fn invalid_message_gets_status_400() {
    let (lambda, _function) = start();
    for (body, part) in [
        ("", "invalid message: EOF"),
        ("{}", "missing field `text`"),
        (r#"{"text":1}"#, "expected a string"),
    ] {
        let response = lambda.invoke(message(body));
        let http = HttpResponse::of(&response);
        assert_eq!(http.status, 400, "{body}");
        let text = std::str::from_utf8(http.body).unwrap();
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn page_is_html_and_other_paths_are_rejected() {
    let (lambda, _function) = start();
    for (method, target, status, media_type, part) in [
        ("GET", "/", 200, "text/html; charset=utf-8", "fetch(\"response\""),
        ("GET", "/response", 404, "text/plain; charset=utf-8", "not found"),
        ("GET", "/favicon.ico", 404, "text/plain; charset=utf-8", "not found"),
    ] {
        assert_text(&lambda, method, target, status, media_type, part);
    }
}
