//! Start-up that fails, and `POST init/error`: the process ends with status 1 and one line, whatever Lambda says.

use test_support::{ConnectionFault, MockRuntimeApi, Process, ResponseKind};

use crate::{CUT_BODY, CUT_HEAD, GARBAGE, ended};

const FAILED: &str = "init failed: Function.Error: the database is not available";
const UNTOLD: &str = "Lambda could not be told, since POST init/error";

fn starting(init: &str, lambda: &MockRuntimeApi) -> Process {
    let mut command = Process::command(env!("CARGO_BIN_EXE_all_parameters"));
    command.env("INIT", init);
    Process::spawn_function_with(command, lambda)
}

#[test]
fn an_error_is_told_before_any_event_is_asked_for() {
    let lambda = MockRuntimeApi::start();
    let function = starting("error", &lambda);
    let answer = lambda.wait_for_init_error();
    assert_eq!(answer.kind(), ResponseKind::InitError);
    let error = answer.error();
    assert_eq!(
        (error.header_type.as_str(), error.message.as_str()),
        ("Function.Error", "the database is not available")
    );
    ended(&function, &[FAILED]);
    assert!(!function.stderr().contains(UNTOLD));
    assert_eq!(lambda.calls(), ["init/error"]);
}

#[test]
fn a_panic_is_told_with_its_place() {
    let lambda = MockRuntimeApi::start();
    let function = starting("panic", &lambda);
    let error = lambda.wait_for_init_error().error();
    assert_eq!(
        (error.header_type.as_str(), error.message.as_str()),
        ("Function.Panic", "invalid configuration")
    );
    assert!(error.stack_trace[0].contains("all_parameters.rs:"), "{error:?}");
    assert_eq!(function.exit_code(), Some(1));
    let log = function.stderr();
    let ours: Vec<_> = log.lines().filter(|line| line.starts_with("lambda-stream: ")).collect();
    assert!(
        ours.len() == 1 && ours[0].contains("init failed: Function.Panic: invalid configuration"),
        "{log}"
    );
    assert_eq!(lambda.calls(), ["init/error"]);
}

#[test]
fn without_a_runtime_api_to_connect_to_the_process_says_so() {
    let mut command = Process::command(env!("CARGO_BIN_EXE_all_parameters"));
    // Nothing serves port 1, and no test is ever given it.
    command
        .env("INIT", "error")
        .env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1");
    ended(&Process::spawn(command), &[FAILED, UNTOLD, "refused"]);
}

/// The line says so, and the report is not sent again.
fn is_said(broken: ConnectionFault) {
    let lambda = MockRuntimeApi::start();
    lambda.fail_init_error(broken);
    ended(&starting("error", &lambda), &[FAILED, UNTOLD]);
    assert_eq!(lambda.calls(), ["init/error"]);
}

rows! { is_said:
    a_connection_that_is_closed_is_said(ConnectionFault::closed())
    a_connection_that_is_half_closed_is_said(ConnectionFault::half_closed())
    a_connection_that_is_reset_is_said(ConnectionFault::reset())
    a_connection_that_is_closed_in_the_head_of_the_answer_is_said(ConnectionFault::closed().after_sending(CUT_HEAD))
    garbage_in_place_of_an_answer_is_said(ConnectionFault::stalled().after_sending(GARBAGE))
    a_stall_is_not_waited_out(ConnectionFault::stalled())
    a_stall_in_the_head_of_the_answer_is_not_waited_out(ConnectionFault::stalled().after_sending(CUT_HEAD))
}

#[test]
fn an_answer_that_is_cut_in_its_body_is_an_answer() {
    let lambda = MockRuntimeApi::start();
    lambda.fail_init_error(ConnectionFault::closed().after_sending(CUT_BODY));
    let function = starting("error", &lambda);
    ended(&function, &[FAILED]);
    assert!(!function.stderr().contains(UNTOLD));
}

/// Any status but 2xx is said, with what Lambda says.
fn is_refused(status: u16) {
    let lambda = MockRuntimeApi::start();
    lambda.respond_to_init_error(status, r#"{"errorType":"SomeType","errorMessage":"not\nnow"}"#);
    let refused = format!("POST init/error was refused with {status}");
    ended(&starting("error", &lambda), &[FAILED, &refused, r"SomeType: not\nnow"]);
    assert_eq!(lambda.calls(), ["init/error"]);
}

rows! { is_refused:
    a_400_is_said(400)
    a_403_is_said(403)
    a_410_is_said(410)
    a_413_is_said(413)
    a_500_is_said(500)
}
