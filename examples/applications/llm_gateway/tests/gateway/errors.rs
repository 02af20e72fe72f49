//! Failures before the first byte of the response: each has a status and an error object.

use std::time::Duration;

use serde_json::{Value, json};
use test_support::Response;

use crate::fake_upstream::Exchange;
use crate::{KEY, Setup, error_of, request, start};

const JSON: &str = "Content-Type: application/json";

/// Returns the response to a streamed and to another request if the upstream does this.
fn responses(gateway: &Setup, respond: impl Fn(Exchange)) -> [Response; 2] {
    [true, false].map(|stream| {
        let pending = gateway.queue(request(json!({"stream": stream})));
        respond(gateway.upstream.accept());
        pending.wait()
    })
}

#[test]
fn error_of_upstream_is_passed_on() {
    let gateway = start();
    for status in [400, 404, 413, 422, 429, 500, 503, 529] {
        let error = json!({"message": "the reason", "type": "some_type", "param": "p", "code": "c"});
        let body = json!({"error": error}).to_string();
        for response in responses(&gateway, |exchange| exchange.respond(status, &[JSON], &body)) {
            assert_eq!(error_of(&response, status.into()), error);
            assert!(!response.failed());
        }
    }
}

#[test]
fn retry_headers_of_upstream_are_passed_on() {
    let gateway = start();
    let headers = [
        "Retry-After: 7",
        "Retry-After-Ms: 7000",
        "X-Should-Retry: false",
        "Set-Cookie: a=b",
    ];
    for response in responses(&gateway, |exchange| exchange.respond(429, &headers, "slow down")) {
        let error = error_of(&response, 429);
        assert_eq!(error["message"], "the upstream responded with status 429");
        let expected = json!({
            "content-type": "application/json",
            "retry-after": "7",
            "retry-after-ms": "7000",
            "x-should-retry": "false",
        });
        assert_eq!(response.prelude().0["headers"], expected);
        assert_eq!(response.prelude().0["cookies"], json!([]));
    }
}

#[test]
fn rejected_key_is_not_the_error_of_the_caller() {
    let gateway = start();
    let body = json!({"error": {"message": format!("Incorrect API key provided: {KEY}")}}).to_string();
    for status in [401, 402, 403, 407] {
        for response in responses(&gateway, |exchange| exchange.respond(status, &[JSON], &body)) {
            let error = error_of(&response, 502);
            assert_eq!(error["message"], "the upstream rejected the credentials of the gateway");
        }
        let log = gateway
            .function
            .wait_for_stderr(|log| log.contains(&format!("status {status} ")));
        assert!(!log.contains(KEY), "{log}");
    }
}

/// Asserts that a streamed and another request get status 502 and these messages if the upstream does this.
#[track_caller]
fn assert_502(gateway: &Setup, messages: [&str; 2], respond: impl Fn(Exchange)) {
    for (response, message) in responses(gateway, respond).iter().zip(messages) {
        assert_eq!(error_of(response, 502)["message"], message);
    }
}

#[test]
fn response_other_than_a_completion_is_502() {
    let gateway = start();
    let other_type = [
        "the upstream did not respond with `text/event-stream`",
        "the upstream did not respond with `application/json`",
    ];
    assert_502(&gateway, other_type, |exchange| {
        exchange.respond(200, &["Content-Type: text/html"], "<html>");
    });
    assert_502(&gateway, other_type, |exchange| exchange.respond(200, &[], "{}"));
    let redirect = ["the upstream did not respond with status 200"; 2];
    assert_502(&gateway, redirect, |exchange| {
        exchange.respond(302, &["Location: http://127.0.0.1:1/"], "");
    });
    let garbage = [
        "the upstream sent something other than events",
        "the upstream sent an invalid completion",
    ];
    assert_502(&gateway, garbage, |exchange| {
        let content_type = expected_type(&exchange);
        exchange.respond(200, &[content_type], "{\n");
    });
    assert_502(&gateway, ["overloaded"; 2], |exchange| {
        let error = json!({"error": {"message": "overloaded", "code": 502}}).to_string();
        match expected_type(&exchange) {
            JSON => exchange.respond(200, &[JSON], error),
            events => exchange.respond(200, &[events], format!("data: {error}\n\n")),
        }
    });
}

fn expected_type(exchange: &Exchange) -> &'static str {
    match exchange.json()["stream"] == true {
        true => "Content-Type: text/event-stream",
        false => JSON,
    }
}

#[test]
fn incomplete_response_is_502() {
    let gateway = start();
    let no_response = ["the upstream closed the connection without a response"; 2];
    assert_502(&gateway, no_response, drop);
    assert_502(&gateway, no_response, |mut exchange| {
        exchange.send("SSH-2.0-OpenSSH\r\n")
    });
    assert_502(&gateway, no_response, |mut exchange| {
        exchange.send("HTTP/1.1 200 OK\r\nX: y")
    });
    let incomplete = [
        "the upstream broke off its response",
        "the upstream did not send a complete response",
    ];
    let head = |exchange: &Exchange, length| {
        format!(
            "HTTP/1.1 200 OK\r\n{}\r\nContent-Length: {length}\r\n\r\n",
            expected_type(exchange)
        )
    };
    assert_502(&gateway, incomplete, |mut exchange| exchange.send(head(&exchange, 9)));
    let empty = [
        "the upstream broke off its response",
        "the upstream sent an invalid completion",
    ];
    assert_502(&gateway, empty, |mut exchange| exchange.send(head(&exchange, 0)));
}

#[test]
fn unreachable_upstream_is_502() {
    let gateway = start();
    for stream in [true, false] {
        let event = request(json!({"model": "unreachable", "stream": stream}));
        let response = gateway.queue(event).wait();
        let error = error_of(&response, 502);
        assert_eq!(error["message"], "the upstream is not reachable");
    }
}

#[test]
fn upstream_that_does_not_respond_is_504_at_the_deadline() {
    let gateway = start();
    for stream in [true, false] {
        let event = request(json!({"stream": stream})).event();
        let pending = gateway.queue(event.deadline_in(Duration::from_secs(2)));
        let exchange = gateway.upstream.accept();
        exchange.wait_for_close();
        let error: Value = error_of(&pending.wait(), 504);
        assert_eq!(error["code"], "upstream_timeout");
    }
}
