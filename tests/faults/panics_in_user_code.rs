//! Panics of user code in unusual places. The caller gets an error, or a complete response if the panic comes too late for
//! that. A concurrent invocation is not affected, and the process handles the next event.

use std::time::Duration;

use serde_json::json;
use test_support::{Event, FunctionError, MockRuntimeApi, Process, Response};

use crate::script;

/// Starts a function that handles two invocations concurrently.
fn start_concurrent(path: &str) -> (MockRuntimeApi, Process) {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command(path);
    command.env("AWS_LAMBDA_MAX_CONCURRENCY", "2");
    let function = Process::spawn_function_with(command, &lambda);
    (lambda, function)
}

/// Delivers `event` to the function `panicking` while another response is in mid-stream, and returns the response. Asserts
/// that the other response is complete and that further events are handled.
#[track_caller]
fn invoke(event: Event) -> Response {
    let (lambda, function) = start_concurrent(env!("CARGO_BIN_EXE_panicking"));
    let neighbor = lambda.queue(script(json!([{"write": "one "}, "await_release", {"write": "two"}])));
    neighbor.wait_for_body(|body| body == b"one ");
    let response = lambda.invoke(event);
    let next = lambda.invoke(script(json!(["release", {"write": "alive"}])));
    assert_eq!((next.text(), next.failed()), ("alive", false));
    let neighbor = neighbor.wait();
    assert_eq!((neighbor.text(), neighbor.failed()), ("one two", false));
    assert!(function.is_running());
    response
}

/// Like [`invoke`], but sends requests with these paths, one after another, to the function `panicking_service`, and returns
/// the last response.
#[track_caller]
fn request(paths: &[&str]) -> Response {
    let (lambda, function) = start_concurrent(env!("CARGO_BIN_EXE_panicking_service"));
    let get = |path: &str| Event::function_url("GET", path);
    let body = |response: &Response| String::from_utf8_lossy(response.prelude().1).into_owned();
    let neighbor = lambda.queue(get("/neighbor"));
    neighbor.wait_for_body(|body| body.ends_with(b"one "));
    let response = paths.iter().map(|path| lambda.invoke(get(path))).last();
    let next = lambda.invoke(get("/release"));
    assert_eq!((body(&next).as_str(), next.failed()), ("ok", false));
    let neighbor = neighbor.wait();
    assert_eq!((body(&neighbor).as_str(), neighbor.failed()), ("one two", false));
    assert!(function.is_running());
    response.unwrap()
}

#[track_caller]
fn assert_panic(error: &FunctionError, message: &str) {
    assert_eq!(
        (error.header_type.as_str(), error.message.as_str()),
        ("Function.Panic", message)
    );
}

#[test]
fn payload_with_panicking_drop_at_deadline_times_out() {
    let event = script(json!([{"write": "one"}, "hang_with_panicking_payload"]));
    let response = invoke(event.deadline_in(Duration::from_secs(1)));
    assert_eq!(
        (response.text(), response.error().header_type.as_str()),
        ("one", "Function.Timeout")
    );
}

#[test]
fn chunk_with_panicking_drop_is_sent() {
    let response = invoke(script(json!([{"send_owned": 4}, {"write": "end"}])));
    assert_eq!((response.body().len(), response.failed()), (4 * 32 * 1024 + 3, false));
}

#[test]
fn unsent_chunk_with_panicking_drop_is_survived() {
    let event = script(json!([{"send_owned": 100}]));
    invoke(event.rejected_early(1, 413, "RequestEntityTooLarge", "too long"));
}

#[test]
fn panicking_waker_is_survived() {
    let response = invoke(script(json!(["write_with_panicking_waker", {"write": "end"}])));
    assert_eq!((response.text().ends_with("xend"), response.failed()), (true, false));
}

#[test]
fn panic_in_deserialize_is_reported() {
    assert_panic(&invoke(script(json!([{"deserialize": 1}]))).error(), "deserialized");
}

#[test]
fn panic_in_serialize_is_reported() {
    assert_panic(&invoke(script(json!(["serialize"]))).error(), "serialized");
}

#[test]
fn panic_in_source_of_error_is_reported() {
    let response = invoke(script(json!([{"write": "one"}, "fail_with_panicking_source"])));
    assert_eq!(response.text(), "one");
    assert_panic(&response.error(), "asked for its source");
}

#[test]
fn panic_in_drop_of_error_is_reported() {
    assert_panic(&invoke(script(json!(["fail_with_panicking_drop"]))).error(), "dropped");
}

#[test]
fn panic_in_clone_of_service_is_reported() {
    assert_panic(&request(&["/next-clone", "/"]).error(), "cloned");
}

#[test]
fn service_is_cloned_again_after_panic_in_clone() {
    let response = request(&["/next-clone", "/", "/"]);
    assert_eq!((response.prelude().1, response.failed()), (b"ok".as_slice(), false));
}

#[test]
fn panic_in_poll_ready_is_reported() {
    assert_panic(&request(&["/next-poll-ready", "/"]).error(), "polled for readiness");
}

#[test]
fn panic_in_call_of_service_is_reported() {
    assert_panic(&request(&["/call"]).error(), "called");
}

#[test]
fn panic_in_future_of_service_is_reported() {
    assert_panic(&request(&["/future-poll"]).error(), "the future was polled");
    assert_panic(&request(&["/future-drop"]).error(), "the future was dropped");
}

#[test]
fn panic_in_error_of_service_is_reported() {
    assert_panic(&request(&["/error-display"]).error(), "the error was displayed");
    assert_panic(&request(&["/error-drop"]).error(), "the error was dropped");
}

#[test]
fn panic_in_body_of_service_sends_trailers() {
    for (path, message) in [
        ("/body-poll", "the body was polled"),
        ("/body-drop", "the body was dropped"),
    ] {
        let response = request(&[path]);
        assert_eq!(response.prelude().1, b"one");
        assert_panic(&response.error(), message);
    }
}

#[test]
fn chunk_of_service_with_panicking_drop_is_sent() {
    let response = request(&["/chunk-drop"]);
    assert_eq!((response.prelude().1.len(), response.failed()), (2048, false));
}

/// Starts the function with an environment variable, stops it after one event, and asserts its exit code.
#[track_caller]
fn assert_exit_code(variable: &str, code: i32) -> Process {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command(env!("CARGO_BIN_EXE_panicking"));
    command.env(variable, "1");
    let function = Process::spawn_function_with(command, &lambda);
    assert_eq!(lambda.invoke(script(json!([{"write": "one"}]))).text(), "one");
    function.signal("TERM");
    assert_eq!(function.exit_code(), Some(code), "{}", function.stderr());
    function
}

#[test]
fn panic_in_drop_of_stopped_hook_exits_with_its_timeout() {
    let function = assert_exit_code("HANGING_HOOK", 1);
    assert!(
        function.stderr().contains("on_shutdown failed: Function.Timeout"),
        "{}",
        function.stderr()
    );
}

#[test]
fn panic_in_drop_of_handler_is_survived() {
    assert_exit_code("PANICKING_CAPTURE", 0);
}
