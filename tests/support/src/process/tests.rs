use super::*;

fn shell(script: &str) -> Command {
    let mut command = Process::command("/bin/sh");
    command.args(["-c", script]);
    command
}

#[test]
fn output_and_exit_code_are_collected() {
    let process = Process::spawn(shell("echo out; echo err >&2; exit 3"));
    assert_eq!(process.exit_code(), Some(3));
    assert_eq!(process.stdout(), "out\n");
    assert_eq!(process.stderr(), "err\n");
    assert!(!process.is_running());
}

#[test]
fn running_process_shows_output_and_receives_signals() {
    let script = "trap 'echo caught >&2; exit 0' TERM; echo ready; while :; do sleep 0.1; done";
    let process = Process::spawn(shell(script));
    process.wait_for_stdout(|text| text == "ready\n");
    assert!(process.is_running());
    process.signal("TERM");
    assert_eq!(process.exit_code(), Some(0));
    process.wait_for_stderr(|text| text == "caught\n");
}

#[test]
fn drop_kills_the_process() {
    let process = Process::spawn(shell("echo ready; exec sleep 1000"));
    process.wait_for_stdout(|text| text == "ready\n");
    let observed = Arc::clone(&process.observed);
    drop(process);
    let status = observed.read(|observed| observed.status).expect("an exit status");
    assert_eq!(status.code(), None, "{status:?}");
}

#[test]
fn function_receives_the_address_and_its_input() {
    let lambda = MockRuntimeApi::start();
    let mut command = shell("env; cat");
    command.stdin(Stdio::piped());
    let mut process = Process::spawn_function_with(command, &lambda);
    process.write_stdin("input");
    assert!(process.wait_for_exit().success());
    let output = process.stdout();
    let of_aws: Vec<_> = output.lines().filter(|line| line.starts_with("AWS_")).collect();
    assert_eq!(of_aws, [format!("AWS_LAMBDA_RUNTIME_API={}", lambda.address())]);
    assert!(output.ends_with("\ninput"), "{output}");
}

#[test]
#[should_panic(expected = "standard output ended before it met the condition")]
fn wait_for_stdout_panics_when_the_output_ends() {
    Process::spawn(shell("echo other")).wait_for_stdout(|text| text == "this\n");
}

#[test]
fn lambda_variables_are_recognized() {
    for name in ["AWS_REGION", "LAMBDA_TASK_ROOT", "_HANDLER", "_X_AMZN_TRACE_ID"] {
        assert!(is_lambda_variable(name), "{name}");
    }
    for name in ["PATH", "LAMBDA", "MY_AWS_REGION", "_HANDLERS"] {
        assert!(!is_lambda_variable(name), "{name}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn resources_of_a_running_process_are_read() {
    // Without `exec`: two values could otherwise be those of two programs.
    let mut command = shell("echo ready; read line");
    command.stdin(Stdio::piped());
    let process = Process::spawn(command);
    process.wait_for_stdout(|text| text == "ready\n");
    let resources = process.resources();
    let (resident, peak) = (
        resources.resident_memory().expect("VmRSS"),
        resources.peak_memory().expect("VmHWM"),
    );
    assert!(0 < resident && resident <= peak, "{resident} and {peak}");
    assert!(resources.open_descriptors().expect("descriptors") >= 3);
    assert_eq!(resources.open_sockets().expect("sockets"), 0);
    assert!(resources.thread_time().expect("schedstat") > std::time::Duration::ZERO);
    resources.processor_time().expect("stat");
    process.kill();
    assert!(resources.resident_memory().is_err());
}
