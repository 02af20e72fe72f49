//! The server-sent events of the example `axum_app`, while they are sent.

use test_support::{Event, HttpConnection, example, start};

use crate::requests::Request;
use crate::servers::HttpServer;

/// One hour passes before the first event, so all bytes received are keep-alive comments.
const IDLE_EVENTS: &str = "/events?count=1&milliseconds=3600000";

#[test]
fn keep_alive_comments_are_sent_over_http() {
    for server in [HttpServer::axum_serve(), HttpServer::local_mode()] {
        let mut connection = HttpConnection::open(&server.address);
        connection.send(Request::new("idle events", "GET", IDLE_EVENTS).to_bytes());
        let head = connection.read_head().text.to_lowercase();
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert!(head.contains("\r\ncontent-type: text/event-stream"), "{head}");
        for _ in 0..2 {
            assert_eq!(connection.read_chunk().as_deref(), Some(&b":\n\n"[..]));
        }
    }
}

#[test]
fn keep_alive_comments_are_sent_to_lambda() {
    let (lambda, _function) = start(example("axum_app"));
    let pending = lambda.queue(Event::function_url("GET", IDLE_EVENTS));
    let prelude = pending.wait_for_body(|body| body.ends_with(&[0; 8]));
    assert!(String::from_utf8_lossy(&prelude).contains("text/event-stream"));
    pending.wait_for_body(|body| body.ends_with(b"\0:\n\n:\n\n"));
}
