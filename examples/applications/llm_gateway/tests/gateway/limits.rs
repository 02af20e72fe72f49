//! Memory is bounded, whatever the upstream sends and however slowly the caller reads.

use std::time::Duration;

use serde_json::json;
use test_support::ConnectionFault;

use crate::fake_upstream::{Exchange, token};
use crate::{Setup, assert_broken_off, error_of, request, start};

/// The limit of the process in KiB.
const MAX_MEMORY: u64 = 32 * 1024;

const MEGABYTE: usize = 1_000_000;

#[track_caller]
fn assert_memory_is_bounded(gateway: &Setup) {
    let peak = gateway.function.resources().peak_memory().unwrap();
    assert!(peak < MAX_MEMORY, "{peak} KiB");
}

#[test]
#[cfg(target_os = "linux")]
fn endless_event_is_a_mid_stream_error_in_bounded_memory() {
    let gateway = start();
    // One line without an end, and one event with lines without an end.
    for (start, part) in [("data: ", "x".repeat(MEGABYTE)), ("", "data: x\n".repeat(MEGABYTE / 8))] {
        let pending = gateway.stream();
        let mut exchange = gateway.upstream.accept();
        exchange.start_events();
        exchange.token("one");
        exchange.part(start);
        let sent = exchange.flood(part.as_bytes(), 200 * MEGABYTE);
        assert!(sent < 200 * MEGABYTE, "the gateway read {sent} bytes");
        assert_broken_off(&pending.wait(), &["one"], "the upstream broke off its response");
    }
    assert_memory_is_bounded(&gateway);
}

#[test]
fn event_below_the_limit_is_sent() {
    let gateway = start();
    let pending = gateway.stream();
    let mut exchange = gateway.upstream.accept();
    exchange.start_events();
    let text = "x".repeat(MEGABYTE);
    exchange.token(&text);
    exchange.done();
    assert_eq!(
        crate::data(&pending.wait()),
        [token(&text).to_string(), "[DONE]".to_owned()]
    );
}

#[test]
#[cfg(target_os = "linux")]
fn endless_document_is_502_in_bounded_memory() {
    let gateway = start();
    let part = [b' '; MEGABYTE];
    for status in ["200 OK", "500 Error"] {
        let pending = gateway.complete();
        let mut exchange: Exchange = gateway.upstream.accept();
        exchange.send(format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        ));
        let sent = exchange.flood(&part, 200 * MEGABYTE);
        assert!(sent < 200 * MEGABYTE, "the gateway read {sent} bytes");
        let (status, message) = match status {
            "200 OK" => (502, "the upstream did not send a complete response"),
            _ => (500, "the upstream responded with status 500"),
        };
        assert_eq!(error_of(&pending.wait(), status)["message"], message);
    }
    assert_memory_is_bounded(&gateway);
}

#[test]
#[cfg(target_os = "linux")]
fn caller_that_stops_reading_stops_upstream() {
    let gateway = start();
    // The mock reads the first bytes of the body and nothing more.
    let event = request(json!({"stream": true})).event();
    let event = event.fault_after_body_bytes(1, ConnectionFault::stalled());
    let _pending = gateway.queue(event.deadline_in(Duration::from_secs(900)));
    let mut exchange = gateway.upstream.accept();
    exchange.start_events();
    exchange.limit_writes(Duration::from_secs(3));
    let event = format!("data: {}\n\n", token(&"x".repeat(10_000)));
    let sent = exchange.flood(event.as_bytes(), 100 * MEGABYTE);
    // The socket buffers of two connections.
    assert!(sent < 50 * MEGABYTE, "the gateway read {sent} bytes");
    assert_memory_is_bounded(&gateway);
}

#[test]
#[cfg(target_os = "linux")]
fn slow_caller_gets_each_event_in_bounded_memory() {
    const EVENTS: usize = 2000;
    let gateway = start();
    let event = request(json!({"stream": true})).event();
    let pending = gateway.queue(event.read_slowly(10_000_000));
    let mut exchange = gateway.upstream.accept();
    exchange.start_events();
    let text = "x".repeat(10_000);
    for _ in 0..EVENTS {
        exchange.token(&text);
    }
    exchange.done();
    let data = crate::data(&pending.wait());
    let expected = token(&text).to_string();
    assert!(data.len() == EVENTS + 1 && data[..EVENTS].iter().all(|event| *event == expected));
    assert_eq!(data[EVENTS], "[DONE]");
    assert_memory_is_bounded(&gateway);
}
