//! Environment variables of the function: `--env` and `--env-file`, with child processes and in this process.

use serde_json::{Value, json};
use test_support::Process;

use crate::run_curl;
use crate::test_file::TestFile;

const ENVIRONMENT: &str = env!("CARGO_BIN_EXE_environment");

fn spawn(arguments: &[&str]) -> Process {
    let mut command = Process::command(ENVIRONMENT);
    command.args(arguments).env("INHERITED", "yes").env("REPLACED", "no");
    Process::spawn(command)
}

/// Invokes the function by its Function URL.
fn variables_of(function: &Process, names: &Value) -> Value {
    let url = function.wait_for_url();
    let (response, _) = run_curl(&["-H", "Content-Type: application/json", "-d", &names.to_string(), &url]);
    serde_json::from_str(&response).unwrap()
}

#[test]
fn later_option_has_priority_in_child_process() {
    let file = TestFile::with("service.env", "export REPLACED=\"by file\"\nSECRET='a b'\nTWICE=1\n");
    let function = spawn(&[
        "--port=0",
        "--env",
        "TWICE=0",
        "--env-file",
        file.path(),
        "--env=TWICE=2",
    ]);
    let response = variables_of(
        &function,
        &json!(["INHERITED", "REPLACED", "SECRET", "TWICE", "MISSING"]),
    );
    assert_eq!(
        response["variables"],
        json!({"INHERITED": "yes", "REPLACED": "by file", "SECRET": "a b", "TWICE": "2", "MISSING": null})
    );
}

/// The service sends the ARN to the function.
#[test]
#[cfg(unix)]
fn function_name_and_region_are_part_of_arn() {
    let function = spawn(&[
        "--port=0",
        "--env=AWS_LAMBDA_FUNCTION_NAME=orders",
        "--env=AWS_REGION=eu-north-1",
    ]);
    let response = variables_of(
        &function,
        &json!(["AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_LOG_GROUP_NAME"]),
    );
    assert_eq!(
        response["variables"],
        json!({"AWS_LAMBDA_FUNCTION_NAME": "orders", "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/orders"})
    );
    assert_eq!(
        response["arn"],
        "arn:aws:lambda:eu-north-1:000000000000:function:orders"
    );
}

#[test]
#[cfg(unix)]
fn variables_reach_function_in_this_process() {
    let file = TestFile::with("in-process.env", "FROM_FILE=1\n");
    let names = json!(["FROM_FILE", "REPLACED", "INHERITED"]);
    let expected = json!({"FROM_FILE": "1", "REPLACED": "yes", "INHERITED": "yes"});

    let function = spawn(&[
        "--in-process",
        "--env-file",
        file.path(),
        "--port=0",
        "--env",
        "REPLACED=yes",
    ]);
    let response = variables_of(&function, &names);
    assert_eq!(response["variables"], expected);
    // The process was replaced: its id is still that of the process that the test has started.
    assert_eq!(response["arguments"], json!(["--in-process", "--port=0"]));
    function.signal("TERM");
    assert_eq!(function.exit_code(), Some(0));

    let event = names.to_string();
    let function = spawn(&["--env=REPLACED=yes", "--event", &event, "--env-file", file.path()]);
    assert_eq!(function.exit_code(), Some(0));
    let response: Value = serde_json::from_str(&function.stdout()).unwrap();
    assert_eq!(response["variables"], expected);
}

#[test]
fn invalid_variable_or_file_exits_with_status_2() {
    let file = TestFile::with("invalid.env", "A=1\nPASSWORD=secret word\n");
    let cases = [
        (["--env", "A"], "--env takes NAME=VALUE, not `A`"),
        (
            ["--env", "AWS_LAMBDA_RUNTIME_API=x"],
            "cannot set AWS_LAMBDA_RUNTIME_API",
        ),
        (
            ["--env-file", "/no/such/file"],
            "failed to read the environment file `/no/such/file`",
        ),
        (["--env-file", file.path()], "line 2 is not NAME=VALUE"),
    ];
    for (arguments, message) in cases {
        let function = spawn(&arguments);
        assert_eq!(function.exit_code(), Some(2));
        let stderr = function.stderr();
        assert!(stderr.contains(message), "{stderr}");
        assert!(!stderr.contains("secret"), "{stderr}");
    }
}

/// The timeout also applies where no process is killed.
#[test]
fn timeout_option_sets_deadline_of_event() {
    let mut command = Process::command(env!("CARGO_BIN_EXE_scripted"));
    command.args(["--timeout", "0.7", "--event", r#"{"steps": ["hang"]}"#]);
    let function = Process::spawn(command);
    assert_eq!(function.exit_code(), Some(1));
    let stderr = function.stderr();
    assert!(stderr.contains("Function.Timeout"), "{stderr}");
}
