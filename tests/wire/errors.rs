//! Reported errors: error types that are derived from Rust types, and events that cannot be deserialized.

use test_support::{BodyEnd, Event, MockRuntimeApi, Process, ResponseKind, start};

/// Asserts that the function `error_types` with the handler `error` reports this error type and message, both before the
/// first byte and in trailers.
#[track_caller]
fn assert_reported(error: &str, error_type: &str, message: &str) {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command(env!("CARGO_BIN_EXE_error_types"));
    command.env("ERROR", error);
    let _function = Process::spawn_function_with(command, &lambda);

    let before_first_byte = lambda.invoke(Event::json("false"));
    assert_eq!(before_first_byte.kind(), ResponseKind::Error);
    let mid_stream = lambda.invoke(Event::json("true"));
    assert_eq!(
        (mid_stream.kind(), mid_stream.text(), mid_stream.body_end()),
        (ResponseKind::Response, "one", BodyEnd::LastChunk)
    );
    for response in [before_first_byte, mid_stream] {
        let error = response.error();
        assert_eq!(
            (
                error.header_type.as_str(),
                error.error_type.as_str(),
                error.message.as_str()
            ),
            (error_type, error_type, message)
        );
    }
}

#[test]
fn type_named_error_is_reported_with_its_crate() {
    assert_reported(
        "crate_error",
        "Function.SerdeJsonError",
        "expected value at line 1 column 1",
    );
    assert_reported("std_error", "Function.IoError", "disk full");
    assert_reported("own_error", "Function.ErrorTypesError", "no such order");
}

#[test]
fn type_name_keeps_digits_and_underscores() {
    assert_reported("digit_and_underscore", "Function.Upstream2_Gone", "no such order");
}

#[test]
fn static_str_is_reported_as_function_error() {
    assert_reported("static_str", "Function.Error", "no such order");
}

#[test]
fn event_type_for_http_event_error_names_payload() {
    let (lambda, _function) = start(env!("CARGO_BIN_EXE_sum"));
    for request in [
        Event::function_url("POST", "/").body("[1, 2]"),
        Event::rest_api("POST", "/").body("[1, 2]"),
        Event::alb("POST", "/", false).body("[1, 2]"),
        Event::alb("POST", "/", true).body("[1, 2]"),
    ] {
        let response = lambda.invoke(request);
        assert_eq!(response.kind(), ResponseKind::Error);
        let error = response.error();
        assert_eq!(error.header_type, "Function.InvalidEvent");
        assert!(
            error.message.starts_with(
                "failed to deserialize the event as `Vec<u64>`: invalid type: map, expected a sequence at line 1 column "
            ),
            "{error:?}"
        );
        assert!(
            error
                .message
                .ends_with("; the event is an HTTP request: take `Payload<T>` to deserialize its body"),
            "{error:?}"
        );
    }

    let error = lambda.invoke(Event::json("{}")).error();
    assert_eq!(
        (error.header_type.as_str(), error.message.as_str()),
        (
            "Function.InvalidEvent",
            "failed to deserialize the event as `Vec<u64>`: invalid type: map, expected a sequence at line 1 column 0"
        )
    );
}
