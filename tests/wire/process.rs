//! Start-up: what comes before the first event, and how it fails.

use lambda_stream_tests::{Function, Kind, StandIn};

fn starting(init: &str) -> (StandIn, Function) {
    let lambda = StandIn::start();
    let mut command = Function::command(env!("CARGO_BIN_EXE_circumstances"));
    command.env("INIT", init);
    let function = Function::spawn_with(command, &lambda);
    (lambda, function)
}

#[test]
fn a_failed_start_up_is_told_before_any_event_is_asked_for() {
    let (lambda, function) = starting("error");
    let answer = lambda.init_error();
    assert_eq!(answer.kind(), Kind::InitError);
    let error = answer.error();
    assert_eq!(
        (error.header_type.as_str(), error.message.as_str()),
        ("Function.Error", "the database is not there")
    );
    assert_eq!(function.exit_code(), Some(1));
    assert!(function.stderr_so_far().contains("the database is not there"));
    assert_eq!(lambda.calls(), ["init/error"]);
}

#[test]
fn a_panic_at_start_up_is_told_with_its_place() {
    let (lambda, function) = starting("panic");
    let error = lambda.init_error().error();
    assert_eq!(
        (error.header_type.as_str(), error.message.as_str()),
        ("Function.Panic", "the configuration is odd")
    );
    assert!(error.stack_trace[0].contains("circumstances.rs:"), "{error:?}");
    assert_eq!(function.exit_code(), Some(1));
    assert!(function.stderr_so_far().contains("the configuration is odd"));
    assert_eq!(lambda.calls(), ["init/error"]);
}
