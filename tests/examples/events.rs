//! `events`: the page, the lines of the feed as server-sent events, and what a caller gets that reconnects.
//!
//! `tests/browser` tests the page in a browser.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;
use test_support::{
    BodyEnd, Event, HttpEvent, MockRuntimeApi, PendingInvocation, Process, ResponseKind, TemporaryDirectory,
};

use crate::{HttpResponse, assert_text};

/// The file that the function follows.
struct Feed(TemporaryDirectory);

impl Feed {
    fn new() -> Self {
        Self(TemporaryDirectory::new("events"))
    }

    fn path(&self) -> PathBuf {
        self.0.file("feed.txt")
    }

    fn append(&self, text: impl AsRef<[u8]>) {
        let mut file = OpenOptions::new().create(true).append(true).open(self.path()).unwrap();
        file.write_all(text.as_ref()).unwrap();
    }

    fn start(&self) -> (MockRuntimeApi, Process) {
        crate::start("events", "FEED", self.path())
    }
}

fn request() -> HttpEvent {
    Event::function_url("GET", "/events")
}

/// Waits until the response ends with this event, and returns all events, without the empty line that ends each.
#[track_caller]
fn events_until(pending: &PendingInvocation, last: &str) -> Vec<String> {
    let end = format!("{last}\n\n");
    let body = pending.wait_for_body(|body| body.ends_with(end.as_bytes()));
    let body = String::from_utf8(body).unwrap();
    let (_, body) = body.split_once("\0\0\0\0\0\0\0\0").unwrap();
    let body = body.strip_suffix("\n\n").unwrap();
    body.split("\n\n").map(str::to_owned).collect()
}

const RETRY: &str = "retry: 1000";

#[test]
fn line_is_an_event_once_it_is_complete() {
    let feed = Feed::new();
    let (lambda, _function) = feed.start();
    let pending = lambda.queue(request());
    // The file does not exist yet.
    assert_eq!(events_until(&pending, RETRY), [RETRY]);
    feed.append("one\ntw");
    assert_eq!(events_until(&pending, "data: one\nid: 4"), [RETRY, "data: one\nid: 4"]);
    feed.append("o ü\n");
    assert_eq!(
        events_until(&pending, "data: two ü\nid: 11"),
        [RETRY, "data: one\nid: 4", "data: two ü\nid: 11"]
    );
}

#[test]
fn reconnect_gets_the_lines_after_its_last_event() {
    let feed = Feed::new();
    feed.append("one\ntwo\nthree\n");
    for (last_event_id, expected) in [
        ("4", &["data: two\nid: 8", "data: three\nid: 14"][..]),
        ("8", &["data: three\nid: 14"]),
        // Not after a line, or beyond the end: the file is another one.
        ("5", &["data: one\nid: 4", "data: two\nid: 8", "data: three\nid: 14"]),
        ("15", &["data: one\nid: 4", "data: two\nid: 8", "data: three\nid: 14"]),
        ("x", &["data: one\nid: 4", "data: two\nid: 8", "data: three\nid: 14"]),
    ] {
        let (lambda, _function) = feed.start();
        let pending = lambda.queue(request().header("Last-Event-ID", last_event_id));
        let events = events_until(&pending, "data: three\nid: 14");
        assert_eq!(events[1..], *expected, "after {last_event_id}");
    }
    let (lambda, _function) = feed.start();
    let pending = lambda.queue(request().header("Last-Event-ID", "14"));
    assert_eq!(events_until(&pending, RETRY), [RETRY]);
    feed.append("four\n");
    assert_eq!(
        events_until(&pending, "data: four\nid: 19"),
        [RETRY, "data: four\nid: 19"]
    );
}

#[test]
fn first_request_gets_recent_lines_of_a_long_file() {
    let feed = Feed::new();
    let lines = (0..10_000).map(|n| format!("line {n:04}\n"));
    feed.append(lines.collect::<String>());
    let (lambda, _function) = feed.start();
    let pending = lambda.queue(request());
    let events = events_until(&pending, "data: line 9999\nid: 100000");
    // 16 KiB are 1,638 lines of 10 bytes, and the part of a line that is left out.
    assert_eq!(events.len(), 1 + 1638);
    assert_eq!(events[1], "data: line 8362\nid: 83630");
}

#[test]
fn replaced_file_is_read_from_its_first_line() {
    let feed = Feed::new();
    feed.append("a long first line\n");
    let (lambda, _function) = feed.start();
    let pending = lambda.queue(request());
    events_until(&pending, "data: a long first line\nid: 18");
    fs::write(feed.path(), "new\n").unwrap();
    events_until(&pending, "data: new\nid: 4");
}

#[test]
fn response_ends_without_error_before_the_deadline() {
    let feed = Feed::new();
    feed.append("one\n");
    let (lambda, _function) = feed.start();
    let response = lambda.invoke(request().event().deadline_in(Duration::from_secs(4)));
    assert_eq!(response.kind(), ResponseKind::Response);
    assert_eq!((response.body_end(), response.failed()), (BodyEnd::LastChunk, false));
    let http = HttpResponse::of(&response);
    assert_eq!(http.status, 200);
    assert_eq!(
        http.headers,
        json!({"content-type": "text/event-stream", "cache-control": "no-cache"})
    );
    assert_eq!(http.body, b"retry: 1000\n\ndata: one\nid: 4\n\n");
}

#[test]
fn line_that_is_too_long_is_an_error() {
    let feed = Feed::new();
    feed.append("one\n");
    feed.append(vec![b'x'; 64 * 1024]);
    let (lambda, function) = feed.start();
    let response = lambda.invoke(request().header("Last-Event-ID", "0"));
    assert!(response.failed());
    let message = format!(
        "the line at byte 4 of {} has more than 65536 bytes",
        feed.path().display()
    );
    assert!(response.error().message.contains(&message), "{:?}", response.error());
    function.wait_for_stderr(|log| log.contains(&message));
}

#[test]
fn missing_variable_is_an_init_error() {
    let (lambda, _function) = crate::start("events", "FEED", "");
    let error = lambda.wait_for_init_error().error();
    assert!(error.message.contains("the variable FEED is not set"), "{error:?}");
}

#[test]
fn page_is_html_and_other_requests_are_rejected() {
    let feed = Feed::new();
    let (lambda, _function) = feed.start();
    for (method, target, status, media_type, part) in [
        (
            "GET",
            "/",
            200,
            "text/html; charset=utf-8",
            "new EventSource(\"events\")",
        ),
        ("POST", "/events", 404, "text/plain; charset=utf-8", "not found"),
        ("GET", "/favicon.ico", 404, "text/plain; charset=utf-8", "not found"),
    ] {
        assert_text(&lambda, method, target, status, media_type, part);
    }
}
