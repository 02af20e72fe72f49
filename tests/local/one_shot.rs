//! `--event`: the function handles one event and prints the response as it arrives.

use std::process::Stdio;

use serde_json::json;
use test_support::{Process, example};

use crate::MIB;

/// Runs the function at `path` with `--event` and returns its standard output, its standard error and its exit code.
/// Standard error has no log lines about invocations that succeed.
pub(crate) fn run_with_event(path: impl AsRef<std::ffi::OsStr>, event: &str) -> (String, String, Option<i32>) {
    let mut command = Process::command(path);
    command.args(["--event", event]).env("RUST_LOG", "warn");
    let function = Process::spawn(command);
    let exit_code = function.exit_code();
    (function.stdout(), function.stderr(), exit_code)
}

#[test]
fn response_is_printed_with_exit_status_0() {
    let (stdout, stderr, exit_code) = run_with_event(example("tokens"), r#"{"text": "one two three"}"#);
    assert_eq!((stdout.as_str(), exit_code), ("one two three \n", Some(0)));
    assert_eq!(stderr, "");
}

#[test]
fn empty_runtime_api_variable_selects_local_mode() {
    let mut command = Process::command(env!("CARGO_BIN_EXE_closure"));
    command.args(["--event", r#""Ada""#]).env("AWS_LAMBDA_RUNTIME_API", "");
    let function = Process::spawn(command);
    assert_eq!(function.exit_code(), Some(0), "{}", function.stderr());
    assert_eq!(function.stdout(), "Hello, Ada");
}

#[test]
fn chunk_is_printed_while_handler_runs() {
    let mut command = Process::command(env!("CARGO_BIN_EXE_scripted"));
    command.args(["--event", &json!({"steps": [{"write": "first"}, "hang"]}).to_string()]);
    let function = Process::spawn(command);
    function.wait_for_stdout(|text| text == "first");
    assert!(function.is_running());
}

#[test]
fn event_is_read_from_file_or_stdin() {
    let file = std::env::temp_dir().join(format!("lambda-stream-event-{}.json", std::process::id()));
    std::fs::write(&file, r#"{"name": "file"}"#).unwrap();
    let (stdout, _, exit_code) = run_with_event(example("hello"), &format!("@{}", file.display()));
    std::fs::remove_file(&file).unwrap();
    assert_eq!(
        (stdout.as_str(), exit_code),
        ("Hello, file, this is a stream.\n", Some(0))
    );

    let mut command = Process::command(example("hello"));
    command.args(["--event", "-"]).stdin(Stdio::piped());
    let mut function = Process::spawn(command);
    function.write_stdin(r#"{"name": "input"}"#);
    assert_eq!(function.exit_code(), Some(0));
    assert_eq!(function.stdout(), "Hello, input, this is a stream.\n");
}

/// Runs `json_document` with the event on standard input, and then from a file.
fn run_with_event_bytes(event: &[u8]) -> [(String, String, Option<i32>); 2] {
    let path = env!("CARGO_BIN_EXE_json_document");
    let mut command = Process::command(path);
    command.args(["--event", "-"]).stdin(Stdio::piped());
    let mut function = Process::spawn(command);
    function.write_stdin(event);
    let exit_code = function.exit_code();
    // Tests run at the same time, in one process.
    let name = format!("lambda-stream-event-{}-{}.json", std::process::id(), function.id());
    let file = std::env::temp_dir().join(name);
    std::fs::write(&file, event).unwrap();
    let from_file = run_with_event(path, &format!("@{}", file.display()));
    std::fs::remove_file(&file).unwrap();
    [(function.stdout(), function.stderr(), exit_code), from_file]
}

#[test]
fn byte_order_mark_is_skipped() {
    for (stdout, stderr, exit_code) in run_with_event_bytes(b"\xef\xbb\xbf{\"document\": 1}") {
        assert_eq!((stdout.as_str(), exit_code), ("1", Some(0)), "{stderr}");
    }
    // JSON allows it nowhere else.
    for (_, stderr, exit_code) in run_with_event_bytes(b"\xef\xbb\xbf\xef\xbb\xbf{}") {
        assert_eq!(exit_code, Some(2));
        assert!(stderr.contains("is not valid JSON"), "{stderr}");
    }
}

#[test]
fn event_above_size_limit_exits_with_status_2() {
    for mark in ["", "\u{feff}"] {
        for (excess, status) in [(0, 0), (1, 2)] {
            let event = format!("{mark}{{\"document\": 1}}{}", " ".repeat(6 * MIB - 15 + excess));
            for (stdout, stderr, exit_code) in run_with_event_bytes(event.as_bytes()) {
                assert_eq!(exit_code, Some(status), "{stderr}");
                if excess == 0 {
                    assert_eq!(stdout, "1");
                } else {
                    assert!(
                        stderr.contains("is larger than 6291456 bytes, Lambda's limit"),
                        "{stderr}"
                    );
                }
            }
        }
    }
}

/// Neither source has an end.
#[test]
#[cfg(target_os = "linux")]
fn endless_event_exits_with_status_2() {
    for source in ["@/dev/zero", "-"] {
        let mut command = Process::command("sh");
        // The limit turns unbounded memory into a failure.
        let script = r#"ulimit -v 4000000; exec "$0" --event "$1" < /dev/zero"#;
        command.args(["-c", script, env!("CARGO_BIN_EXE_json_document"), source]);
        let function = Process::spawn(command);
        assert_eq!(function.exit_code(), Some(2), "{source}");
        let stderr = function.stderr();
        assert!(stderr.contains("is larger than 6291456 bytes"), "{source}: {stderr}");
    }
}

#[test]
fn failed_invocation_prints_error_with_exit_status_1() {
    let (stdout, stderr, exit_code) = run_with_event(example("failing"), "{}");
    assert_eq!((stdout.as_str(), exit_code), ("chunk 1\nchunk 2\nchunk 3\n", Some(1)));
    assert!(
        stderr.contains("Function.UpstreamGone") && stderr.contains("the upstream hung up after 3 chunks"),
        "{stderr}"
    );

    let (stdout, stderr, exit_code) =
        run_with_event(env!("CARGO_BIN_EXE_scripted"), r#"{"steps": [{"fail": "no luck"}]}"#);
    assert_eq!((stdout.as_str(), exit_code), ("", Some(1)));
    assert!(stderr.contains("no luck"), "{stderr}");
}

#[test]
fn buffered_response_is_printed() {
    let (stdout, _, exit_code) = run_with_event(env!("CARGO_BIN_EXE_sum"), "[1, 2, 39]");
    assert_eq!((stdout.trim_end(), exit_code), ("42", Some(0)));
}

#[test]
fn init_error_is_logged_once_with_exit_status_1() {
    let mut command = Process::command(env!("CARGO_BIN_EXE_all_parameters"));
    command.args(["--event", "{}"]).env("INIT", "error");
    let function = Process::spawn(command);
    assert_eq!(function.exit_code(), Some(1));
    let stderr = function.stderr();
    assert_eq!(stderr.matches("the database is not available").count(), 1, "{stderr}");
}

#[test]
fn function_without_macro_prints_response() {
    let (stdout, _, exit_code) = run_with_event(env!("CARGO_BIN_EXE_builder"), r#""hi""#);
    assert_eq!((stdout.as_str(), exit_code), (r#"> "hi""#, Some(0)));
}
