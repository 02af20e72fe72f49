//! `chat`: the page, the tokens as server-sent events, and a response that continues after a reconnect.
//!
//! `tests/browser` tests the page in a browser.

use serde_json::json;
use test_support::{BodyEnd, Event, HttpEvent, MockRuntimeApi, Process, Response, example};

use crate::HttpResponse;

fn start() -> (MockRuntimeApi, Process) {
    test_support::start(example("chat"))
}

fn tokens_request() -> HttpEvent {
    Event::function_url("GET", "/tokens?text=red+%C3%BC%0Agreen")
}

/// Returns the server-sent events of a response, without the empty line that ends each.
#[track_caller]
fn events(response: &Response) -> Vec<String> {
    let http = HttpResponse::of(response);
    assert_eq!(http.status, 200);
    assert_eq!(
        http.headers,
        json!({"content-type": "text/event-stream", "cache-control": "no-cache"})
    );
    assert_eq!(response.body_end(), BodyEnd::LastChunk);
    let body = std::str::from_utf8(http.body).unwrap();
    let body = body.strip_suffix("\n\n").expect("a complete event at the end");
    body.split("\n\n").map(str::to_owned).collect()
}

#[test]
fn each_token_is_an_event_with_id_before_done() {
    let (lambda, _function) = start();
    let response = lambda.invoke(tokens_request());
    let mut events = events(&response);
    assert_eq!(events.remove(0), "retry: 1000");
    assert_eq!(events.pop().as_deref(), Some("event: done\ndata:"));
    let mut text = String::new();
    for (n, event) in events.iter().enumerate() {
        let token = event
            .strip_prefix("data: ")
            .and_then(|rest| rest.strip_suffix(&format!("\nid: {}", n + 1)));
        text.push_str(token.unwrap_or_else(|| panic!("{event:?}")));
    }
    assert!(
        text.starts_with("You said “red ü green”. I count 3 words and 9 letters. The longest of them is “green”"),
        "{text}"
    );
    assert!(text.contains("it reads “green ü red”."), "{text}");
    // Each event is a chunk.
    let chunks = response.chunks();
    for event in events {
        assert!(
            chunks
                .iter()
                .any(|chunk| chunk.bytes == format!("{event}\n\n").as_bytes()),
            "{event:?}"
        );
    }
}

#[test]
fn last_event_id_continues_after_that_token() {
    let (lambda, _function) = start();
    let all = events(&lambda.invoke(tokens_request()));
    let count = all.len() - 2;
    for last_id in [7, count - 1, count] {
        let rest = events(&lambda.invoke(tokens_request().header("Last-Event-ID", &last_id.to_string())));
        assert_eq!(rest[0], all[0]);
        assert_eq!(rest[1..], all[1 + last_id..], "after {last_id}");
    }
    let rest = events(&lambda.invoke(tokens_request().header("Last-Event-ID", "100000")));
    assert_eq!(rest[1..], all[1 + count..]);
    // A REST API passes the header name on in the case that the client used.
    let event = Event::rest_api("GET", "/tokens?text=red+%C3%BC%0Agreen");
    let rest = events(&lambda.invoke(event.header("Last-Event-ID", &(count - 1).to_string())));
    assert_eq!(rest[1..], all[count..]);
}

#[test]
fn invalid_last_event_id_starts_from_the_beginning() {
    // All functions run at the same time, because each response takes seconds.
    let requests = ["", "x", "-1", "99999999999999999999999999"].map(|id| {
        let (lambda, function) = start();
        let pending = lambda.queue(tokens_request().header("Last-Event-ID", id));
        (id, pending, lambda, function)
    });
    for (id, pending, ..) in &requests {
        assert!(events(&pending.wait())[1].ends_with("\nid: 1"), "{id:?}");
    }
}

#[test]
fn page_is_html_and_other_paths_are_rejected() {
    let (lambda, _function) = start();
    for (target, status, media_type, part) in [
        ("/", 200, "text/html; charset=utf-8", "new EventSource(\"tokens?"),
        ("/tokens", 400, "text/plain; charset=utf-8", "?text="),
        ("/favicon.ico", 404, "text/plain; charset=utf-8", "not found"),
    ] {
        let response = lambda.invoke(Event::function_url("GET", target));
        let http = HttpResponse::of(&response);
        assert_eq!(
            (http.status, http.header("content-type")),
            (status, Some(media_type)),
            "{target}"
        );
        assert!(std::str::from_utf8(http.body).unwrap().contains(part), "{target}");
    }
}
