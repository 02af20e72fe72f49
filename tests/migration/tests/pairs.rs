//! Compares the programs before and after a migration from `lambda_runtime` and `lambda_http`: the same event, and what
//! Lambda receives. Each difference that the guide names is the subject of a test.

use std::process::Command;

use lambda_stream_migration_tests::{Event, Function, HttpEvent, Prelude, Process, Received, ReportedError, invoke};
use serde_json::json;

const REQUEST_ID: &str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";

/// Returns the commands of a pair.
macro_rules! pair {
    ($name:literal) => {
        (
            Process::command(env!(concat!("CARGO_BIN_EXE_", $name, "_before"))),
            Process::command(env!(concat!("CARGO_BIN_EXE_", $name, "_after"))),
        )
    };
}

/// Invokes both programs of a pair with the same event.
#[track_caller]
fn invoke_both((before, after): (Command, Command), event: impl Into<Event>) -> (Received, Received) {
    let event = event.into().request_id(REQUEST_ID);
    (invoke(before, event.clone()), invoke(after, event))
}

fn get(target: &str) -> HttpEvent {
    HttpEvent::function_url("GET", target)
}

fn post(target: &str, json: &str) -> HttpEvent {
    HttpEvent::function_url("POST", target)
        .header("content-type", "application/json")
        .body(json)
}

fn prelude(status: u64, headers: &[(&str, &str)], cookies: &[&str]) -> Prelude {
    let headers = headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned()));
    Prelude {
        status,
        headers: headers.collect(),
        cookies: cookies.iter().map(|&cookie| cookie.to_owned()).collect(),
    }
}

/// A streamed response without an error.
fn streamed(prelude: impl Into<Option<Prelude>>, body: &str) -> Received {
    Received {
        streamed: true,
        prelude: prelude.into(),
        body: body.to_owned(),
        error: None,
    }
}

fn buffered(body: &str) -> Received {
    Received {
        streamed: false,
        prelude: None,
        body: body.to_owned(),
        error: None,
    }
}

/// An error in place of a response.
fn failed(error_type: &str, message: &str) -> Received {
    Received {
        error: Some(ReportedError {
            error_type: error_type.to_owned(),
            message: message.to_owned(),
            in_trailers: false,
        }),
        ..buffered("")
    }
}

#[test]
fn json_responses_are_equal() {
    let (before, after) = pair!("json");
    let run = Process::command(env!("CARGO_BIN_EXE_json_run_after"));
    let event = Event::json(r#"{"name":"Ada"}"#).request_id(REQUEST_ID);
    let expected = buffered(&format!(r#"{{"message":"Hello, Ada!","request_id":"{REQUEST_ID}"}}"#));
    for command in [before, after, run] {
        assert_eq!(invoke(command, event.clone()), expected);
    }
}

#[test]
fn invalid_event_has_another_error_type() {
    let (before, after) = invoke_both(pair!("json"), Event::json("{}"));
    assert_eq!(
        before,
        failed(
            "&lambda_runtime::deserializer::DeserializeError",
            "failed to deserialize the incoming data into the function's payload type: missing field `name` at line 1 \
             column 2\n"
        )
    );
    assert_eq!(
        after,
        failed(
            "Function.InvalidEvent",
            "failed to deserialize the event as `Greeting`: missing field `name` at line 1 column 2"
        )
    );
}

#[test]
fn streamed_responses_to_http_events_are_equal() {
    let (before, after) = invoke_both(pair!("stream"), get("/"));
    let binary = prelude(200, &[("content-type", "application/octet-stream")], &[]);
    assert_eq!(after, streamed(binary, "Hello from Lambda\n"));
    assert_eq!(before, after);
}

#[test]
fn streamed_response_to_other_events_has_no_prelude() {
    let (before, after) = invoke_both(pair!("stream"), Event::json("{}"));
    let binary = prelude(200, &[("content-type", "application/octet-stream")], &[]);
    assert_eq!(before, streamed(binary, "Hello from Lambda\n"));
    assert_eq!(after, streamed(None, "Hello from Lambda\n"));
}

#[test]
fn returned_streams_are_equal_for_every_event() {
    let created = prelude(201, &[("content-type", "text/plain")], &["seen=1"]);
    for event in [get("/").event(), Event::json("{}")] {
        let (before, after) = invoke_both(pair!("returned_stream"), event);
        assert_eq!(after, streamed(created.clone(), "one\ntwo\n"));
        assert_eq!(before, after);
    }
}

#[test]
fn response_is_chosen_per_invocation() {
    let (before, after) = invoke_both(pair!("mixed"), Event::json(r#"{"summary":true}"#));
    assert_eq!(after, buffered(r#"{"lines":2}"#));
    assert_eq!(before, after);
    let (mut before, after) = invoke_both(pair!("mixed"), Event::json(r#"{"summary":false}"#));
    assert_eq!(after, streamed(None, "one\ntwo\n"));
    // The prelude is a difference that another test shows.
    assert!(before.prelude.take().is_some());
    assert_eq!(before, after);
}

#[test]
fn error_of_stream_is_text_before_and_trailers_after() {
    let (before, after) = invoke_both(pair!("stream_error"), get("/"));
    let binary = prelude(200, &[("content-type", "application/octet-stream")], &[]);
    // The base64 text is "the database is gone".
    let body = "row 1\nLambda-Runtime-Function-Error-Type: Runtime.StreamError\r\nLambda-Runtime-Function-Error-Body: \
                dGhlIGRhdGFiYXNlIGlzIGdvbmU=\r\n";
    assert_eq!(before, streamed(binary.clone(), body));
    let error = ReportedError {
        error_type: "Function.Error".to_owned(),
        message: "the database is gone".to_owned(),
        in_trailers: true,
    };
    assert_eq!(
        after,
        Received {
            error: Some(error),
            ..streamed(binary, "row 1\n")
        }
    );
}

#[test]
fn http_handlers_give_equal_http_responses() {
    let order = r#"{"item":"tea","quantity":2}"#;
    let created = prelude(
        201,
        &[("content-type", "text/plain"), ("x-request-id", REQUEST_ID)],
        &[],
    );
    for (event, expected) in [
        (post("/orders?currency=A%26B", order), "/orders: 2 x tea in A&B"),
        (post("/orders/7", order), "/orders/7: 2 x tea in EUR"),
    ] {
        let (before, after) = invoke_both(pair!("http_handler"), event);
        assert_eq!(after.http(), (created.clone(), expected.to_owned()));
        assert_eq!(before.http(), after.http());
        assert!(!before.streamed && after.streamed);
    }
    let (before, after) = invoke_both(pair!("http_handler"), post("/orders", "tea"));
    let message = "an order is a JSON object with item and quantity";
    assert_eq!(after.http(), (prelude(400, &[], &[]), message.to_owned()));
    assert_eq!(before.http(), after.http());
}

#[test]
fn path_of_rest_api_has_stage_only_before() {
    let order = HttpEvent::rest_api("POST", "/orders").body(r#"{"item":"tea","quantity":2}"#);
    let (mut command, _) = pair!("http_handler");
    command.env("AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH", "true");
    let without_stage = invoke(command, order.clone());
    let (before, after) = invoke_both(pair!("http_handler"), order);
    assert_eq!(before.http().1, "/test/orders: 2 x tea in EUR");
    assert_eq!(after.http().1, "/orders: 2 x tea in EUR");
    assert_eq!(without_stage.http().1, after.http().1);
}

#[test]
fn axum_applications_give_equal_responses_without_content_length() {
    let text = ("content-type", "text/plain; charset=utf-8");
    let json = ("content-type", "application/json");
    for (event, expected, body) in [
        (get("/users/ada?page=3"), prelude(200, &[text], &[]), "ada, page 3"),
        (
            post("/orders", r#"{"item":"tea"}"#),
            prelude(201, &[json], &["a=1", "b=2"]),
            r#"{"item":"tea"}"#,
        ),
    ] {
        let (mut before, after) = invoke_both(pair!("axum"), event);
        assert_eq!(after, streamed(expected, body));
        let headers = before.prelude.as_mut().map(|prelude| &mut prelude.headers);
        let length = headers.and_then(|headers| headers.remove("content-length"));
        assert_eq!(length, Some(body.len().to_string()));
        assert_eq!(before, after);
    }
}

#[test]
fn axum_application_gets_no_default_content_type() {
    let binary = prelude(200, &[("content-type", "application/octet-stream")], &[]);
    let (before, after) = invoke_both(pair!("axum"), get("/tokens"));
    assert_eq!(before, streamed(binary, "one two"));
    assert_eq!(after, streamed(prelude(200, &[], &[]), "one two"));
}

#[test]
fn state_is_shared_by_invocations() {
    let (mut before, mut after) = pair!("state");
    before.env("ENDPOINT", "database.example");
    after.env("ENDPOINT", "database.example");
    for function in [Function::start(before), Function::start(after)] {
        for call in 1..=2 {
            let received = function.invoke(Event::json("{}"));
            assert_eq!(received, buffered(&format!(r#""call {call} of database.example""#)));
        }
    }
}

#[test]
fn error_of_init_is_reported_after_and_not_before() {
    let (before, after) = pair!("state");
    let before = Function::start(before);
    assert_eq!(before.process().exit_code(), Some(1));
    assert_eq!(before.lambda().calls(), Vec::<String>::new());
    let after = Function::start(after);
    let received = Received::new(&after.lambda().wait_for_init_error());
    assert_eq!(received, failed("Function.VarError", "environment variable not found"));
    assert_eq!(after.process().exit_code(), Some(1));
    assert_eq!(after.lambda().calls(), ["init/error"]);
}

#[test]
fn errors_have_equal_types_and_messages() {
    for (event, error_type, message) in [
        ("12", "Order.OutOfStock", "12 are not in stock"),
        ("many", "Order.InvalidQuantity", "invalid digit found in string"),
    ] {
        let (before, after) = invoke_both(pair!("error"), Event::json(json!(event).to_string()));
        assert_eq!(after, failed(error_type, message));
        assert_eq!(before, after);
    }
    let (before, after) = invoke_both(pair!("error"), Event::json(r#""3""#));
    assert_eq!(after, buffered(r#""3 ordered""#));
    assert_eq!(before, after);
}

#[test]
fn header_has_error_type_only_after() {
    let (before, after) = pair!("error");
    for (command, expected) in [(before, "unhandled"), (after, "Order.OutOfStock")] {
        let function = Function::start(command);
        let response = function.lambda().invoke(Event::json(r#""12""#));
        assert_eq!(response.error().header_type, expected);
    }
}

#[test]
fn connection_is_opened_again_after_restore() {
    let (mut before, mut after) = pair!("snapstart");
    before.env("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start");
    after.env("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start");
    for function in [Function::start(before), Function::start(after)] {
        function.lambda().restore();
        assert_eq!(function.invoke(Event::json("{}")), buffered(r#""Some(2)""#));
    }
}
