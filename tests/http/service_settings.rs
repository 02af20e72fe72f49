//! The settings of `lambda_stream::http::service`: base path, error statuses, and the handler of other events.

use serde_json::{Value, json};
use test_support::{
    BodyEnd, Event, MockRuntimeApi, Process, Response, ResponseKind, connect, exchange, send_request, start,
};

use crate::alb::document;
use crate::requests::Request;
use crate::servers::HttpServer;

const SERVICE: &str = env!("CARGO_BIN_EXE_http_service");

/// Starts the service with the handler of other events that has this name.
fn start_with(other_events: &str) -> (MockRuntimeApi, Process) {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command(SERVICE);
    command.env("OTHER_EVENTS", other_events);
    let function = Process::spawn_function_with(command, &lambda);
    (lambda, function)
}

fn queue_event() -> Value {
    json!({"Records": [{"messageId": "a", "body": "{}", "eventSource": "aws:sqs"}]})
}

fn get(target: &str) -> Event {
    Event::function_url("GET", target).event()
}

/// Asserts that the invocation failed in place of a response, and returns the message.
fn reported(response: &Response) -> String {
    let error = response.error();
    assert_eq!(
        (response.kind(), error.header_type.as_str(), error.error_type.as_str()),
        (ResponseKind::Error, "Function.ErrorStatus", "Function.ErrorStatus"),
        "{response:?}"
    );
    error.message
}

#[test]
fn other_event_reaches_handler() {
    let (lambda, _function) = start_with("document");
    for event in [queue_event(), json!("text"), json!(null)] {
        let response = lambda.invoke(Event::json(event.to_string()).request_id("id-1"));
        assert_eq!(response.kind(), ResponseKind::Response);
        assert_eq!(
            response.json(),
            json!({"event": event, "request_id": "id-1", "state": "the state"})
        );
    }
    // The service handles HTTP events as before.
    assert_eq!(lambda.invoke(get("/status/200")).prelude().1, b"no tea: 200");
    let malformed = lambda.invoke(Event::json("{"));
    assert_eq!(malformed.error().header_type, "Function.InvalidEvent");
}

#[test]
fn other_event_handler_streams() {
    let (lambda, _function) = start_with("stream");
    let response = lambda.invoke(Event::json("[1]"));
    assert_eq!(
        (response.kind(), response.body_end(), response.body()),
        (ResponseKind::Response, BodyEnd::LastChunk, &b"event: [1]"[..])
    );
}

#[test]
fn other_event_handler_error_posts_error() {
    let (lambda, _function) = start_with("failure");
    let response = lambda.invoke(Event::json(queue_event().to_string()));
    assert_eq!(
        (response.kind(), response.error().message.as_str()),
        (ResponseKind::Error, "no messages, please")
    );
}

#[test]
fn other_event_without_handler_posts_error_with_method() {
    let (lambda, _function) = start_with("none");
    let response = lambda.invoke(Event::json(queue_event().to_string()));
    let error = response.error();
    assert_eq!(
        (response.kind(), error.header_type.as_str()),
        (ResponseKind::Error, "Function.InvalidEvent")
    );
    for part in ["it is not an HTTP event", "on_other_events(handler)"] {
        assert!(error.message.contains(part), "{part} is not in {}", error.message);
    }
}

#[test]
fn base_path_is_removed_for_each_source() {
    let (lambda, _function) = start(SERVICE);
    let uri = |response: &Response| {
        let description: Value = serde_json::from_slice(response.prelude().1).unwrap();
        description["uri"].as_str().unwrap().to_owned()
    };
    for (target, expected) in [
        ("/orders/a%20b?x=%2B", "/a%20b?x=%2B"),
        ("/orders?x=1", "/?x=1"),
        ("/orders", "/"),
        ("/ordersheet?x=1", "/ordersheet?x=1"),
        ("/invoices/orders", "/invoices/orders"),
    ] {
        assert_eq!(uri(&lambda.invoke(get(target))), expected);
        assert_eq!(uri(&lambda.invoke(Event::rest_api("GET", target))), expected);
        let alb = document(&lambda.invoke(Event::alb("GET", target, true)));
        let description: Value = serde_json::from_str(alb["body"].as_str().unwrap()).unwrap();
        assert_eq!(description["uri"], expected);
    }
}

#[test]
fn base_path_follows_the_stage() {
    let (lambda, _function) = start(SERVICE);
    let event = json!({
        "version": "2.0", "rawPath": "/prod/orders/7", "rawQueryString": "", "headers": {}, "isBase64Encoded": false,
        "requestContext": {
            "stage": "prod", "domainName": "a.execute-api.eu-west-1.amazonaws.com",
            "http": {"method": "GET", "path": "/prod/orders/7"},
        },
    });
    let response = lambda.invoke(Event::json(event.to_string()));
    let description: Value = serde_json::from_slice(response.prelude().1).unwrap();
    assert_eq!(description["uri"], "/7");
}

#[test]
fn error_status_with_complete_body_posts_error() {
    let (lambda, _function) = start(SERVICE);
    for source in ["function URL", "REST API", "ALB"] {
        let invoke = |target: &str| match source {
            "function URL" => lambda.invoke(get(target)),
            "REST API" => lambda.invoke(Event::rest_api("GET", target)),
            _ => lambda.invoke(Event::alb("GET", target, false)),
        };
        assert_eq!(
            reported(&invoke("/status/503")),
            "the service responded with the status 503 Service Unavailable: no tea: 503"
        );
        assert_eq!(
            reported(&invoke("/status/429")),
            "the service responded with the status 429 Too Many Requests: no tea: 429"
        );
        for path in ["bytes", "empty", "pending"] {
            assert_eq!(
                reported(&invoke(&format!("/status/599/{path}"))),
                "the service responded with the status 599",
                "{path}"
            );
        }
    }
    let head = lambda.invoke(Event::function_url("HEAD", "/status/500/stream"));
    assert_eq!(
        reported(&head),
        "the service responded with the status 500 Internal Server Error"
    );
}

#[test]
fn error_status_with_stream_ends_with_trailers() {
    let (lambda, _function) = start(SERVICE);
    for event in [
        Event::function_url("GET", "/status/503/stream"),
        Event::rest_api("GET", "/status/503/stream"),
    ] {
        let response = lambda.invoke(event);
        let (prelude, body) = response.prelude();
        assert_eq!((&prelude["statusCode"], body), (&json!(503), &b"no tea"[..]));
        assert_eq!(
            (response.kind(), response.body_end()),
            (ResponseKind::Response, BodyEnd::LastChunk)
        );
        let error = response.error();
        assert_eq!(error.header_type, "Function.ErrorStatus");
        assert_eq!(
            error.message,
            "the service responded with the status 503 Service Unavailable"
        );
    }
    assert!(!lambda.invoke(get("/status/200/stream")).failed());
}

#[test]
fn error_status_with_failing_stream_reports_body_error() {
    let (lambda, _function) = start(SERVICE);
    let response = lambda.invoke(get("/status/503/failing"));
    assert_eq!(response.prelude().1, b"no ");
    assert_eq!(response.error().message, "the kettle broke");
}

#[test]
fn error_status_with_stream_posts_error_for_alb() {
    let (lambda, _function) = start(SERVICE);
    let response = lambda.invoke(Event::alb("GET", "/status/503/stream", false));
    assert_eq!(
        reported(&response),
        "the service responded with the status 503 Service Unavailable: no "
    );
}

#[test]
fn other_statuses_are_responses() {
    let (lambda, _function) = start(SERVICE);
    for status in [200, 404, 428, 430, 499] {
        let response = lambda.invoke(get(&format!("/status/{status}")));
        assert!(!response.failed(), "{response:?}");
        assert_eq!(response.prelude().0["statusCode"], status);
    }
}

#[test]
fn caller_of_error_status_gets_502_or_the_streamed_response() {
    let server = HttpServer::local_mode_of(SERVICE);
    let response = send_request(
        &server.address,
        Request::new("complete body", "GET", "/status/503").to_bytes(),
    );
    assert_eq!(response.status(), 502);
    let bytes = exchange(
        connect(&server.address),
        Request::new("stream", "GET", "/status/503/stream").to_bytes(),
    );
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.starts_with("HTTP/1.1 503"), "{text}");
    // The chunk that ends the body is missing, so the caller knows that the response failed.
    assert!(text.ends_with("no tea\r\n"), "{text}");
}
