//! `AWS_LAMBDA_MAX_CONCURRENCY` is capped at the maximum of Lambda Managed Instances.

use test_support::{MockRuntimeApi, Process};

/// The largest `PerExecutionEnvironmentMaxConcurrency`.
const MAX_CONCURRENCY: usize = 1600;

/// Starts `scripted` with a file limit that allows as many connections as the process may open.
fn start(max_concurrency: &str) -> (MockRuntimeApi, Process) {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command("sh");
    let program = env!("CARGO_BIN_EXE_scripted");
    command.args(["-c", "ulimit -n $(ulimit -H -n); exec \"$0\"", program]);
    command.env("AWS_LAMBDA_MAX_CONCURRENCY", max_concurrency);
    let function = Process::spawn_function_with(command, &lambda);
    (lambda, function)
}

#[test]
fn excessive_concurrency_is_capped_and_logged() {
    let (_lambda, function) = start("9999");
    let log = function.wait_for_stderr(|text| text.contains('\n'));
    assert!(
        log.starts_with("lambda-stream: AWS_LAMBDA_MAX_CONCURRENCY is greater than 1600"),
        "{log}"
    );
}

#[test]
fn value_that_is_not_a_positive_number_means_one_poll() {
    for value in ["0", "-1", "many", ""] {
        let (lambda, function) = start(value);
        lambda.wait_for_next();
        function.signal("TERM");
        assert_eq!(function.exit_code(), Some(0));
        assert_eq!(lambda.calls(), ["next"], "{value:?}");
        assert_eq!(function.stderr(), "");
    }
}

#[test]
fn polls_never_exceed_the_maximum() {
    // Both processes need a socket for each poll.
    let hard_limit = std::process::Command::new("sh")
        .args(["-c", "ulimit -n"])
        .output()
        .unwrap();
    let hard_limit = String::from_utf8(hard_limit.stdout).unwrap();
    if hard_limit
        .trim()
        .parse()
        .is_ok_and(|limit: usize| limit < 2 * MAX_CONCURRENCY)
    {
        eprintln!("skipped: the limit of open files is {hard_limit}");
        return;
    }
    let (lambda, function) = start("9999");
    lambda.wait_for_next_calls(MAX_CONCURRENCY);
    function.signal("TERM");
    assert_eq!(function.exit_code(), Some(0));
    assert_eq!(lambda.calls().len(), MAX_CONCURRENCY);
}
