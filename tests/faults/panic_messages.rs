//! The message and location of a panic belong to the invocation that reports them.
//!
//! `resume_unwind` does not call the panic hook, so the last panic that the hook stored is an earlier one. It must not be
//! reported: it may be of another invocation, and of another tenant.

use serde_json::{Value, json};
use test_support::{MockRuntimeApi, Process, Response};

use crate::{script, start};

/// The message for a panic whose text is unknown.
const NO_MESSAGE: &str = "a panic without a message";

fn start_panicking() -> (MockRuntimeApi, Process) {
    start(env!("CARGO_BIN_EXE_panicking"))
}

/// Asserts that the response reports a panic with this message and without a location.
#[track_caller]
fn assert_reported_without_location(response: &Response, message: &str) {
    let error = response.error();
    assert_eq!(error.header_type, "Function.Panic");
    assert_eq!(
        (error.message.as_str(), error.stack_trace.as_slice()),
        (message, &[][..])
    );
}

/// Runs `steps` after each kind of panic of an earlier invocation, and asserts that only `message` is reported.
#[track_caller]
fn assert_no_earlier_panic_is_reported(steps: &Value, message: &str) {
    let (lambda, _function) = start_panicking();
    for earlier in [
        json!([{"catch": "secret"}]),
        json!([{"catch": "resumed"}]),
        json!(["catch_number"]),
        json!([{"panic": "secret"}]),
        json!([{"spawn": [{"panic": "secret"}]}]),
        json!([{"join": [{"panic": "secret"}]}]),
        json!([{"worker": [{"catch": "secret"}]}]),
        json!([{"worker": [{"panic": "secret"}]}]),
    ] {
        lambda.invoke(script(earlier));
        assert_reported_without_location(&lambda.invoke(script(steps.clone())), message);
    }
}

#[test]
fn resumed_text_has_no_location_of_earlier_panic() {
    assert_no_earlier_panic_is_reported(&json!([{"resume": "resumed"}]), "resumed");
}

#[test]
fn resumed_number_has_no_location_of_earlier_panic() {
    assert_no_earlier_panic_is_reported(&json!(["resume_number"]), NO_MESSAGE);
}

#[test]
fn resumed_text_in_mid_stream_has_no_location_of_earlier_panic() {
    assert_no_earlier_panic_is_reported(&json!([{"write": "one"}, {"resume": "resumed"}]), "resumed");
}

#[test]
fn resumed_panic_of_task_has_no_message_of_earlier_panic() {
    assert_no_earlier_panic_is_reported(&json!([{"spawn": [{"resume": "resumed"}]}]), NO_MESSAGE);
    assert_no_earlier_panic_is_reported(&json!([{"spawn": [{"write": "one"}, "resume_number"]}]), NO_MESSAGE);
}

#[test]
fn resumed_panic_of_shared_task_has_no_message_of_earlier_panic() {
    assert_no_earlier_panic_is_reported(
        &json!([{"worker": [{"write": "one"}, {"resume": "resumed"}]}]),
        NO_MESSAGE,
    );
}

#[test]
fn resumed_text_has_no_location_of_caught_panic() {
    let (lambda, _function) = start_panicking();
    let response = lambda.invoke(script(json!([{"catch": "caught"}, {"resume": "resumed"}])));
    assert_reported_without_location(&response, "resumed");
    let response = lambda.invoke(script(json!([{"catch": "caught"}, "resume_number"])));
    assert_reported_without_location(&response, NO_MESSAGE);
}

#[test]
fn panic_after_caught_panic_is_reported_with_location() {
    let (lambda, _function) = start_panicking();
    for steps in [
        json!([{"catch": "caught"}, {"panic": "second"}]),
        json!([{"spawn": [{"catch": "caught"}, {"panic": "second"}]}]),
        json!([{"worker": [{"catch": "caught"}, {"panic": "second"}]}]),
    ] {
        let error = lambda.invoke(script(steps)).error();
        assert_eq!(error.message, "second");
        assert!(error.stack_trace[0].contains("panicking.rs:"), "{error:?}");
    }
}

#[test]
fn resumed_panic_has_no_message_of_concurrent_invocation() {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command(env!("CARGO_BIN_EXE_panicking"));
    command.env("AWS_LAMBDA_MAX_CONCURRENCY", "2");
    let _function = Process::spawn_function_with(command, &lambda);
    for (steps, message) in [
        (json!(["await_release", {"resume": "resumed"}]), "resumed"),
        (json!(["await_release", "resume_number"]), NO_MESSAGE),
        (json!([{"spawn": ["await_release", {"resume": "resumed"}]}]), NO_MESSAGE),
    ] {
        let pending = lambda.queue(script(steps));
        pending.wait_for_delivery();
        lambda.invoke(script(json!([{"catch": "secret"}, {"catch": "resumed"}, "release"])));
        assert_reported_without_location(&pending.wait(), message);
    }
}
