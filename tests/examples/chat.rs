//! `chat`: the page, the tokens as server-sent events, and an answer that goes on where it broke off.
//!
//! What a browser makes of them is in `tests/browser`.

use serde_json::json;
use test_support::{BodyEnd, Event, HttpEvent, MockRuntimeApi, Process, Response, example};

use crate::HttpResponse;

fn start() -> (MockRuntimeApi, Process) {
    let lambda = MockRuntimeApi::start();
    let function = Process::spawn_function(example("chat"), &lambda);
    (lambda, function)
}

fn ask() -> HttpEvent {
    Event::function_url("GET", "/tokens?text=red+%C3%BC%0Agreen")
}

/// The events of an answer, without the empty line that ends each.
#[track_caller]
fn events(answer: &Response) -> Vec<String> {
    let response = HttpResponse::of(answer);
    assert_eq!(response.status, 200);
    assert_eq!(
        response.headers,
        json!({"content-type": "text/event-stream", "cache-control": "no-cache"})
    );
    assert_eq!(answer.body_end(), BodyEnd::LastChunk);
    let body = std::str::from_utf8(response.body).unwrap();
    let body = body.strip_suffix("\n\n").expect("a whole event at the end");
    body.split("\n\n").map(str::to_owned).collect()
}

#[test]
fn each_token_is_an_event_with_a_number_and_an_end_follows() {
    let (lambda, _function) = start();
    let answer = lambda.invoke(ask());
    let mut events = events(&answer);
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
    // Each left by itself.
    let chunks = answer.chunks();
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
fn an_answer_goes_on_after_the_last_token_that_was_seen() {
    let (lambda, _function) = start();
    let whole = events(&lambda.invoke(ask()));
    let count = whole.len() - 2;
    for seen in [7, count - 1, count] {
        let rest = events(&lambda.invoke(ask().header("Last-Event-ID", &seen.to_string())));
        assert_eq!(rest[0], whole[0]);
        assert_eq!(rest[1..], whole[1 + seen..], "after {seen}");
    }
    let rest = events(&lambda.invoke(ask().header("Last-Event-ID", "100000")));
    assert_eq!(rest[1..], whole[1 + count..]);
    // Other sources keep the header's case.
    let event = Event::rest_api("GET", "/tokens?text=red+%C3%BC%0Agreen");
    let rest = events(&lambda.invoke(event.header("Last-Event-ID", &(count - 1).to_string())));
    assert_eq!(rest[1..], whole[count..]);
}

#[test]
fn what_is_no_id_of_ours_is_no_reason_to_fail() {
    // All at once: each takes its time.
    let asked = ["", "x", "-1", "99999999999999999999999999"].map(|id| {
        let (lambda, function) = start();
        let pending = lambda.queue(ask().header("Last-Event-ID", id));
        (id, pending, lambda, function)
    });
    for (id, pending, ..) in &asked {
        assert!(events(&pending.wait())[1].ends_with("\nid: 1"), "{id:?}");
    }
}

#[test]
fn the_page_is_html_and_other_paths_are_not_found() {
    let (lambda, _function) = start();
    for (target, status, media_type, part) in [
        ("/", 200, "text/html; charset=utf-8", "new EventSource(\"tokens?"),
        ("/tokens", 400, "text/plain; charset=utf-8", "?text="),
        ("/favicon.ico", 404, "text/plain; charset=utf-8", "nothing here"),
    ] {
        let answer = lambda.invoke(Event::function_url("GET", target));
        let response = HttpResponse::of(&answer);
        assert_eq!(
            (response.status, response.header("content-type")),
            (status, Some(media_type)),
            "{target}"
        );
        assert!(std::str::from_utf8(response.body).unwrap().contains(part), "{target}");
    }
}
