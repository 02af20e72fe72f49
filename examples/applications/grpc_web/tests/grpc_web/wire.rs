//! The bytes that the function sends to Lambda, and what Lambda counts as an error.

use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use test_support::{Event, HttpEvent, MockRuntimeApi, PendingInvocation, Process, Response, ResponseKind};

use crate::frames::{Frame, frames, order, request};
use crate::warehouse::{Reaction, Warehouse};
use crate::{GET_ORDER, TRACK_ORDER, function};

const PACKED: u8 = 2;
const SHIPPED: u8 = 3;
const DELIVERED: u8 = 4;

fn start() -> (Warehouse, MockRuntimeApi, Process) {
    let warehouse = Warehouse::start();
    let lambda = MockRuntimeApi::start();
    let function = Process::spawn_function_with(function(&warehouse.url()), &lambda);
    (warehouse, lambda, function)
}

fn call(method: &str, message: &[u8]) -> HttpEvent {
    Event::function_url("POST", method)
        .header("content-type", "application/grpc-web+proto")
        .header("x-grpc-web", "1")
        .body(message)
}

/// Returns the frames of a response that is a success for Lambda.
#[track_caller]
fn successful(response: &Response) -> Vec<Frame> {
    assert_eq!(
        (response.kind(), response.failed()),
        (ResponseKind::Response, false),
        "{response:?}"
    );
    let (prelude, body) = response.prelude();
    assert_eq!(prelude["statusCode"], 200);
    assert_eq!(prelude["headers"]["content-type"], "application/grpc-web+proto");
    assert_eq!(prelude["headers"]["grpc-status"], serde_json::Value::Null);
    frames(body)
}

fn messages(frames: &[Frame]) -> Vec<Vec<u8>> {
    let messages = frames.iter().filter(|frame| frame.flag == 0);
    messages.map(|frame| frame.content.clone()).collect()
}

/// Waits until the body has this number of complete frames.
#[track_caller]
fn wait_for_frames(pending: &PendingInvocation, count: usize) {
    pending.wait_for_body(|body| {
        let start = body.windows(8).position(|bytes| bytes == [0; 8]);
        let mut rest = start.map_or(&[][..], |start| &body[start + 8..]);
        let mut complete = 0;
        while let Some(length) = rest.get(1..5) {
            let end = 5 + u32::from_be_bytes(length.try_into().unwrap()) as usize;
            let Some(next) = rest.get(end..) else { break };
            (rest, complete) = (next, complete + 1);
        }
        complete >= count
    });
}

#[test]
fn unary_call_sends_message_and_trailers_frame() {
    let (warehouse, lambda, _function) = start();
    warehouse.set_order("A-1", 300, "packed");
    let response = lambda.invoke(call(GET_ORDER, &request("A-1", 0)));
    let frames = successful(&response);
    assert_eq!(frames.len(), 2);
    assert_eq!(frames[0].content, order("A-1", 300, PACKED));
    assert_eq!(
        (frames[1].flag, frames[1].content.as_slice()),
        (0x80, &b"grpc-status:0\r\n"[..])
    );
    lambda.wait_for_next();
    assert_eq!(lambda.calls(), ["next", "response", "next"]);
}

#[test]
fn message_is_sent_while_the_call_runs() {
    let (warehouse, lambda, _function) = start();
    warehouse.set_order("A-1", 1, "packed");
    let pending = lambda.queue(call(TRACK_ORDER, &request("A-1", 0)));
    // Each change happens only after the previous one has arrived.
    wait_for_frames(&pending, 1);
    warehouse.set_order("A-1", 2, "shipped");
    wait_for_frames(&pending, 2);
    warehouse.set_order("A-1", 3, "delivered");
    let frames = successful(&pending.wait());
    let expected = [
        order("A-1", 1, PACKED),
        order("A-1", 2, SHIPPED),
        order("A-1", 3, DELIVERED),
    ];
    assert_eq!(messages(&frames), expected);
    assert_eq!(frames[3].trailer("grpc-status"), Some("0"));
}

#[test]
fn order_already_delivered_ends_the_call() {
    let (warehouse, lambda, _function) = start();
    warehouse.set_order("A-1", 3, "delivered");
    let frames = successful(&lambda.invoke(call(TRACK_ORDER, &request("A-1", 3))));
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0].trailer("grpc-status"), Some("0"));
}

/// A caller that read only the status of the HTTP response would take the failed call for a complete one.
#[test]
fn error_mid_stream_is_trailers_frame_of_a_successful_invocation() {
    let (warehouse, lambda, function) = start();
    warehouse.set_order("A-1", 1, "packed");
    let pending = lambda.queue(call(TRACK_ORDER, &request("A-1", 0)));
    wait_for_frames(&pending, 1);
    warehouse.set("A-1", Reaction::Close);
    let response = pending.wait();
    let frames = successful(&response);
    assert_eq!(messages(&frames), [order("A-1", 1, PACKED)]);
    assert_eq!(frames.len(), 2);
    assert_eq!(frames[1].trailer("grpc-status"), Some("14"));
    assert_eq!(
        frames[1].trailer("grpc-message"),
        Some("the%20warehouse%20is%20unavailable")
    );
    assert!(frames[1].details().contains("google.rpc.RetryInfo"));
    assert_eq!(response.trailers(), [], "trailers are for errors of the invocation");
    let log = function.wait_for_stderr(|log| log.contains("outcome="));
    assert!(log.contains("outcome=ok"), "{log}");
    assert!(
        log.contains("method=/orders.v1.OrderTracker/TrackOrder code=Unavailable"),
        "{log}"
    );
}

#[test]
fn error_before_first_message_is_in_the_body() {
    let (_warehouse, lambda, _function) = start();
    for method in [GET_ORDER, TRACK_ORDER] {
        let frames = successful(&lambda.invoke(call(method, &request("A-2", 0))));
        assert_eq!(frames.len(), 1, "{method}");
        assert_eq!(frames[0].trailer("grpc-status"), Some("5"));
        assert_eq!(
            frames[0].trailer("grpc-message"),
            Some("order%20A-2%20does%20not%20exist")
        );
        assert!(frames[0].details().contains("google.rpc.ResourceInfo"));
    }
}

#[test]
fn order_id_that_is_no_path_segment_reaches_no_warehouse() {
    let (warehouse, lambda, _function) = start();
    for id in ["", "../A", "a/b", "%2e", "a?b", "é", &"a".repeat(65)] {
        let frames = successful(&lambda.invoke(call(TRACK_ORDER, &request(id, 0))));
        assert_eq!(frames[0].trailer("grpc-status"), Some("3"), "{id:?}");
        assert!(frames[0].details().contains("google.rpc.BadRequest"));
    }
    assert_eq!(warehouse.requests(), [""; 0]);
}

/// Lambda's events have a binary body as base64.
#[test]
fn binary_request_of_every_source_is_decoded() {
    let (warehouse, lambda, _function) = start();
    warehouse.set_order("A-1", 301, "delivered");
    let message = request("A-1", 300);
    assert!(std::str::from_utf8(&message).is_err());
    let sources: [fn(&str, &str) -> HttpEvent; 2] = [Event::function_url, Event::rest_api];
    for source in sources {
        let event = source("POST", TRACK_ORDER).header("content-type", "application/grpc-web");
        let frames = successful(&lambda.invoke(event.body(&message)));
        assert_eq!(messages(&frames), [order("A-1", 301, DELIVERED)]);
    }
}

#[test]
fn text_call_sends_each_frame_as_base64() {
    let (warehouse, lambda, _function) = start();
    warehouse.set_order("A-1", 1, "packed");
    let call = Event::function_url("POST", TRACK_ORDER)
        .header("content-type", "application/grpc-web-text")
        .header("accept", "application/grpc-web-text")
        .body(STANDARD.encode(request("A-1", 0)));
    let pending = lambda.queue(call);
    let encode = |flag: u8, content: &[u8]| {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        STANDARD.encode([&[flag], &length[..], content].concat())
    };
    let first = encode(0, &order("A-1", 1, PACKED));
    pending.wait_for_body(|body| body.ends_with(first.as_bytes()));
    warehouse.set_order("A-1", 2, "delivered");
    let response = pending.wait();
    let (prelude, body) = response.prelude();
    assert_eq!(prelude["headers"]["content-type"], "application/grpc-web-text+proto");
    let second = encode(0, &order("A-1", 2, DELIVERED));
    let trailers = encode(0x80, b"grpc-status:0\r\n");
    assert_eq!(String::from_utf8_lossy(body), format!("{first}{second}{trailers}"));
}

#[test]
fn timeout_of_caller_ends_the_call() {
    let (warehouse, lambda, _function) = start();
    warehouse.set_order("A-1", 1, "packed");
    let event = call(TRACK_ORDER, &request("A-1", 0)).header("grpc-timeout", "1S");
    let frames = successful(&lambda.invoke(event));
    assert_eq!(messages(&frames), [order("A-1", 1, PACKED)]);
    assert_eq!(frames[1].trailer("grpc-status"), Some("4"));
    assert_eq!(
        frames[1].trailer("grpc-message"),
        Some("the%20timeout%20of%20the%20call%20has%20passed")
    );
}

/// Without the margin, the invocation would fail with `Function.Timeout`.
#[test]
fn timeout_of_function_ends_the_call_with_a_status() {
    let (warehouse, lambda, _function) = start();
    warehouse.set_order("A-1", 1, "packed");
    let event = call(TRACK_ORDER, &request("A-1", 0)).header("grpc-timeout", "1M");
    let frames = successful(&lambda.invoke(event.event().deadline_in(Duration::from_secs(2))));
    assert_eq!(messages(&frames), [order("A-1", 1, PACKED)]);
    assert_eq!(frames[1].trailer("grpc-status"), Some("4"));
    assert_eq!(
        frames[1].trailer("grpc-message"),
        Some("the%20time%20limit%20of%20the%20server%20has%20passed")
    );
}

#[test]
fn timeout_ends_a_call_that_waits_for_the_warehouse() {
    let (warehouse, lambda, _function) = start();
    warehouse.set("A-1", Reaction::Hang);
    for method in [GET_ORDER, TRACK_ORDER] {
        let event = call(method, &request("A-1", 0)).header("grpc-timeout", "200m");
        let frames = successful(&lambda.invoke(event));
        assert_eq!(frames.len(), 1, "{method}");
        assert_eq!(frames[0].trailer("grpc-status"), Some("4"));
    }
}

#[test]
fn timeout_malformed_is_invalid_argument() {
    let (warehouse, lambda, _function) = start();
    let event = call(TRACK_ORDER, &request("A-1", 0)).header("grpc-timeout", "5");
    let frames = successful(&lambda.invoke(event));
    assert_eq!(frames[0].trailer("grpc-status"), Some("3"));
    assert_eq!(warehouse.requests(), [""; 0]);
}

#[test]
fn method_unknown_is_unimplemented() {
    let (_warehouse, lambda, _function) = start();
    let frames = successful(&lambda.invoke(call("/orders.v1.OrderTracker/Missing", &request("A-1", 0))));
    assert_eq!(frames[0].trailer("grpc-status"), Some("12"));
}

/// The warehouse decides who may see an order. Its response and the authorization stay out of messages and logs.
#[test]
fn authorization_is_passed_on_and_not_logged() {
    let (warehouse, lambda, function) = start();
    warehouse.set("A-1", Reaction::Status(403));
    let event = call(GET_ORDER, &request("A-1", 0)).header("authorization", "Bearer secret-token");
    let frames = successful(&lambda.invoke(event));
    assert_eq!(frames[0].trailer("grpc-status"), Some("7"));
    let requests = warehouse.requests();
    assert!(
        requests[0].contains("authorization: Bearer secret-token\r\n"),
        "{requests:?}"
    );
    let log = function.wait_for_stderr(|log| log.contains("outcome="));
    assert!(!log.contains("secret"), "{log}");
}

#[test]
fn response_of_warehouse_selects_the_status() {
    let (warehouse, lambda, _function) = start();
    let document = |text: &str| Reaction::Document(text.to_owned());
    for (reaction, status) in [
        (Reaction::Status(401), "16"),
        (Reaction::Status(429), "14"),
        (Reaction::Status(500), "14"),
        (Reaction::Status(302), "13"),
        (Reaction::Close, "14"),
        (document("{"), "13"),
        (document(r#"{"revision": -1, "stage": "packed"}"#), "13"),
        (document(r#"{"revision": 1, "stage": "lost"}"#), "13"),
        (
            document(&format!(r#"{{"revision": 1, "stage": "packed"}}{:65535}"#, "")),
            "13",
        ),
    ] {
        warehouse.set("A-1", reaction);
        let frames = successful(&lambda.invoke(call(GET_ORDER, &request("A-1", 0))));
        assert_eq!(frames[0].trailer("grpc-status"), Some(status), "{frames:?}");
        let text = String::from_utf8_lossy(&frames[0].content).into_owned();
        assert!(!text.contains("127.0.0.1"), "{text}");
    }
}

#[test]
fn request_that_is_not_grpc_web_is_explained() {
    let (_warehouse, lambda, _function) = start();
    for (method, content_type) in [
        ("GET", "text/html"),
        ("POST", "application/grpc"),
        ("POST", "application/json"),
    ] {
        let response = lambda.invoke(Event::function_url(method, "/").header("content-type", content_type));
        let (prelude, body) = response.prelude();
        assert_eq!(prelude["statusCode"], 415);
        assert!(String::from_utf8_lossy(body).contains("application/grpc-web+proto"));
    }
}

#[test]
fn configuration_invalid_fails_init() {
    let urls = [
        "",
        "warehouse",
        "ftp://warehouse",
        "http://user:secret@warehouse",
        "http://warehouse/v1?key=secret",
    ];
    let mut commands: Vec<(Command, &str)> = urls.iter().map(|url| (function(url), "WAREHOUSE_URL")).collect();
    let mut interval = function("http://127.0.0.1:1");
    interval.env("POLL_INTERVAL_MS", "0");
    commands.push((interval, "POLL_INTERVAL_MS"));
    for (command, variable) in commands {
        let lambda = MockRuntimeApi::start();
        let function = Process::spawn_function_with(command, &lambda);
        let error = lambda.wait_for_init_error().error();
        assert!(
            error.message.starts_with(&format!("invalid {variable}: set it to ")),
            "{}",
            error.message
        );
        assert_eq!(function.exit_code(), Some(1));
        assert!(!error.message.contains("secret") && !function.stderr().contains("secret"));
    }
}
