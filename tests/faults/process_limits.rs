//! Limits of the process and of its HTTP types: too few file descriptors, too many headers.

use std::process::Command;

use serde_json::{Map, Value, json};
use test_support::{ConnectionFault, Event, MockRuntimeApi, Process, ResponseKind};

use crate::{assert_fatal, start, start_waiting};

/// Starts `scripted` with a limit of open files.
fn spawn_with_open_files(limit: usize, lambda: &MockRuntimeApi, variables: &[(&str, &str)]) -> Process {
    let shell = Process::command("sh");
    let mut command = Command::new("sh");
    command.envs(shell.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.envs(variables.iter().copied());
    let run = format!("ulimit -n {limit}; exec \"$0\"");
    command.args(["-c", &run, env!("CARGO_BIN_EXE_scripted")]);
    Process::spawn_function_with(command, lambda)
}

/// With any limit, the process either runs or says in `lambda-stream:` lines why it cannot. It never prints a panic.
#[test]
fn too_few_open_files_are_explained() {
    for variables in [&[][..], &[("AWS_LAMBDA_MAX_CONCURRENCY", "2")]] {
        let mut explained = 0;
        for limit in 4..24 {
            let lambda = MockRuntimeApi::start();
            let function = spawn_with_open_files(limit, &lambda, variables);
            let runs = loop {
                if !function.is_running() {
                    break false;
                }
                if lambda.calls().iter().any(|call| call == "next") {
                    break true;
                }
                std::thread::sleep(std::time::Duration::from_millis(1));
            };
            if runs {
                continue;
            }
            let status = function.exit_code();
            let log = function.stderr();
            if log.contains("error while loading shared libraries") {
                continue;
            }
            assert_eq!(status, Some(1), "limit {limit}: {log}");
            assert!(
                log.lines().all(|line| line.starts_with("lambda-stream: ")) && log.contains("`ulimit -n`"),
                "limit {limit}: {log}"
            );
            explained += 1;
        }
        assert!(explained >= 3, "only {explained} limits were too low");
    }
}

/// Returns a Function URL event with this many headers.
fn event_with_headers(count: usize) -> Event {
    let headers: Map<String, Value> = (0..count).map(|n| (format!("x-{n}"), json!("1"))).collect();
    let context = json!({"http": {"method": "GET", "path": "/", "sourceIp": "1.2.3.4"}, "domainName": "x.lambda-url"});
    let event = json!({"version": "2.0", "rawPath": "/", "rawQueryString": "", "headers": headers,
        "requestContext": context, "isBase64Encoded": false});
    Event::json(event.to_string())
}

#[test]
fn event_with_too_many_headers_is_reported() {
    let (lambda, function) = start(env!("CARGO_BIN_EXE_http_request"));
    for count in [16_385, 24_577, 40_000, 100_000] {
        let response = lambda.invoke(event_with_headers(count));
        let error = response.error();
        assert_eq!(
            (response.kind(), error.header_type.as_str()),
            (ResponseKind::Error, "Function.InvalidEvent"),
            "{count}"
        );
        assert!(error.message.contains(&format!("{count} headers")), "{}", error.message);
    }
    assert_eq!(lambda.invoke(event_with_headers(16_384)).kind(), ResponseKind::Response);
    assert!(!function.stderr().contains("panicked"), "{}", function.stderr());
}

#[test]
fn runtime_api_response_with_too_many_headers_is_fatal() {
    for count in [101, 40_000] {
        let (lambda, function) = start_waiting();
        let headers: String = (0..count).map(|n| format!("x-{n}: 1\r\n")).collect();
        let head =
            format!("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 1\r\nContent-Length: 2\r\n{headers}\r\n{{}}");
        lambda.fail_next(ConnectionFault::stalled().after_sending(head));
        assert_fatal(&function, &["GET invocation/next failed"]);
    }
}
