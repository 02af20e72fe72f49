//! Tests of the Runtime API over raw sockets, in the role of a function.

use std::collections::HashSet;

use super::super::platform_limits::MAX_BUFFERED_BYTES;
use super::super::test_client::{RuntimeApiClient, read_to_end, read_until, send, start_function_url};

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

/// Splits a response into head and body.
fn split(response: &str) -> (&str, &str) {
    response.split_once("\r\n\r\n").unwrap()
}

/// Returns the value of a header.
fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let line = head
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_else(|| panic!("{name} in {head}"))
}

/// Registers an extension. Returns the header that identifies it.
fn register(function: &RuntimeApiClient, events: &str) -> String {
    let name = "lambda-extension-name: metrics\r\n";
    let response = read_to_end(function.extension_request("POST", "register", name, events));
    let (head, body) = split(&response);
    assert!(head.starts_with("HTTP/1.1 200 "), "{response}");
    let function: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(function["functionVersion"], "$LATEST");
    assert!(
        function["functionName"].is_string() && function["handler"].is_string(),
        "{body}"
    );
    format!(
        "lambda-extension-identifier: {}\r\n",
        header(head, "lambda-extension-identifier")
    )
}

fn assert_error(response: &str, status: &str, error_type: &str) {
    let (head, body) = split(response);
    assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{response}");
    let error: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(error["errorType"], error_type, "{response}");
    assert!(error["errorMessage"].is_string(), "{response}");
}

#[test]
fn next_waits_for_event_and_returns_context() {
    let (function, url) = start_function_url();
    let poll = std::thread::spawn({
        let function = function.clone();
        move || function.poll()
    });
    let _caller = send(url, GET);
    let response = poll.join().unwrap();
    let (head, event) = split(&response);
    let value = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("{name} in {head}"))
    };
    assert!(head.starts_with("HTTP/1.1 200 "));
    assert_eq!(value("content-type: "), "application/json");
    assert_eq!(value("lambda-runtime-aws-request-id: ").len(), 36);
    assert!(value("lambda-runtime-trace-id: ").starts_with("Root=1-"));
    let arn = value("lambda-runtime-invoked-function-arn: ");
    assert!(arn.starts_with("arn:aws:lambda:us-east-1:000000000000:function:"));
    let deadline: u64 = value("lambda-runtime-deadline-ms: ").parse().unwrap();
    let event: serde_json::Value = serde_json::from_str(event).unwrap();
    let received = event["requestContext"]["timeEpoch"].as_u64().unwrap();
    assert!(deadline >= received + 15 * 60 * 1000, "{deadline} {received}");
    assert_eq!(
        event["requestContext"]["requestId"],
        value("lambda-runtime-aws-request-id: ")
    );
}

#[test]
fn concurrent_polls_get_one_event_each() {
    let (function, url) = start_function_url();
    let polls: Vec<_> = (0..3)
        .map(|_| {
            let function = function.clone();
            std::thread::spawn(move || function.next_id())
        })
        .collect();
    let _callers: Vec<_> = (0..3).map(|_| send(url, GET)).collect();
    let ids: HashSet<String> = polls.into_iter().map(|poll| poll.join().unwrap()).collect();
    assert_eq!(ids.len(), 3);
}

#[test]
fn canceled_poll_loses_no_event() {
    let (function, url) = start_function_url();
    let canceled = function.request("GET", "invocation/next", "");
    canceled.shutdown(std::net::Shutdown::Write).unwrap();
    // The server drops the poll before it closes its side of the connection.
    assert_eq!(read_to_end(canceled), "");
    let _caller = send(url, GET);
    assert_eq!(function.next_id().len(), 36);
}

#[test]
fn second_response_is_rejected() {
    let (function, url) = start_function_url();
    let caller = send(url, GET);
    let id = function.next_id();
    let reply = function.post(&format!("invocation/{id}/response"), "", "1");
    assert!(reply.starts_with("HTTP/1.1 202 "), "{reply}");
    assert!(read_to_end(caller).ends_with("\r\n\r\n1"));
    for path in ["response", "error"] {
        let repeated = function.post(&format!("invocation/{id}/{path}"), "", "{}");
        assert_error(&repeated, "403", "InvalidStateTransition");
        let unknown = function.post(&format!("invocation/0{id}/{path}"), "", "{}");
        assert_error(&unknown, "400", "InvalidRequestID");
    }
    let reply = function.start_response(&id, "text/plain").end();
    assert_error(&reply, "403", "InvalidStateTransition");
}

#[test]
fn error_during_open_response_is_rejected() {
    let (function, url) = start_function_url();
    let mut caller = send(url, GET);
    let id = function.next_id();
    let mut response = function.start_response(&id, "text/plain");
    response.chunk("a");
    read_until(&mut caller, "1\r\na\r\n");
    let reply = function.post(&format!("invocation/{id}/error"), "", "{}");
    assert_error(&reply, "403", "InvalidStateTransition");
    assert!(response.end().starts_with("HTTP/1.1 202 "));
    assert_eq!(read_to_end(caller), "0\r\n\r\n");
}

#[test]
fn unknown_response_mode_fails_invocation() {
    let (function, url) = start_function_url();
    let caller = send(url, GET);
    let id = function.next_id();
    let mode = "lambda-runtime-function-response-mode: stream\r\n";
    let reply = function.post(&format!("invocation/{id}/response"), mode, "{}");
    assert_error(&reply, "400", "InvalidFunctionResponseMode");
    let response = read_to_end(caller);
    assert_error(&response, "502", "Runtime.InvalidResponseModeHeader");
}

#[test]
fn init_error_before_first_poll_fails_invocations() {
    let (function, url) = start_function_url();
    let error = r#"{"errorMessage":"no table","errorType":"Init"}"#;
    let header = "lambda-runtime-function-error-type: Function.Init\r\n";
    let reply = function.post("init/error", header, error);
    assert!(reply.starts_with("HTTP/1.1 202 "), "{reply}");
    let response = read_to_end(send(url, GET));
    assert_error(&response, "502", "Function.Init");
    assert!(response.contains("no table"));

    let (function, url) = start_function_url();
    let _caller = send(url, GET);
    function.next_id();
    let reply = function.post("init/error", header, error);
    assert_error(&reply, "403", "InvalidStateTransition");
}

#[test]
fn buffered_response_over_limit_fails_invocation() {
    let (function, url) = start_function_url();
    let caller = send(url, GET);
    let id = function.next_id();
    let body = "x".repeat(MAX_BUFFERED_BYTES + 1);
    let reply = function.post(&format!("invocation/{id}/response"), "", &body);
    assert_error(&reply, "413", "RequestEntityTooLarge");
    assert_error(&read_to_end(caller), "502", "Function.ResponseSizeTooLarge");
}

#[test]
fn unknown_path_or_method_gets_404() {
    let (function, _) = start_function_url();
    for path in ["invocation/next", "invocation/a/b/response", "restore/error", ""] {
        assert_error(&function.post(path, "", ""), "404", "NotFound");
    }
}

#[test]
fn caller_disconnect_does_not_stop_function() {
    let (function, url) = start_function_url();
    let mut caller = send(url, GET);
    let id = function.next_id();
    let mut response = function.start_response(&id, "text/plain");
    response.chunk("first");
    read_until(&mut caller, "first\r\n");
    drop(caller);
    for _ in 0..256 {
        response.chunk([b'x'; 64 * 1024]);
    }
    let reply = response.end();
    assert!(reply.starts_with("HTTP/1.1 202 "), "{reply}");
}

#[test]
fn extension_receives_invoke_event() {
    let (function, url) = start_function_url();
    let identifier = register(&function, r#"{"events":["INVOKE","SHUTDOWN"]}"#);
    let extension = function.extension_request("GET", "event/next", &identifier, "");
    let poll = std::thread::spawn({
        let function = function.clone();
        move || function.poll()
    });
    let _caller = send(url, GET);
    let response = poll.join().unwrap();
    let (head, _) = split(&response);
    let event = read_to_end(extension);
    let event: serde_json::Value = serde_json::from_str(split(&event).1).unwrap();
    assert_eq!(event["eventType"], "INVOKE");
    assert_eq!(event["requestId"], header(head, "lambda-runtime-aws-request-id"));
    assert_eq!(
        event["invokedFunctionArn"],
        header(head, "lambda-runtime-invoked-function-arn")
    );
    assert_eq!(
        event["deadlineMs"].to_string(),
        header(head, "lambda-runtime-deadline-ms")
    );
    assert_eq!(event["tracing"]["type"], "X-Amzn-Trace-Id");
    assert_eq!(event["tracing"]["value"], header(head, "lambda-runtime-trace-id"));
}

/// Lambda delivers the next event when the runtime and all extensions have polled.
#[test]
fn event_waits_for_poll_of_extension() {
    let (function, url) = start_function_url();
    let identifier = register(&function, "{}");
    let mut poll = function.request("GET", "invocation/next", "connection: close\r\n");
    let _caller = send(url, GET);
    poll.set_read_timeout(Some(std::time::Duration::from_millis(100)))
        .unwrap();
    let error = std::io::Read::read(&mut poll, &mut [0]).unwrap_err();
    assert!(
        matches!(
            error.kind(),
            std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
        ),
        "{error}"
    );
    let _extension = function.extension_request("GET", "event/next", &identifier, "");
    poll.set_read_timeout(Some(std::time::Duration::from_secs(60))).unwrap();
    assert!(read_to_end(poll).starts_with("HTTP/1.1 200 "));
}

#[test]
fn invalid_extension_request_gets_error() {
    let (function, _) = start_function_url();
    let request = |method, path, headers, body| read_to_end(function.extension_request(method, path, headers, body));
    let name = "lambda-extension-name: metrics\r\n";
    assert_error(
        &request("POST", "register", "", "{}"),
        "400",
        "Extension.InvalidExtensionName",
    );
    assert_error(&request("POST", "register", name, "["), "400", "InvalidRequestFormat");
    let events = r#"{"events":["RESTORE"]}"#;
    assert_error(
        &request("POST", "register", name, events),
        "400",
        "Extension.InvalidEventType",
    );
    assert_error(
        &request("GET", "event/next", "", ""),
        "403",
        "Extension.UnknownExtensionIdentifier",
    );
    let unknown = "lambda-extension-identifier: 1\r\n";
    assert_error(
        &request("GET", "event/next", unknown, ""),
        "403",
        "Extension.UnknownExtensionIdentifier",
    );
    assert_error(&request("GET", "register", name, ""), "404", "NotFound");
}
