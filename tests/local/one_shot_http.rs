//! `--event` with HTTP events: status, headers and cookies on standard error, and the body on standard output.

use serde_json::{Value, json};
use test_support::Process;

use crate::one_shot::run_with_event;

const BODIES: &str = env!("CARGO_BIN_EXE_http_bodies");
const BINARY: &str = env!("CARGO_BIN_EXE_binary_response");
const DOCUMENT: &str = env!("CARGO_BIN_EXE_json_document");

/// Returns an event of each source, with this script for `http_bodies`.
fn events(script: &Value) -> Vec<(&'static str, Value)> {
    let body = script.to_string();
    let http_api = json!({
        "version": "2.0", "rawPath": "/", "rawQueryString": "", "headers": {"content-type": "application/json"},
        "requestContext": {"http": {"method": "POST", "path": "/"}}, "body": body, "isBase64Encoded": false,
    });
    let rest_api = json!({
        "resource": "/", "path": "/", "httpMethod": "POST", "headers": {"Accept": "*/*"},
        "multiValueHeaders": {"Accept": ["*/*"]}, "requestContext": {"stage": "test", "path": "/test", "httpMethod": "POST"},
        "body": body, "isBase64Encoded": false,
    });
    let hand_written = json!({"httpMethod": "POST", "path": "/", "headers": {}, "body": body});
    let alb = json!({
        "requestContext": {"elb": {"targetGroupArn": "arn"}}, "httpMethod": "POST", "path": "/", "headers": {},
        "queryStringParameters": {}, "body": body, "isBase64Encoded": false,
    });
    let mut alb_with_lists = alb.clone();
    alb_with_lists["multiValueHeaders"] = json!({});
    vec![
        ("HTTP API", http_api),
        ("REST API", rest_api),
        ("hand-written", hand_written),
        ("ALB", alb),
        ("ALB with multi-value headers", alb_with_lists),
    ]
}

/// Returns the sorted lines of standard error.
fn lines(stderr: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = stderr.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn head_is_shown_and_body_is_printed_for_each_source() {
    let headers = json!([["vary", "a"], ["vary", "b"], ["x-one", "1"], ["set-cookie", "c=1"]]);
    let script = json!({"status": 201, "headers": headers, "frames": ["one", "two"]});
    for (source, event) in events(&script) {
        let (stdout, stderr, exit_code) = run_with_event(BODIES, &event.to_string());
        assert_eq!((stdout.as_str(), exit_code), ("onetwo", Some(0)), "{source}: {stderr}");
        let vary: &[&str] = match source {
            // The prelude or the document has one value per name.
            "HTTP API" | "ALB" => &["vary: a, b"],
            _ => &["vary: a", "vary: b"],
        };
        let expected = [&["HTTP 201 Created", "set-cookie: c=1"], vary, &["x-one: 1"]].concat();
        assert_eq!(lines(&stderr), expected, "{source}");
    }
}

#[test]
fn each_cookie_is_shown() {
    let script = json!({"headers": [["set-cookie", "c=1"], ["set-cookie", "d=2; Path=/"]], "frames": ["a"]});
    for (source, event) in events(&script) {
        // Without multi-value headers, a load balancer takes one cookie.
        if source == "ALB" {
            continue;
        }
        let (_, stderr, exit_code) = run_with_event(BODIES, &event.to_string());
        assert_eq!(exit_code, Some(0), "{source}: {stderr}");
        let expected = ["HTTP 200 OK", "set-cookie: c=1", "set-cookie: d=2; Path=/"];
        assert_eq!(lines(&stderr), expected, "{source}");
    }
}

#[test]
fn binary_body_is_decoded_for_each_source() {
    for (source, event) in events(&json!({})) {
        // `od` makes the bytes visible, which are not UTF-8.
        let mut command = Process::command("sh");
        command.env("RUST_LOG", "warn");
        command.args(["-c", r#""$0" --event "$1" | od -An -tx1"#, BINARY, &event.to_string()]);
        let shell = Process::spawn(command);
        assert_eq!(shell.exit_code(), Some(0));
        assert_eq!(shell.stdout().trim(), "ff fe", "{source}: {}", shell.stderr());
        assert_eq!(shell.stderr(), "HTTP 200 OK\n", "{source}");
    }
}

/// Only the response to an HTTP event describes an HTTP response.
#[test]
fn document_with_status_is_decoded_for_http_events_only() {
    let document = json!({"statusCode": 404, "body": "aGk=", "isBase64Encoded": true});
    let mut event = json!({ "document": document });
    let (stdout, stderr, exit_code) = run_with_event(DOCUMENT, &event.to_string());
    assert_eq!((stderr.as_str(), exit_code), ("", Some(0)));
    assert_eq!(serde_json::from_str::<Value>(&stdout).unwrap(), document);

    event["version"] = "2.0".into();
    event["requestContext"] = json!({"http": {"method": "GET"}});
    let (stdout, stderr, exit_code) = run_with_event(DOCUMENT, &event.to_string());
    assert_eq!(
        (stdout.as_str(), stderr.as_str(), exit_code),
        ("hi", "HTTP 404 Not Found\n", Some(0))
    );
}

#[test]
fn invalid_document_prints_reason_with_exit_status_1() {
    let event = json!({
        "version": "2.0", "requestContext": {"http": {"method": "GET"}}, "document": {"statusCode": 200, "body": {}},
    });
    let (stdout, stderr, exit_code) = run_with_event(DOCUMENT, &event.to_string());
    assert_eq!((stdout.as_str(), exit_code), ("", Some(1)));
    assert!(stderr.contains("`body` is not a string"), "{stderr}");
}

#[test]
fn authorizer_event_gets_response_without_head() {
    let base = json!({
        "type": "REQUEST", "httpMethod": "GET", "path": "/request", "headers": {"Accept": "*/*"},
        "requestContext": {"path": "/request", "httpMethod": "GET", "http": {"method": "GET"}},
    });
    for (version, name) in [("1.0", "methodArn"), ("2.0", "routeArn")] {
        let mut event = base.clone();
        event["version"] = version.into();
        event[name] = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/test/GET/request".into();
        event["document"] = json!({"isAuthorized": true});
        let (stdout, stderr, exit_code) = run_with_event(DOCUMENT, &event.to_string());
        assert_eq!((stderr.as_str(), exit_code), ("", Some(0)));
        assert_eq!(stdout, r#"{"isAuthorized":true}"#);
    }
}
