//! Streamed completions: each event in order, failures after the first byte, comments, and the end of the connection to
//! the upstream.

use std::time::Duration;

use serde_json::{Value, json};
use test_support::{BodyEnd, ConnectionFault, Response};

use crate::fake_upstream::{Exchange, token, usage};
use crate::{assert_broken_off, data, error_of, request, start, start_with_short_keep_alive, status};

fn contains(body: &[u8], text: &str) -> bool {
    body.windows(text.len()).any(|part| part == text.as_bytes())
}

#[test]
fn each_event_is_sent_before_the_upstream_sends_the_next() {
    let gateway = start();
    let pending = gateway.stream();
    let mut exchange = gateway.upstream.accept();
    exchange.start_events();
    for text in ["one", "two", "three"] {
        exchange.token(text);
        pending.wait_for_body(|body| contains(body, text));
    }
    exchange.done();
    let response = pending.wait();
    let expected = ["one", "two", "three"].map(|text| token(text).to_string());
    assert_eq!(data(&response), [&expected[..], &["[DONE]".to_owned()]].concat());
    assert_eq!(response.prelude().0["headers"]["cache-control"], "no-cache");
    assert!(!response.failed() && response.body_end() == BodyEnd::LastChunk);
}

#[test]
fn events_that_arrive_byte_by_byte_are_complete() {
    let gateway = start();
    let pending = gateway.stream();
    let mut exchange = gateway.upstream.accept();
    exchange.start_events();
    let events = format!(
        "\u{feff}: a comment\r\n\r\ndata: {}\r\n\r\ndata: {}\n\nevent: x\nid: 1\ndata:[DONE]\r\r",
        token("é 🦀"),
        token("two")
    );
    for byte in events.as_bytes() {
        exchange.part([*byte]);
    }
    exchange.end();
    let expected = [token("é 🦀").to_string(), token("two").to_string(), "[DONE]".to_owned()];
    assert_eq!(data(&pending.wait()), expected);
}

#[test]
fn events_that_arrive_in_one_part_are_all_sent() {
    let gateway = start();
    let pending = gateway.stream();
    let mut exchange = gateway.upstream.accept();
    exchange.start_events();
    let texts: Vec<String> = (0..1000).map(|number| format!("{number} ")).collect();
    let events: String = texts.iter().map(|text| format!("data: {}\n\n", token(text))).collect();
    exchange.part(events + "data: [DONE]\n\n");
    exchange.wait_for_close();
    let mut expected: Vec<_> = texts.iter().map(|text| token(text).to_string()).collect();
    expected.push("[DONE]".to_owned());
    assert_eq!(data(&pending.wait()), expected);
}

#[test]
fn usage_is_sent_only_to_caller_that_asked() {
    let gateway = start();
    for (include_usage, expected) in [(json!(true), 3), (json!(false), 2), (json!(null), 2)] {
        let options = json!({"stream": true, "stream_options": {"include_usage": include_usage}});
        let pending = gateway.queue(request(options));
        let mut exchange = gateway.upstream.accept();
        exchange.start_events();
        exchange.token("one");
        exchange.event(usage());
        exchange.done();
        let data = data(&pending.wait());
        assert_eq!(data.len(), expected);
        assert_eq!(data.contains(&usage().to_string()), expected == 3);
    }
}

/// Returns the response if the upstream sends one token and then does this.
fn after_one_token(fail: impl FnOnce(Exchange)) -> Response {
    let gateway = start();
    let pending = gateway.stream();
    let mut exchange = gateway.upstream.accept();
    exchange.start_events();
    exchange.token("one");
    pending.wait_for_body(|body| contains(body, "one"));
    fail(exchange);
    pending.wait()
}

#[test]
fn upstream_that_breaks_off_is_a_mid_stream_error() {
    let message = "the upstream broke off its response";
    // The connection ends within an event, between events, and the body ends without `[DONE]`.
    assert_broken_off(
        &after_one_token(|mut exchange| exchange.part("data: {")),
        &["one"],
        message,
    );
    assert_broken_off(&after_one_token(drop), &["one"], message);
    assert_broken_off(&after_one_token(Exchange::end), &["one"], message);
    let end_within_event = |mut exchange: Exchange| {
        exchange.part("data: [DONE]");
        exchange.end();
    };
    assert_broken_off(&after_one_token(end_within_event), &["one"], message);
}

#[test]
fn garbage_is_a_mid_stream_error() {
    let no_events = "the upstream sent something other than events";
    for garbage in [&b"<html>\n"[..], b"data: \xff\n\n", b"\0\n"] {
        let response = after_one_token(|mut exchange| {
            exchange.part(garbage);
            exchange.wait_for_close();
        });
        assert_broken_off(&response, &["one"], no_events);
    }
    let no_completion = "the upstream sent an invalid completion";
    for garbage in ["hello", "{", "[]", "1", r#"{"choices": 1}"#, ""] {
        let response = after_one_token(|mut exchange| {
            exchange.event(garbage);
            exchange.wait_for_close();
        });
        assert_broken_off(&response, &["one"], no_completion);
    }
    let no_http = |mut exchange: Exchange| {
        exchange.send("garbage\r\n");
        exchange.wait_for_close();
    };
    assert_broken_off(
        &after_one_token(no_http),
        &["one"],
        "the upstream broke off its response",
    );
}

#[test]
fn error_object_of_upstream_ends_the_stream() {
    let object = json!({"message": "the model crashed", "type": "server_error", "code": 500});
    let response = after_one_token(|mut exchange| {
        exchange.event(json!({"error": object}));
        exchange.wait_for_close();
    });
    assert_eq!(assert_broken_off(&response, &["one"], "the model crashed"), object);
    for object in [json!("crashed"), json!({"code": 1})] {
        let response = after_one_token(|mut exchange| exchange.event(json!({"error": object})));
        assert_broken_off(&response, &["one"], "the upstream reported an error");
    }
}

#[test]
fn stalled_upstream_is_closed_at_the_deadline() {
    let gateway = start();
    let event = request(json!({"stream": true})).event();
    let pending = gateway.queue(event.deadline_in(Duration::from_secs(2)));
    let mut exchange = gateway.upstream.accept();
    exchange.start_events();
    exchange.token("one");
    exchange.wait_for_close();
    let message = "the upstream did not respond within the timeout of the gateway";
    assert_broken_off(&pending.wait(), &["one"], message);
}

#[test]
fn caller_gets_comments_while_upstream_is_silent() {
    let gateway = start_with_short_keep_alive();
    let pending = gateway.stream();
    let mut exchange = gateway.upstream.accept();
    // Before the head of the upstream's response, before its first event, and after it.
    pending.wait_for_body(|body| body.ends_with(b":\n\n"));
    exchange.start_events();
    pending.wait_for_body(|body| body.ends_with(b":\n\n:\n\n"));
    exchange.token("one");
    pending.wait_for_body(|body| contains(body, "one") && body.ends_with(b"\n\n:\n\n"));
    exchange.done();
    let response = pending.wait();
    assert_eq!(data(&response), [token("one").to_string(), "[DONE]".to_owned()]);
    assert!(!response.failed());
}

#[test]
fn failure_after_a_comment_is_a_mid_stream_error() {
    let gateway = start_with_short_keep_alive();
    let pending = gateway.stream();
    let exchange = gateway.upstream.accept();
    pending.wait_for_body(|body| contains(body, ":\n\n"));
    exchange.respond_json(
        429,
        &json!({"error": {"message": "slow down", "code": "rate_limit_exceeded"}}),
    );
    let error: Value = assert_broken_off(&pending.wait(), &[], "slow down");
    assert_eq!(error["code"], "rate_limit_exceeded");
}

#[test]
fn upstream_is_closed_when_lambda_closes_the_response() {
    let gateway = start_with_short_keep_alive();
    for fault in [ConnectionFault::closed(), ConnectionFault::reset()] {
        let event = request(json!({"stream": true})).event();
        // The mock closes the connection at the first bytes of the body.
        let pending = gateway.queue(event.fault_after_body_bytes(1, fault));
        let mut exchange = gateway.upstream.accept();
        exchange.start_events();
        exchange.token("one");
        // The upstream sends nothing more. The gateway notices when it sends the next comment.
        exchange.wait_for_close();
        assert_eq!(pending.wait().body_end(), BodyEnd::Truncated);
    }
    // The gateway handles the next request.
    let pending = gateway.stream();
    gateway.upstream.accept().respond(500, &[], "");
    error_of(&pending.wait(), 500);
}

#[test]
fn connections_to_upstream_are_not_reused() {
    let gateway = start();
    for _ in 0..3 {
        let pending = gateway.stream();
        let mut exchange = gateway.upstream.accept();
        exchange.start_events();
        exchange.event("[DONE]");
        // Keeps the connection open. A second request on it would get no response.
        exchange.send("0\r\n\r\n");
        exchange.wait_for_close();
        assert_eq!(status(&pending.wait()), 200);
    }
}
