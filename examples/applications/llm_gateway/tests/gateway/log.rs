//! The lines of the log: one about each completion, and no secret.

use serde_json::{Value, json};
use test_support::{ConnectionFault, HttpConnection, Process};

use crate::fake_upstream::{FakeUpstream, completion, usage};
use crate::{KEY, Setup, TOKEN, error_of, gateway, request, start_with};

fn start_with_json_log() -> Setup {
    start_with(|command| {
        command
            .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
            .env("GATEWAY_KEEP_ALIVE_SECONDS", "1");
    })
}

/// Waits for the line of the log about a completion with this outcome.
#[track_caller]
fn line(function: &Process, outcome: &str) -> Value {
    let find = |log: &str| {
        let mut lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.find(|line| line["message"] == "completion" && line["outcome"] == outcome)
    };
    find(&function.wait_for_stderr(|log| find(log).is_some())).unwrap()
}

#[test]
fn complete_stream_is_logged_with_its_usage() {
    let gateway = start_with_json_log();
    let pending = gateway.stream();
    let mut exchange = gateway.upstream.accept();
    exchange.start_events();
    exchange.token("one");
    exchange.token("two");
    exchange.event(usage());
    exchange.done();
    assert!(!pending.wait().failed());
    let line = line(&gateway.function, "complete");
    let expected = json!({
        "requestId": pending.request_id(),
        "level": "INFO",
        "model": "small",
        "upstream": "127.0.0.1",
        "prompt_tokens": 11,
        "completion_tokens": 22,
        "total_tokens": 33,
        "chunks": 2,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(line[name], *value, "{name} in {line}");
    }
    let (first, total) = (
        line["first_token_ms"].as_f64().unwrap(),
        line["duration_ms"].as_f64().unwrap(),
    );
    assert!(0.0 < first && first <= total, "{line}");
}

#[test]
fn whole_completion_is_logged_with_its_usage() {
    let gateway = start_with_json_log();
    let pending = gateway.complete();
    gateway.upstream.accept().respond_json(200, &completion(&json!({})));
    assert!(!pending.wait().failed());
    assert_eq!(line(&gateway.function, "complete")["total_tokens"], 33);
}

#[test]
fn failed_and_cancelled_streams_are_logged() {
    let gateway = start_with_json_log();
    let pending = gateway.stream();
    gateway.upstream.accept().respond(500, &[], "a detail\n".repeat(1000));
    error_of(&pending.wait(), 500);
    let failed = line(&gateway.function, "failed");
    assert_eq!((&failed["chunks"], &failed["total_tokens"]), (&json!(0), &Value::Null));
    let log = gateway
        .function
        .wait_for_stderr(|log| log.contains("status 500 Internal Server Error: a detail"));
    assert!(
        log.lines().all(|line| line.starts_with('{') && line.len() < 2000),
        "{log}"
    );

    let event = request(json!({"stream": true})).event();
    let pending = gateway.queue(event.fault_after_body_bytes(1, ConnectionFault::closed()));
    let mut exchange = gateway.upstream.accept();
    exchange.start_events();
    exchange.token("one");
    exchange.wait_for_close();
    let cancelled = line(&gateway.function, "cancelled");
    assert_eq!(
        (&cancelled["requestId"], &cancelled["chunks"]),
        (&json!(pending.request_id()), &json!(1))
    );
}

/// Neither Lambda nor local mode tells a function that its caller has disconnected: the completion is read to its end.
#[test]
fn completion_for_disconnected_caller_is_logged() {
    let upstream = FakeUpstream::start();
    let (gateway, url) = test_support::serve(gateway(&upstream));
    let body = json!({"model": "small", "stream": true}).to_string();
    let mut caller = HttpConnection::open(&url);
    caller.send(format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    let mut exchange = upstream.accept();
    exchange.start_events();
    exchange.token("one");
    assert_eq!(caller.read_head().status, 200);
    drop(caller);
    exchange.token("two");
    exchange.event(usage());
    exchange.done();
    gateway.wait_for_stderr(|log| log.contains("outcome=complete") && log.contains("completion_tokens=22"));
}

#[test]
fn log_has_neither_keys_nor_tokens_nor_prompts() {
    let gateway = start_with(|command| {
        command.env("RUST_LOG", "trace");
    });
    let prompt = json!({"stream": true, "messages": [{"role": "user", "content": "a-private-prompt"}]});
    let pending = gateway.queue(request(prompt.clone()));
    gateway.upstream.accept().respond(500, &[], "");
    error_of(&pending.wait(), 500);
    let pending = gateway.queue(request(prompt));
    let mut exchange = gateway.upstream.accept();
    exchange.start_events();
    exchange.done();
    assert!(!pending.wait().failed());
    gateway.lambda.wait_for_next();
    let log = gateway
        .function
        .wait_for_stderr(|log| log.contains("TRACE") && log.contains("complete"));
    for secret in [KEY, TOKEN, "a-private-prompt"] {
        assert!(!log.contains(secret), "{log}");
    }
}
