//! `--event`: one invocation, printed as it comes.

use std::process::Stdio;

use serde_json::json;
use test_support::{Process, example};

fn invoked(path: impl AsRef<std::ffi::OsStr>, event: &str) -> (String, String, Option<i32>) {
    let mut command = Process::command(path);
    command.args(["--event", event]);
    let function = Process::spawn(command);
    let status = function.exit_code();
    (function.stdout(), function.stderr(), status)
}

#[test]
fn the_stream_is_printed_and_the_exit_status_is_0() {
    let (printed, said, status) = invoked(example("tokens"), r#"{"text": "one two three"}"#);
    assert_eq!((printed.as_str(), status), ("one two three \n", Some(0)));
    assert_eq!(said, "");
}

#[test]
fn a_runtime_api_without_a_name_is_none() {
    let mut command = Process::command(env!("CARGO_BIN_EXE_closure"));
    command.args(["--event", r#""Ada""#]).env("AWS_LAMBDA_RUNTIME_API", "");
    let function = Process::spawn(command);
    assert_eq!(function.exit_code(), Some(0), "{}", function.stderr());
    assert_eq!(function.stdout(), "Hello, Ada");
}

#[test]
fn it_is_printed_as_it_comes() {
    let mut command = Process::command(env!("CARGO_BIN_EXE_scripted"));
    command.args(["--event", &json!({"steps": [{"write": "first"}, "hang"]}).to_string()]);
    let function = Process::spawn(command);
    function.wait_for_stdout(|text| text == "first");
    assert!(function.is_running());
}

#[test]
fn the_event_comes_from_a_file_or_from_standard_input() {
    let file = std::env::temp_dir().join(format!("lambda-stream-event-{}.json", std::process::id()));
    std::fs::write(&file, r#"{"name": "file"}"#).unwrap();
    let (printed, _, status) = invoked(example("hello"), &format!("@{}", file.display()));
    std::fs::remove_file(&file).unwrap();
    assert_eq!(
        (printed.as_str(), status),
        ("Hello, file, this is a stream.\n", Some(0))
    );

    let mut command = Process::command(example("hello"));
    command.args(["--event", "-"]).stdin(Stdio::piped());
    let mut function = Process::spawn(command);
    function.write_stdin(r#"{"name": "input"}"#);
    assert_eq!(function.exit_code(), Some(0));
    assert_eq!(function.stdout(), "Hello, input, this is a stream.\n");
}

#[test]
fn a_failure_prints_the_error_and_the_exit_status_is_1() {
    let (printed, said, status) = invoked(example("failing"), "{}");
    assert_eq!((printed.as_str(), status), ("chunk 1\nchunk 2\nchunk 3\n", Some(1)));
    assert!(
        said.contains("Function.UpstreamGone: the upstream hung up after 3 chunks"),
        "{said}"
    );

    let (printed, said, status) = invoked(env!("CARGO_BIN_EXE_scripted"), r#"{"steps": [{"fail": "no luck"}]}"#);
    assert_eq!((printed.as_str(), status), ("", Some(1)));
    assert!(said.contains("no luck"), "{said}");
}

#[test]
fn one_whole_answer_is_printed_too() {
    let (printed, _, status) = invoked(env!("CARGO_BIN_EXE_sum"), "[1, 2, 39]");
    assert_eq!((printed.trim_end(), status), ("42", Some(0)));
}

#[test]
fn a_failed_start_up_is_said_once_and_ends_it() {
    let mut command = Process::command(env!("CARGO_BIN_EXE_all_parameters"));
    command.args(["--event", "{}"]).env("INIT", "error");
    let function = Process::spawn(command);
    assert_eq!(function.exit_code(), Some(1));
    let said = function.stderr();
    assert_eq!(said.matches("the database is not available").count(), 1, "{said}");
}

#[test]
fn without_the_attribute_it_works_as_well() {
    let (printed, _, status) = invoked(env!("CARGO_BIN_EXE_builder"), r#""hi""#);
    assert_eq!((printed.as_str(), status), (r#"> "hi""#, Some(0)));
}
