//! Execution environments: how many there are, how they end, and hot reload.
#![cfg(unix)]

use std::collections::HashSet;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use test_support::{
    HttpConnection, HttpResponse, Process, TemporaryDirectory, connect, read_to_end, send_request, wait_for_invocations,
};

use crate::echo_function::{request_head, scripted_request};
use crate::serve;

const SCRIPTED: &str = env!("CARGO_BIN_EXE_scripted");
const LIFECYCLE_HOOKS: &str = env!("CARGO_BIN_EXE_lifecycle_hooks");

/// Starts `path` with these arguments and variables.
fn start(path: impl AsRef<Path>, arguments: &[&str], variables: &[(&str, &str)]) -> (Process, String) {
    let mut command = Process::command(path.as_ref());
    command
        .args(["--port", "0"])
        .args(arguments)
        .envs(variables.iter().copied());
    let function = Process::spawn(command);
    let url = function.wait_for_url();
    (function, url)
}

fn run(url: &str, steps: Value) -> HttpResponse {
    send_request(url, scripted_request(steps))
}

/// Starts a response that continues when the file exists. Returns after its first chunk.
fn start_waiting(url: &str, steps_before: Value, file: &Path) -> HttpConnection {
    let mut connection = HttpConnection::open(url);
    let mut steps = steps_before.as_array().cloned().unwrap_or_default();
    steps.extend([json!("flush"), json!({"await_file": file}), json!({"write": " end"})]);
    connection.send(scripted_request(steps.into()));
    connection.read_head();
    connection
}

fn read_rest(mut connection: HttpConnection) -> String {
    let mut body = Vec::new();
    while let Some(chunk) = connection.read_chunk() {
        body.extend(chunk);
    }
    String::from_utf8(body).unwrap()
}

#[test]
fn idle_environment_handles_next_request() {
    let (function, url) = serve(SCRIPTED);
    let ids: HashSet<String> = (0..20)
        .map(|_| run(&url, json!(["write_process_id"])).text().to_owned())
        .collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert!(!ids.contains(&function.id().to_string()));
}

#[test]
fn busy_environment_does_not_delay_request() {
    let directory = TemporaryDirectory::new("busy");
    let file = directory.file("continue");
    let (_function, url) = serve(SCRIPTED);
    let first = start_waiting(&url, json!(["write_process_id"]), &file);
    let second = run(&url, json!(["write_process_id"])).text().to_owned();
    fs::write(&file, "").unwrap();
    let first = read_rest(first);
    assert!(first.ends_with(" end"), "{first}");
    assert_ne!(first.trim_end_matches(" end"), second);
}

/// 50 concurrent responses share 10 processes, and are complete.
#[test]
fn requests_beyond_environments_wait() {
    let (function, url) = start(SCRIPTED, &["--environments", "10"], &[]);
    let callers: Vec<_> = (0..50)
        .map(|_| {
            let url = url.clone();
            let steps = json!([
                "write_process_id", "flush", {"sleep_ms": 20}, {"write": " one"}, "flush", {"sleep_ms": 20}, {"write": " two"}
            ]);
            thread::spawn(move || run(&url, steps).text().to_owned())
        })
        .collect();
    let mut ids = HashSet::new();
    for caller in callers {
        let text = caller.join().unwrap();
        let id = text.strip_suffix(" one two").unwrap_or_else(|| panic!("{text}"));
        ids.insert(id.to_owned());
    }
    assert!((2..=10).contains(&ids.len()), "{ids:?}");
    assert!(
        !function.stderr().contains("environment ended"),
        "{}",
        function.stderr()
    );
}

#[test]
fn aborted_process_fails_only_its_own_request() {
    let (function, url) = serve(SCRIPTED);
    let callers: Vec<_> = (0..50)
        .map(|number| {
            let url = url.clone();
            let steps = match number % 10 {
                0 => json!(["abort"]),
                _ => json!([{"write": "one"}, "flush", {"sleep_ms": 10}, {"write": " two"}]),
            };
            thread::spawn(move || (number, run(&url, steps)))
        })
        .collect();
    for caller in callers {
        let (number, response) = caller.join().unwrap();
        if number % 10 == 0 {
            assert_eq!(response.status(), 502);
            assert_eq!(response.json()["errorType"], "Runtime.ExitError", "{number}");
        } else {
            assert_eq!(response.text(), "one two", "{number}");
        }
    }
    assert!(function.is_running());
}

#[test]
fn each_end_of_process_is_reported_with_reason() {
    let (function, url) = serve(SCRIPTED);
    for (step, reason) in [
        (json!("abort"), "SIGABRT"),
        (json!({"exit": 7}), "exit status: 7"),
        (json!({"exit": 0}), "exit status: 0"),
        (json!("overflow_stack"), "SIGABRT"),
    ] {
        let response = run(&url, json!([step]));
        assert_eq!(response.status(), 502, "{step}");
        let error = response.json();
        assert_eq!(error["errorType"], "Runtime.ExitError", "{step}");
        let message = error["errorMessage"].as_str().unwrap();
        assert!(message.contains(reason), "{step}: {message}");
        assert_eq!(run(&url, json!([{"write": "next"}])).text(), "next");
    }
    // A process that another program kills.
    let id = run(&url, json!(["write_process_id"])).text().to_owned();
    let mut socket = connect(&url);
    socket
        .write_all(&scripted_request(json!([{"write": "one"}, "flush", "hang"])))
        .unwrap();
    let mut start = Vec::new();
    while !start.ends_with(b"\r\none\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte).unwrap();
        start.push(byte[0]);
    }
    let killed = Command::new("sh").args(["-c", &format!("kill -KILL {id}")]).status();
    assert!(killed.unwrap().success());
    // The response is cut off: it has no last chunk.
    assert_eq!(read_to_end(&mut socket), b"");
    assert!(function.is_running());
}

/// A handler that blocks its thread cannot end its response at the deadline.
#[test]
fn blocked_invocation_is_killed_at_timeout() {
    let (function, url) = start(SCRIPTED, &["--timeout", "1"], &[]);
    let response = run(&url, json!([{"block_ms": 600_000}]));
    assert_eq!(response.status(), 502);
    let error = response.json();
    assert_eq!(error["errorType"], "Sandbox.Timedout");
    assert!(
        error["errorMessage"].as_str().unwrap().contains("after 1.00 seconds"),
        "{error}"
    );
    assert_eq!(run(&url, json!([{"write": "next"}])).text(), "next");
    assert!(function.is_running());
}

/// Lambda stops an initialization after 10 seconds, and starts it again within the first invocation.
#[test]
fn blocked_init_is_killed_after_timeout() {
    let (function, url) = start(LIFECYCLE_HOOKS, &["--timeout", "1"], &[("INIT", "block_1_h")]);
    let response = run(&url, json!([{"write": "one"}]));
    assert_eq!(response.status(), 502);
    assert_eq!(response.json()["errorType"], "Sandbox.Timedout");
    assert!(function.is_running());
}

#[test]
fn failed_init_fails_requests_and_service_continues() {
    let (function, url) = start(LIFECYCLE_HOOKS, &[], &[("INIT", "error")]);
    for _ in 0..2 {
        let response = run(&url, json!([{"write": "one"}]));
        assert_eq!(response.status(), 502);
        let error = response.json();
        assert_eq!(error["errorType"], "Function.HookError", "{error}");
        assert!(
            error["errorMessage"].as_str().unwrap().contains("INIT failed"),
            "{error}"
        );
    }
    assert!(function.is_running());
}

#[test]
fn environment_has_variables_of_lambda() {
    let (_function, url) = start(SCRIPTED, &[], &[("AWS_REGION", "eu-north-1")]);
    let variable = |name: &str| run(&url, json!([{"write_variable": name}])).text().to_owned();
    assert_eq!(variable("AWS_LAMBDA_FUNCTION_NAME"), "scripted");
    assert_eq!(variable("AWS_LAMBDA_FUNCTION_VERSION"), "$LATEST");
    assert_eq!(variable("_HANDLER"), "bootstrap");
    assert_eq!(variable("AWS_REGION"), "eu-north-1");
    assert_eq!(variable("AWS_LAMBDA_LOG_GROUP_NAME"), "/aws/lambda/scripted");
    assert!(variable("AWS_LAMBDA_RUNTIME_API").starts_with("127.0.0.1:"));
}

#[test]
fn one_environment_handles_concurrent_invocations() {
    let directory = TemporaryDirectory::new("concurrent");
    let file = directory.file("continue");
    let (_function, url) = start(
        SCRIPTED,
        &["--environments", "1"],
        &[("AWS_LAMBDA_MAX_CONCURRENCY", "4")],
    );
    let running: Vec<_> = (0..4)
        .map(|_| start_waiting(&url, json!(["write_process_id"]), &file))
        .collect();
    fs::write(&file, "").unwrap();
    let ids: HashSet<String> = running.into_iter().map(read_rest).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
}

/// Replaces the program as a linker does.
fn install(program: impl AsRef<Path>, path: &Path) {
    let new = path.with_extension("new");
    fs::copy(program, &new).unwrap();
    fs::rename(new, path).unwrap();
}

#[test]
fn new_build_handles_next_request_and_old_one_ends_its_response() {
    let directory = TemporaryDirectory::new("reload");
    let (program, file) = (directory.file("function"), directory.file("continue"));
    install(SCRIPTED, &program);
    let (function, url) = start(&program, &[], &[]);
    let running = start_waiting(&url, json!([{"write": "old"}]), &file);
    // A second environment of the old build, which is idle when the new build arrives.
    assert_eq!(run(&url, json!([{"write": "old"}])).text(), "old");
    install(env!("CARGO_BIN_EXE_all_parameters"), &program);
    let response = send_request(&url, request_head("GET /new", &[]));
    assert!(response.text().contains("/new"), "{}", response.text());
    fs::write(&file, "").unwrap();
    assert_eq!(read_rest(running), "old end");
    function.wait_for_stderr(|text| text.contains("new build"));
    // While the program is being built, its file is missing.
    fs::remove_file(&program).unwrap();
    let response = send_request(&url, request_head("GET /", &[]));
    assert_eq!(response.status(), 200);
}

#[test]
fn signal_completes_running_and_queued_responses() {
    let directory = TemporaryDirectory::new("shutdown");
    let file = directory.file("continue");
    for signal in ["INT", "TERM"] {
        let _ = fs::remove_file(&file);
        let (function, url) = start(LIFECYCLE_HOOKS, &["--environments", "1"], &[("ON_SHUTDOWN", "ok")]);
        let running = start_waiting(&url, json!([{"write": "one"}]), &file);
        let mut queued = HttpConnection::open(&url);
        queued.send(scripted_request(json!([{"write": "two"}])));
        // The service has accepted the request before the signal.
        wait_for_invocations(&url, 2);
        // A connection without a request must not delay the exit.
        let _idle = HttpConnection::open(&url);
        function.signal(signal);
        if signal == "INT" {
            function.wait_for_stderr(|text| text.contains("press Ctrl-C again"));
        }
        fs::write(&file, "").unwrap();
        assert_eq!(read_rest(running), "one end");
        assert_eq!(queued.read_response("POST").text(), "two");
        assert_eq!(function.exit_code(), Some(0));
        let stderr = function.stderr();
        assert!(stderr.contains("the hook runs after 2 handlers"), "{stderr}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn killed_service_ends_its_environments() {
    let (function, url) = serve(SCRIPTED);
    let id = run(&url, json!(["write_process_id"])).text().to_owned();
    let mut connection = HttpConnection::open(&url);
    // The handler blocks the only thread, so that the event loop cannot notice the end of the service.
    connection.send(scripted_request(
        json!([{"write": "one"}, "flush", {"block_ms": 600_000}]),
    ));
    connection.read_head();
    let process = PathBuf::from(format!("/proc/{id}"));
    assert!(process.exists());
    function.kill();
    let start = Instant::now();
    while is_running(&process) {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "the environment is still running"
        );
        thread::sleep(Duration::from_millis(5));
    }
}

/// Returns whether a process runs. One that no parent waits for stays a zombie.
#[cfg(target_os = "linux")]
fn is_running(process: &Path) -> bool {
    fs::read_to_string(process.join("stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

/// 500 requests at the same time are served completely. The memory of the service does not depend on their responses.
#[test]
#[cfg(target_os = "linux")]
fn many_concurrent_requests_are_served_in_bounded_memory() {
    let (function, url) = serve(SCRIPTED);
    let callers: Vec<_> = (0..500)
        .map(|_| {
            let url = url.clone();
            thread::spawn(move || {
                let response = run(&url, json!([{"send_chunks": 16}]));
                assert_eq!(response.status(), 200);
                response.text().len()
            })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.join().unwrap(), 1024 * 1024);
    }
    let peak = function.resources().peak_memory().unwrap() / 1024;
    assert!(peak < 300, "{peak} MiB");
}
