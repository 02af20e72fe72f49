//! The output on a terminal: colors, and the progress of `--event`. The terminal is a pseudo-terminal of Python.
#![allow(clippy::print_stdout, reason = "a test says why it is skipped")]

use std::fs;
use std::process::Command;

use serde_json::json;
use test_support::{Process, send_request};

use crate::echo_function::scripted_request;

const SCRIPTED: &str = env!("CARGO_BIN_EXE_scripted");

/// Runs its arguments as a command on a new terminal, and copies the output of the terminal.
const RUN_ON_TERMINAL: &str = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";

/// Returns a command that runs a command on a terminal: the output of the terminal is its standard output. Returns `None`
/// and prints why if there is no Python.
fn on_terminal(command: &[&str]) -> Option<Command> {
    let has_python = Command::new("python3").args(["-c", "import pty"]).status();
    if !has_python.is_ok_and(|status| status.success()) {
        println!("skipped: the test needs `python3` with the module `pty`");
        return None;
    }
    let mut python = Process::command("python3");
    python
        .args(["-c", RUN_ON_TERMINAL])
        .args(command)
        .env_remove("NO_COLOR");
    Some(python)
}

/// Returns the output of a service on a terminal after a request.
fn output_of_service(no_color: &str) -> Option<String> {
    let mut command = on_terminal(&[SCRIPTED, "--port", "0"])?;
    command.env("NO_COLOR", no_color);
    let service = Process::spawn(command);
    let output = service.wait_for_stdout(|text| {
        let url = text.split_once("http://").map(|(_, rest)| rest);
        url.is_some_and(|rest| rest.contains('\n'))
    });
    let (_, rest) = output.split_once("http://").unwrap();
    let url = rest.split(char::is_whitespace).next().unwrap();
    let steps = json!([{"print": "hello"}, {"write": "one"}]);
    send_request(url.trim_end_matches([',', '/']), scripted_request(steps));
    Some(service.wait_for_stdout(|text| text.contains("hello\r\n") && text.contains(" POST / ")))
}

#[test]
fn service_has_colors_on_a_terminal() {
    let Some(output) = output_of_service("") else { return };
    let line = output.lines().find(|line| line.contains(" POST / ")).unwrap();
    assert!(line.contains(" \x1b[32m200\x1b[0m POST / "), "{line:?}");
    let (prefix, _) = output.split_once(" hello\r\n").unwrap();
    let prefix = prefix.rsplit('\n').next().unwrap();
    assert!(
        prefix.starts_with("\x1b[2m") && prefix.ends_with("\x1b[0m"),
        "{prefix:?}"
    );
}

#[test]
fn no_color_turns_colors_off() {
    let Some(output) = output_of_service("1") else { return };
    assert!(!output.contains('\x1b'), "{output:?}");
}

#[test]
fn event_with_redirected_output_shows_progress() {
    let path = |name| std::env::temp_dir().join(format!("lambda-stream-progress-{name}-{}", std::process::id()));
    let (body, file) = (path("body"), path("file"));
    let steps = json!([
        {"write": "one"}, "flush", {"await_file": file}, {"print_error": "a line"}, {"write": "four"}
    ]);
    let event = json!({ "steps": steps }).to_string();
    let redirect = r#""$0" --event "$1" >"$2""#;
    let command = ["sh", "-c", redirect, SCRIPTED, &event, body.to_str().unwrap()];
    let Some(command) = on_terminal(&command) else { return };
    let process = Process::spawn(command);
    process.wait_for_stdout(|text| text.contains("\r\x1b[K3 B  1 chunk  "));
    assert_eq!(fs::read_to_string(&body).unwrap(), "one");
    fs::write(&file, "").unwrap();
    assert_eq!(process.exit_code(), Some(0), "{}", process.stdout());
    let output = process.stdout();
    let last = output.rsplit("\r\x1b[K").find(|update| update.starts_with("7 B"));
    let last = last.unwrap_or_else(|| panic!("{output:?}"));
    assert!(last.starts_with("7 B  2 chunks  "), "{output:?}");
    assert!(last.contains("\r\n") && output.contains("a line\r\n"), "{output:?}");
    assert_eq!(fs::read_to_string(&body).unwrap(), "onefour");
    for file in [body, file] {
        fs::remove_file(file).unwrap();
    }
}
