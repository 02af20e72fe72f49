//! `Invoke`: payloads, errors of the function, invocation types, and the log.

use std::fs;
use std::io::Write;
use std::thread;

use serde_json::{Value, json};
use test_support::{HttpResponse, TemporaryDirectory, connect, send_request};

use crate::{INVOKE, JSON_DOCUMENT, SCRIPTED, assert_error, decode_log, invoke, post, script, serve};

const MIB: usize = 1024 * 1024;

/// Asserts that the function failed, and returns its error.
#[track_caller]
fn assert_function_error(response: &HttpResponse) -> Value {
    assert_eq!(
        (response.status(), response.header("x-amz-function-error")),
        (200, Some("Unhandled")),
        "{}",
        response.text()
    );
    response.json()
}

#[test]
fn buffered_response_is_payload() {
    let (_function, url) = serve(JSON_DOCUMENT, &[]);
    let response = send_request(&url, post(INVOKE, &[], r#"{"document":{"statusCode":404,"body":"x"}}"#));
    assert_eq!(response.status(), 200);
    assert_eq!(response.json(), json!({"statusCode": 404, "body": "x"}));
    for (name, value) in [
        ("content-type", Some("application/json")),
        ("x-amz-executed-version", Some("$LATEST")),
        ("x-amz-function-error", None),
        ("x-amz-log-result", None),
    ] {
        assert_eq!(response.header(name), value, "{name}");
    }
    assert_eq!(response.header("x-amzn-requestid").unwrap().len(), 36);
}

#[test]
fn streamed_response_is_collected_with_prelude() {
    let (_function, url) = serve(SCRIPTED, &[]);
    let response = invoke(&url, &[], json!([{"write": "one "}, "flush", {"write": "two"}]));
    assert_eq!((response.status(), response.text()), (200, "one two"));
    let response = invoke(&url, &[], json!([{"prelude": {"status": 404}}, {"write": "body"}]));
    let (prelude, body) = response.text().split_once("\0\0\0\0\0\0\0\0").unwrap();
    assert_eq!((response.status(), body), (200, "body"));
    assert_eq!(serde_json::from_str::<Value>(prelude).unwrap()["statusCode"], 404);
    let response = invoke(&url, &[], json!([]));
    assert_eq!((response.status(), response.text()), (200, ""));
}

#[test]
fn response_over_limit_is_function_error() {
    let (_function, url) = serve(SCRIPTED, &[]);
    let response = invoke(&url, &[], json!([{"write_bytes": 6 * MIB}]));
    assert_eq!(response.body.len(), 6 * MIB);
    assert_eq!(response.header("x-amz-function-error"), None);
    let response = invoke(&url, &[], json!([{"write_bytes": 6 * MIB}, {"write": "x"}]));
    let error = assert_function_error(&response);
    assert_eq!(error["errorType"], "Function.ResponseSizeTooLarge");
    // The environment is still usable.
    assert_eq!(invoke(&url, &[], json!([{"write": "ok"}])).text(), "ok");
}

#[test]
fn error_before_and_after_first_byte_is_function_error() {
    let (_function, url) = serve(SCRIPTED, &[]);
    for steps in [
        json!([{"fail_typed": ["Function.Broken", "reason"]}]),
        json!([{"write": "one"}, "flush", {"fail_typed": ["Function.Broken", "reason"]}]),
    ] {
        let error = assert_function_error(&invoke(&url, &[], steps));
        assert_eq!(
            (&error["errorType"], &error["errorMessage"]),
            (&json!("Function.Broken"), &json!("reason"))
        );
        assert!(error["stackTrace"].is_array(), "{error}");
    }
    for steps in [json!(["abort"]), json!([{"write": "one"}, "flush", "abort"])] {
        let error = assert_function_error(&invoke(&url, &[], steps));
        let error_type = error["errorType"].as_str().unwrap();
        assert!(
            ["Runtime.ExitError", "Runtime.TruncatedResponse"].contains(&error_type),
            "{error}"
        );
        assert!(
            error["errorMessage"].as_str().unwrap().starts_with("RequestId: "),
            "{error}"
        );
    }
}

#[test]
fn timeout_is_function_error() {
    let (_function, url) = serve(SCRIPTED, &["--timeout", "1"]);
    let response = invoke(&url, &["X-Amz-Log-Type: Tail"], json!([{"block_ms": 60_000}]));
    assert_eq!(assert_function_error(&response)["errorType"], "Sandbox.Timedout");
    let log = decode_log(response.header("x-amz-log-result").unwrap());
    assert!(log.trim_end().ends_with("\tStatus: timeout"), "{log}");
}

#[test]
fn event_invocation_runs_after_202() {
    let directory = TemporaryDirectory::new("event");
    let finish = directory.file("finish");
    let (function, url) = serve(SCRIPTED, &[]);
    let steps =
        json!([{"print_error": "running"}, {"await_file": finish}, {"print_error": "finished"}, {"fail": "ignored"}]);
    let response = invoke(&url, &["X-Amz-Invocation-Type: Event", "X-Amz-Log-Type: Tail"], steps);
    // The function waits for the file, which does not exist yet.
    assert_eq!((response.status(), response.body.len()), (202, 0));
    assert_eq!(response.header("x-amz-log-result"), None);
    function.wait_for_stderr(|text| text.contains("running"));
    assert!(!function.stderr().contains("finished"));
    fs::write(&finish, "").unwrap();
    function.wait_for_stderr(|text| text.contains("finished"));
}

/// Events wait in bounded memory, although no connection waits for them.
#[test]
fn queued_events_are_bounded() {
    let directory = TemporaryDirectory::new("queue");
    let finish = directory.file("finish");
    let (function, url) = serve(SCRIPTED, &["--environments", "1"]);
    let asynchronous = ["X-Amz-Invocation-Type: Event"];
    invoke(
        &url,
        &asynchronous,
        json!([{"print_error": "running"}, {"await_file": finish}]),
    );
    function.wait_for_stderr(|text| text.contains("running"));
    let event = json!({"steps": [], "padding": "x".repeat(MIB - 100)}).to_string();
    let mut accepted = 0;
    let rejection = loop {
        let response = send_request(&url, post(INVOKE, &asynchronous, &event));
        match response.status() {
            202 => accepted += 1,
            _ => break response,
        }
    };
    let message = assert_error(&rejection, 429, "TooManyRequestsException");
    assert!(message.contains("waiting for the function"), "{message}");
    assert!((100..=128).contains(&accepted), "{accepted}");
    fs::write(&finish, "").unwrap();
    let last = json!([{"print_error": "last"}]);
    while invoke(&url, &asynchronous, last.clone()).status() == 429 {}
    function.wait_for_stderr(|text| text.contains("last"));
}

#[test]
fn dry_run_does_not_invoke() {
    let (function, url) = serve(SCRIPTED, &[]);
    let response = invoke(
        &url,
        &["X-Amz-Invocation-Type: DryRun"],
        json!([{"print_error": "invoked"}]),
    );
    assert_eq!((response.status(), response.body.len()), (204, 0));
    invoke(&url, &[], json!([{"print_error": "second"}]));
    let output = function.wait_for_stderr(|text| text.contains("second"));
    assert!(!output.contains("invoked"), "{output}");
}

#[test]
fn log_contains_lines_of_the_invocation_only() {
    // The next event is delivered as soon as the function polls.
    let (_function, url) = serve(SCRIPTED, &["--environments", "1"]);
    let tail = ["X-Amz-Log-Type: Tail"];
    let callers: Vec<_> = (0..50)
        .map(|number| {
            let url = url.clone();
            let steps =
                json!([{"print_error": format!("before {number}")}, {"write": "x"}, "finish", {"print_error": format!("after {number}")}]);
            thread::spawn(move || (number, invoke(&url, &tail, steps)))
        })
        .collect();
    for caller in callers {
        let (number, response) = caller.join().unwrap();
        let id = response.header("x-amzn-requestid").unwrap();
        let log = decode_log(response.header("x-amz-log-result").unwrap());
        let start = format!(
            "START RequestId: {id} Version: $LATEST\nbefore {number}\nafter {number}\nEND RequestId: {id}\n\
             REPORT RequestId: {id}\tDuration: "
        );
        assert!(log.starts_with(&start), "{log}");
        assert_eq!(log.lines().count(), 5, "{log}");
    }
}

#[test]
fn log_is_last_4_kib() {
    let (_function, url) = serve(SCRIPTED, &[]);
    let line = "é".repeat(500);
    let steps: Vec<Value> = (0..20)
        .map(|number| json!({"print_error": format!("{number} {line}")}))
        .collect();
    let response = invoke(&url, &["X-Amz-Log-Type: Tail"], steps.into());
    let log = decode_log(response.header("x-amz-log-result").unwrap());
    assert!(log.contains(&format!("\n19 {line}\nEND RequestId: ")), "{log}");
    // The first line is cut.
    assert!(log.starts_with('é') && log.len() > 2000, "{log}");
}

#[test]
fn log_of_failed_process_has_its_last_lines() {
    let (_function, url) = serve(SCRIPTED, &[]);
    let steps = json!([{"print_error": "last words"}, {"exit": 3}]);
    let response = invoke(&url, &["X-Amz-Log-Type: Tail"], steps);
    assert_eq!(assert_function_error(&response)["errorType"], "Runtime.ExitError");
    let log = decode_log(response.header("x-amz-log-result").unwrap());
    assert!(log.contains("\nlast words\n"), "{log}");
    assert!(
        log.trim_end()
            .ends_with("\tStatus: error\tError Type: Runtime.ExitError"),
        "{log}"
    );
}

/// The response does not wait for work after it for longer than a second.
#[test]
fn log_of_function_that_works_on_is_bounded() {
    let directory = TemporaryDirectory::new("works-on");
    let file = directory.file("end");
    let (_function, url) = serve(SCRIPTED, &[]);
    let steps = json!([{"print_error": "one"}, {"write": "x"}, "finish", {"await_file": file}]);
    let response = invoke(&url, &["X-Amz-Log-Type: Tail"], steps);
    // The file does not exist, so the function is still running.
    let log = decode_log(response.header("x-amz-log-result").unwrap());
    assert_eq!(response.text(), "x");
    assert!(log.ends_with("\none\n"), "{log}");
    fs::write(file, "").unwrap();
}

/// The output of the function is not captured if it runs in the process of the servers.
#[test]
fn function_in_process_has_log_without_its_lines() {
    let (_function, url) = serve(SCRIPTED, &["--in-process"]);
    let steps = json!([{"print_error": "line"}, {"write": "x"}]);
    let response = invoke(&url, &["X-Amz-Log-Type: Tail"], steps);
    assert_eq!(response.text(), "x");
    let log = decode_log(response.header("x-amz-log-result").unwrap());
    let starts: Vec<&str> = log.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(starts, ["START", "END", "REPORT"]);
}

#[test]
fn requests_beyond_environments_wait() {
    let (_function, url) = serve(SCRIPTED, &["--environments", "1"]);
    let callers: Vec<_> = (0..5)
        .map(|number| {
            let url = url.clone();
            thread::spawn(move || {
                let steps = json!([{"sleep_ms": 20}, {"write": number.to_string()}]);
                (number, invoke(&url, &[], steps))
            })
        })
        .collect();
    for caller in callers {
        let (number, response) = caller.join().unwrap();
        assert_eq!((response.status(), response.text()), (200, number.to_string().as_str()));
    }
}

#[test]
fn caller_that_disconnects_does_not_stop_function() {
    let directory = TemporaryDirectory::new("invoke-disconnect");
    let file = directory.file("continue");
    let (function, url) = serve(SCRIPTED, &[]);
    let steps = json!([{"print_error": "started"}, {"await_file": file}, {"write": "x"}, "finish", {"print_error": "responded"}]);
    let mut connection = connect(&url);
    connection.write_all(&post(INVOKE, &[], script(steps))).unwrap();
    function.wait_for_stderr(|text| text.contains("started"));
    drop(connection);
    fs::write(file, "").unwrap();
    function.wait_for_stderr(|text| text.contains("responded"));
    assert_eq!(invoke(&url, &[], json!([{"write": "ok"}])).text(), "ok");
}
