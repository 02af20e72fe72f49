//! What Lambda may answer, and what is not the handler's fault: the loop goes on, or the process says why it cannot.

use lambda_stream_tests::Function;
use serde_json::json;

use crate::{script, scripted};

#[test]
fn an_idle_answer_to_next_is_no_event() {
    let (lambda, function) = scripted();
    lambda.next_answers(204, "");
    lambda.next_answers(408, "");
    assert_eq!(lambda.invoke(script(json!([{"write": "hi"}]))).text(), "hi");
    assert!(function.is_running());
}

#[test]
fn a_refused_next_ends_the_process_with_a_reason() {
    for status in [400, 403, 500] {
        let (lambda, function) = scripted();
        lambda.next_answers(
            status,
            r#"{"errorType":"InternalServerError","errorMessage":"try elsewhere"}"#,
        );
        assert_eq!(function.exit_code(), Some(1));
        let log = function.stderr_so_far();
        assert!(
            log.contains(&format!("GET invocation/next was refused with {status}")),
            "{log}"
        );
        assert!(log.contains("InternalServerError: try elsewhere"), "{log}");
    }
}

#[test]
fn a_broken_connection_on_next_ends_the_process_with_a_reason() {
    let (lambda, function) = scripted();
    lambda.close_next();
    lambda.close_next();
    assert_eq!(function.exit_code(), Some(1));
    assert!(
        function.stderr_so_far().contains("GET invocation/next failed"),
        "{}",
        function.stderr_so_far()
    );
}

#[test]
fn without_a_runtime_api_to_connect_to_the_process_says_so() {
    let mut command = Function::command(env!("CARGO_BIN_EXE_scripted"));
    // Nothing serves port 1, and no test is ever given it.
    command.env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1");
    let function = Function::spawn_alone(command);
    assert_eq!(function.exit_code(), Some(1));
    let log = function.stderr_so_far();
    assert!(
        log.contains("GET invocation/next failed") && log.contains("refused"),
        "{log}"
    );
}

#[test]
fn an_event_without_a_request_id_ends_the_process_with_a_reason() {
    let (lambda, function) = scripted();
    lambda.queue(script(json!([])).without("Lambda-Runtime-Aws-Request-Id"));
    assert_eq!(function.exit_code(), Some(1));
    let log = function.stderr_so_far();
    assert!(log.contains("Lambda-Runtime-Aws-Request-Id"), "{log}");
}

#[test]
fn a_refused_error_report_is_logged_and_the_loop_goes_on() {
    let (lambda, function) = scripted();
    lambda.invoke(script(json!([{"fail": "no"}])).refused(403, "InvalidStateTransition", "not now"));
    assert_eq!(lambda.invoke(script(json!([{"write": "alive"}]))).text(), "alive");
    let refusal = "POST invocation/{id}/error was refused with 403 Forbidden: InvalidStateTransition: not now";
    function.wait_for_stderr(|text| text.contains(refusal));
}

#[test]
fn a_refused_response_is_logged_and_the_loop_goes_on() {
    let (lambda, function) = scripted();
    lambda.invoke(script(json!([{"write": "a"}])).refused(400, "InvalidRequestID", "who?"));
    assert_eq!(lambda.invoke(script(json!([{"write": "alive"}]))).text(), "alive");
    let refusal = "POST invocation/{id}/response was refused with 400 Bad Request: InvalidRequestID: who?";
    function.wait_for_stderr(|text| text.contains(refusal));
    assert!(!lambda.calls().contains(&"error".to_owned()));
}
