use super::*;

fn shell(script: &str) -> Command {
    let mut command = Function::command("/bin/sh");
    command.args(["-c", script]);
    command
}

#[test]
fn both_outputs_and_the_exit_code_are_seen() {
    let function = Function::spawn_alone(shell("echo out; echo err >&2; exit 3"));
    assert_eq!(function.exit_code(), Some(3));
    assert_eq!(function.stdout_so_far(), "out\n");
    assert_eq!(function.stderr_so_far(), "err\n");
    assert!(!function.is_running());
}

#[test]
fn outputs_are_seen_while_the_process_runs_and_signals_reach_it() {
    let script = "trap 'echo told >&2; exit 0' TERM; echo ready; while :; do sleep 0.1; done";
    let function = Function::spawn_alone(shell(script));
    function.wait_for_stdout(|text| text == "ready\n");
    assert!(function.is_running());
    function.signal("TERM");
    assert_eq!(function.exit_code(), Some(0));
    function.wait_for_stderr(|text| text == "told\n");
}

#[test]
fn a_process_is_killed_with_its_owner() {
    let function = Function::spawn_alone(shell("echo ready; exec sleep 1000"));
    function.wait_for_stdout(|text| text == "ready\n");
    let seen = Arc::clone(&function.seen);
    drop(function);
    let status = seen.look(|seen| seen.status).expect("an end");
    assert_eq!(status.code(), None, "{status:?}");
}

#[test]
fn a_process_gets_the_address_and_its_input() {
    let lambda = StandIn::start();
    let mut command = shell("env; cat");
    command.stdin(Stdio::piped());
    let mut function = Function::spawn_with(command, &lambda);
    function.feed_stdin("fed");
    assert!(function.wait().success());
    let output = function.stdout_so_far();
    let of_aws: Vec<_> = output.lines().filter(|line| line.starts_with("AWS_")).collect();
    assert_eq!(of_aws, [format!("AWS_LAMBDA_RUNTIME_API={}", lambda.address())]);
    assert!(output.ends_with("\nfed"), "{output}");
}

#[test]
#[should_panic(expected = "standard output ended before it was as awaited")]
fn an_output_that_ends_is_not_waited_for() {
    Function::spawn_alone(shell("echo other")).wait_for_stdout(|text| text == "this\n");
}

#[test]
fn what_lambda_sets_is_told_from_all_else() {
    for name in ["AWS_REGION", "LAMBDA_TASK_ROOT", "_HANDLER", "_X_AMZN_TRACE_ID"] {
        assert!(is_of_lambda(name), "{name}");
    }
    for name in ["PATH", "LAMBDA", "MY_AWS_REGION", "_HANDLERS"] {
        assert!(!is_of_lambda(name), "{name}");
    }
}
