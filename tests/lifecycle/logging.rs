//! The log of a function with the attribute: formats, levels, and the subscriber that the function installs itself.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use test_support::{Event, MockRuntimeApi, Process, example};

const JSON: (&str, &str) = ("AWS_LAMBDA_LOG_FORMAT", "JSON");

fn command(variables: &[(&str, &str)]) -> Command {
    command_of(env!("CARGO_BIN_EXE_logging"), variables)
}

fn command_of(path: impl AsRef<std::ffi::OsStr>, variables: &[(&str, &str)]) -> Command {
    let mut command = Process::command(path);
    command.env_remove("RUST_LOG").envs(variables.iter().copied());
    command
}

fn start(variables: &[(&str, &str)]) -> (MockRuntimeApi, Process) {
    let lambda = MockRuntimeApi::start();
    let function = Process::spawn_function_with(command(variables), &lambda);
    (lambda, function)
}

fn action(name: &str) -> Event {
    Event::json(json!(name).to_string()).request_id("the-request")
}

/// Invokes the function once with each action, and returns its complete log.
#[track_caller]
fn log_of(variables: &[(&str, &str)], actions: &[&str]) -> String {
    let (lambda, function) = start(variables);
    for name in actions {
        lambda.invoke(action(name));
    }
    lambda.wait_for_next();
    function.shut_down()
}

/// Parses each line. Returns the lines without the one at the end of each invocation.
#[track_caller]
fn parse(log: &str) -> Vec<Value> {
    let lines = log.lines().map(|line| match serde_json::from_str::<Value>(line) {
        Ok(value) => value,
        Err(error) => panic!("{error} in {line}"),
    });
    lines.filter(|line| line["message"] != "invocation ended").collect()
}

/// Returns the lines of the function for one action in the JSON format, without those of `init`.
#[track_caller]
fn json_lines(name: &str) -> Vec<Value> {
    let mut lines = parse(&log_of(&[JSON], &[name]));
    lines.retain(|line| line["message"] != "init has started");
    lines
}

#[track_caller]
fn json_line(name: &str) -> Value {
    let mut lines = json_lines(name);
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.remove(0)
}

#[test]
fn json_line_of_handler_has_request_id_and_fields() {
    let line = json_line("handler");
    for (name, value) in [
        ("level", json!("INFO")),
        ("message", json!("in the handler")),
        ("requestId", json!("the-request")),
        ("target", json!("logging")),
        ("number", json!(7)),
        ("paid", json!(true)),
        ("amount", json!(1.5)),
    ] {
        assert_eq!(line[name], value, "{line}");
    }
    assert_eq!(
        line["timestamp"].as_str().unwrap().len(),
        "2026-01-02T03:04:05.678Z".len()
    );
    assert_eq!((line.get("cold_start"), line.get("function_arn")), (None, None));
}

#[test]
fn lines_of_stream_and_task_have_request_id() {
    for (name, messages) in [
        ("stream", &["in the stream: one", "in the stream: two"][..]),
        ("task", &["in a task"]),
    ] {
        let lines = json_lines(name);
        let written: Vec<_> = lines.iter().map(|line| line["message"].as_str().unwrap()).collect();
        assert_eq!(written, messages);
        assert!(lines.iter().all(|line| line["requestId"] == "the-request"), "{lines:?}");
    }
}

#[test]
fn handler_error_is_logged_once_with_its_sources() {
    let line = json_line("fail");
    assert_eq!(
        (&line["level"], &line["requestId"]),
        (&json!("ERROR"), &json!("the-request"))
    );
    assert_eq!(line["errorType"], "Function.OrderLost");
    assert_eq!(line["errorMessage"], "the order is lost");
    assert_eq!(line["stackTrace"], json!(["disk \"full\"\nretry later"]));
}

#[test]
fn error_field_has_message_and_sources() {
    let line = json_line("error");
    assert_eq!(line["error"], "the order is lost");
    assert_eq!(line["error.sources"], json!(["disk \"full\"\nretry later"]));
}

#[test]
fn example_failing_logs_json_with_the_request_id() {
    for (level, expected) in [("INFO", 2), ("WARN", 1)] {
        let lambda = MockRuntimeApi::start();
        let variables = [JSON, ("AWS_LAMBDA_LOG_LEVEL", level)];
        let function = Process::spawn_function_with(command_of(example("failing"), &variables), &lambda);
        assert!(lambda.invoke(action("")).failed());
        lambda.wait_for_next();
        let lines: Vec<Value> = function
            .shut_down()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), expected, "{lines:?}");
        assert!(lines.iter().all(|line| line["requestId"] == "the-request"), "{lines:?}");
        assert_eq!(lines[0]["errorType"], "Function.UpstreamGone", "{lines:?}");
        assert_eq!(lines[0]["errorMessage"], "the upstream hung up after 3 chunks");
    }
}

#[test]
fn level_is_that_of_lambda_or_rust_log_or_info() {
    let assert_written = |variables: &[(&str, &str)], expected: &[&str]| {
        let log = log_of(variables, &["levels"]);
        let written: Vec<_> = log
            .lines()
            .filter_map(|line| line.split_once(" at "))
            .map(|(_, level)| level)
            .collect();
        assert_eq!(written, expected, "{variables:?}\n{log}");
    };
    assert_written(&[], &["info", "warn", "error"]);
    assert_written(&[("AWS_LAMBDA_LOG_LEVEL", "warn")], &["warn", "error"]);
    assert_written(&[("AWS_LAMBDA_LOG_LEVEL", "FATAL")], &["error"]);
    assert_written(&[("RUST_LOG", "logging=debug")], &["debug", "info", "warn", "error"]);
    assert_written(&[("RUST_LOG", "warn")], &["warn", "error"]);
    assert_written(
        &[("AWS_LAMBDA_LOG_LEVEL", "INFO"), ("RUST_LOG", "trace")],
        &["info", "warn", "error"],
    );
}

#[test]
fn invalid_level_is_reported_once() {
    let log = log_of(&[JSON, ("AWS_LAMBDA_LOG_LEVEL", "loud")], &["levels", "levels"]);
    let lines = parse(&log);
    let warnings: Vec<_> = lines.iter().filter(|line| line["target"] == "lambda_stream").collect();
    assert_eq!(warnings.len(), 1, "{log}");
    assert_eq!(warnings[0]["level"], "WARN");
    let message = warnings[0]["message"].as_str().unwrap();
    assert!(
        message.contains("\"loud\"") && message.contains("TRACE, DEBUG, INFO, WARN, ERROR or FATAL"),
        "{message}"
    );
    assert!(log.contains("at info") && !log.contains("at debug"), "{log}");
}

#[test]
fn text_has_request_id_and_no_control_characters() {
    let log = log_of(&[], &["forge", "fail"]);
    let lines: Vec<_> = log.lines().filter(|line| !line.contains("init has started")).collect();
    assert_eq!(lines.len(), 4, "{log}");
    for line in &lines {
        assert!(
            line.contains(" the-request ") && !line.contains(char::is_control),
            "{line:?}"
        );
    }
    assert!(
        lines[0].ends_with(r#"  INFO the-request logging: first\n{"level":"ERROR"}\r\u{1b}[31m"#),
        "{log}"
    );
    assert!(
        lines[2].contains("ERROR the-request lambda_stream: invocation failed errorType=Function.OrderLost"),
        "{log}"
    );
}

#[test]
fn events_of_init_are_logged() {
    let lines = parse(&log_of(&[JSON, ("INIT", "spawn")], &[]));
    let messages: Vec<_> = lines.iter().map(|line| line["message"].as_str().unwrap()).collect();
    assert_eq!(messages, ["init has started", "init has a task"]);
}

#[test]
fn invocation_that_waits_for_init_is_logged_with_its_request_id() {
    let lambda = MockRuntimeApi::start();
    let variables = [JSON, ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")];
    let mut command = command_of(env!("CARGO_BIN_EXE_logging_slow_init"), &variables);
    command.stdin(Stdio::piped());
    let mut function = Process::spawn_function_with(command, &lambda);
    lambda.wait_for_next();
    let timed_out = lambda.invoke(action("").deadline_in(Duration::from_millis(500)));
    assert!(timed_out.failed());
    function.write_stdin("");
    lambda.invoke(action(""));
    lambda.wait_for_next();
    let log = function.shut_down();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let messages: Vec<_> = lines.iter().map(|line| line["message"].as_str().unwrap()).collect();
    assert_eq!(
        messages,
        ["invocation failed", "invocation ended", "handled", "invocation ended"]
    );
    assert!(lines.iter().all(|line| line["requestId"] == "the-request"), "{log}");
}

#[test]
fn failed_init_is_logged_once() {
    for (init, text) in [("fail", "the order is lost"), ("panic", "from init")] {
        let (lambda, function) = start(&[JSON, ("INIT", init)]);
        lambda.wait_for_init_error();
        assert_eq!(function.exit_code(), Some(1));
        let lines = parse(&function.stderr());
        let reports: Vec<_> = lines.iter().filter(|line| line.to_string().contains(text)).collect();
        assert_eq!(reports.len(), 1, "{lines:?}");
        assert_eq!(reports[0]["level"], "ERROR");
    }
}

#[test]
fn subscriber_of_init_wins() {
    let log = log_of(&[JSON, ("INIT", "subscriber")], &["handler", "panic"]);
    assert!(log.contains(" INFO logging: init has a subscriber\n"), "{log}");
    assert!(log.contains(" in the handler amount=1.5\n"), "{log}");
    // What `init` logs before it has installed the subscriber is in the library's format.
    let json: Vec<_> = log.lines().filter(|line| line.starts_with('{')).collect();
    assert!(json.len() == 1 && json[0].contains("init has started"), "{log}");
    // Rust's panic hook prints the panic.
    assert!(log.contains("panicked at") && !log.contains("panicked error"), "{log}");
}

#[test]
fn logging_false_installs_no_subscriber() {
    let lambda = MockRuntimeApi::start();
    let command = command_of(env!("CARGO_BIN_EXE_logging_off"), &[JSON]);
    let function = Process::spawn_function_with(command, &lambda);
    assert!(lambda.invoke(action("no order")).failed());
    lambda.wait_for_next();
    assert_eq!(
        function.shut_down(),
        "lambda-stream: invocation the-request failed: Function.Error: no order\n"
    );
}

/// Asserts that each of these panics, and nothing else, is reported in one line with the request id.
#[track_caller]
fn assert_panics_are_logged_once(name: &str, panics: &[&str]) {
    let lines = json_lines(name);
    let messages: Vec<_> = lines
        .iter()
        .map(|line| line["errorMessage"].as_str().unwrap())
        .collect();
    assert_eq!(messages, panics, "{lines:?}");
    for line in lines {
        assert_eq!(
            (&line["level"], &line["errorType"]),
            (&json!("ERROR"), &json!("Function.Panic"))
        );
        let location = line["stackTrace"][0].as_str().unwrap();
        assert!(location.contains("logging.rs:"), "{location}");
        let request_id = (name != "thread_panic").then(|| json!("the-request"));
        assert_eq!(line.get("requestId"), request_id.as_ref(), "{line}");
    }
}

#[test]
fn panic_of_handler_is_logged_once() {
    assert_eq!(json_line("panic")["message"], "invocation failed");
    assert_panics_are_logged_once("panic", &["from the handler"]);
}

#[test]
fn backtrace_is_logged_if_requested() {
    for (requested, is_logged) in [("1", true), ("0", false)] {
        for name in ["panic", "caught_panic", "task_panic"] {
            let log = log_of(&[JSON, ("RUST_BACKTRACE", requested)], &[name]);
            let lines = parse(&log);
            let line = lines.iter().find(|line| line["errorType"] == "Function.Panic").unwrap();
            let backtrace = line["backtrace"].as_str();
            assert_eq!(
                backtrace.is_some_and(|text| text.contains("0: ")),
                is_logged,
                "{name}: {log}"
            );
        }
    }
    let (_lambda, function) = start(&[JSON, ("RUST_BACKTRACE", "1"), ("INIT", "panic")]);
    function.wait_for_exit();
    let lines = parse(&function.stderr());
    assert!(lines.iter().any(|line| line["backtrace"].is_string()), "{lines:?}");
}

#[test]
fn panic_that_does_not_end_the_invocation_is_logged_once() {
    assert_panics_are_logged_once("caught_panic", &["caught"]);
    assert_panics_are_logged_once("destructor_panic", &["from a destructor"]);
    assert_panics_are_logged_once("task_panic", &["from a task"]);
    assert_panics_are_logged_once("thread_panic", &["from a thread"]);
}

#[test]
fn caught_panic_and_the_panic_that_ends_the_invocation_are_both_logged() {
    assert_panics_are_logged_once("panic_after_caught_panic", &["caught", "from the handler"]);
}

#[test]
fn panic_with_the_stream_is_logged_once() {
    for (name, messages) in [
        ("handler", &["invocation failed"][..]),
        ("caught", &["panicked"]),
        ("task_in_span", &["panicked"]),
        // The panic of a task outside of the span is reported without the request id, and the failure with it.
        ("task", &["panicked", "invocation failed"]),
    ] {
        let lambda = MockRuntimeApi::start();
        let command = command_of(env!("CARGO_BIN_EXE_logging_stream"), &[JSON]);
        let function = Process::spawn_function_with(command, &lambda);
        let response = lambda.invoke(action(name));
        assert_eq!(response.error().message, "with the stream", "{name}");
        lambda.wait_for_next();
        let lines = parse(&function.shut_down());
        let written: Vec<_> = lines.iter().map(|line| line["message"].as_str().unwrap()).collect();
        assert_eq!(written, messages, "{name}");
        let last = lines.last().unwrap();
        assert_eq!(
            (&last["requestId"], &last["errorMessage"]),
            (&json!("the-request"), &json!("with the stream"))
        );
    }
}

#[test]
fn panic_while_an_event_is_formatted_is_logged_once() {
    assert_panics_are_logged_once("value_panic", &["from a value"]);
}

#[test]
fn panics_that_abort_the_process_are_logged() {
    let (lambda, function) = start(&[JSON]);
    let _pending = lambda.queue(action("abort"));
    function.wait_for_exit();
    let log = function.stderr();
    for panic in ["from the handler", "from a destructor"] {
        let line = log.lines().find(|line| line.contains(panic));
        let line: Value = serde_json::from_str(line.unwrap()).unwrap();
        assert_eq!(
            (&line["requestId"], &line["level"]),
            (&json!("the-request"), &json!("ERROR"))
        );
    }
}

#[test]
fn many_lines_are_all_written() {
    let log = log_of(&[JSON], &["flood"]);
    let numbers: Vec<_> = parse(&log).iter().filter_map(|line| line["number"].as_u64()).collect();
    assert_eq!(numbers, (0..5_000).collect::<Vec<_>>());
}

/// A process that is killed when the test ends.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn unread_standard_error_does_not_hold_up_responses() {
    let lambda = MockRuntimeApi::start();
    let mut command = command(&[JSON]);
    command.env("AWS_LAMBDA_RUNTIME_API", lambda.address());
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut function = Killed(command.spawn().unwrap());
    // Together these lines are longer than the pipe and the queue of the library.
    for _ in 0..3 {
        assert!(!lambda.invoke(action("long")).failed());
    }
    lambda.wait_for_next();
    let log = BufReader::new(function.0.stderr.take().unwrap());
    for line in log.lines() {
        let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
        if line["message"]
            .as_str()
            .unwrap()
            .ends_with(" log lines were dropped, because standard error was not read")
        {
            return;
        }
    }
    panic!("the dropped lines are not logged");
}

#[test]
fn closed_standard_error_has_no_effect() {
    let lambda = MockRuntimeApi::start();
    let mut shell = command_of("sh", &[JSON]);
    shell.args(["-c", r#"exec "$0" 2>&-"#, env!("CARGO_BIN_EXE_logging")]);
    let function = Process::spawn_function_with(shell, &lambda);
    for name in ["levels", "task_panic", "handler", "long"] {
        assert!(!lambda.invoke(action(name)).failed());
    }
    assert!(lambda.invoke(action("panic")).failed());
    lambda.wait_for_next();
    assert!(function.is_running());
}
