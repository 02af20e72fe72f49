//! The application of the example `axum_app`, while it answers.

use test_support::{Event, HttpConnection, example};

use crate::places::Port;
use crate::requests::Request;
use crate::start;

/// An hour between events: whatever comes is there to keep the connection alive.
const QUIET: &str = "/events?count=1&milliseconds=3600000";

#[test]
fn events_and_what_keeps_the_connection_alive_reach_the_caller_at_once() {
    for place in [Port::axum_serve(), Port::local()] {
        let mut connection = HttpConnection::open(&place.address);
        connection.send(Request::new("quiet events", "GET", QUIET).to_bytes());
        let head = connection.read_head().text.to_lowercase();
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert!(head.contains("\r\ncontent-type: text/event-stream"), "{head}");
        for _ in 0..2 {
            assert_eq!(connection.read_chunk().as_deref(), Some(&b":\n\n"[..]));
        }
    }
}

#[test]
fn on_lambda_too() {
    let (lambda, _function) = start(example("axum_app"));
    let pending = lambda.queue(Event::function_url("GET", QUIET));
    let begun = pending.wait_for_body(|body| body.ends_with(&[0; 8]));
    assert!(String::from_utf8_lossy(&begun).contains("text/event-stream"));
    pending.wait_for_body(|body| body.ends_with(b"\0:\n\n:\n\n"));
}
