//! `--rest-api`: an API Gateway REST API in front of the function.

use serde_json::{Value, json};
use test_support::{HttpResponse, connect, exchange, send_request};

use crate::echo_function::{EchoFunction, request_head, scripted_request};

const SCRIPTED: &str = env!("CARGO_BIN_EXE_scripted");

/// Starts the function `scripted` with these arguments and sends a request with these steps.
fn respond(arguments: &[&str], steps: Value) -> (EchoFunction, HttpResponse) {
    let mut command = test_support::Process::command(SCRIPTED);
    command.args(["--port", "0", "--rest-api"]).args(arguments);
    let function = EchoFunction::spawn(command);
    let response = send_request(&function.url, scripted_request(steps));
    (function, response)
}

#[test]
fn event_is_payload_format_1() {
    let function = EchoFunction::start_with(&["--rest-api"]);
    let event = function.invoke(request_head("GET /a%20b?x=1&x=2", &["X-Two: one", "X-Two: two"]));
    assert_eq!(event["resource"], "/{proxy+}");
    assert_eq!(event["pathParameters"], json!({ "proxy": "a b" }));
    assert_eq!(event["multiValueHeaders"]["x-two"], json!(["one", "two"]));
    assert_eq!(event["multiValueQueryStringParameters"], json!({ "x": ["1", "2"] }));
    assert_eq!(event["requestContext"]["stage"], "local");
}

#[test]
fn prelude_of_the_library_is_accepted() {
    let prelude = json!({"prelude": {
        "status": 418,
        "headers": [["X-Tea", "green"], ["X-Tea", "black"], ["Content-Type", "text/tea"]],
        "cookies": ["a=1", "b=2"],
    }});
    let (_function, response) = respond(&[], json!([prelude, { "write": "short" }, { "send": " and stout" }]));
    assert_eq!(response.status(), 418);
    let head = response.head.text.to_lowercase();
    for line in [
        "x-tea: green",
        "x-tea: black",
        "content-type: text/tea",
        "set-cookie: a=1",
        "set-cookie: b=2",
        "transfer-encoding: chunked",
    ] {
        assert!(head.lines().any(|header| header == line), "{line} is not in {head}");
    }
    assert_eq!(response.text(), "short and stout");
}

#[test]
fn error_before_first_byte_gets_502_without_reason() {
    let (function, response) = respond(&[], json!([{ "fail_typed": ["Function.Mine", "no luck"] }]));
    assert_eq!(response.status(), 502);
    assert_eq!(response.text(), r#"{"message":"Internal server error"}"#);
    function.process.wait_for_stderr(|text| text.contains("Function.Mine"));
}

#[test]
fn page_of_other_website_cannot_call() {
    let function = EchoFunction::start_with(&["--rest-api"]);
    for header in ["Origin: https://evil.example", "Sec-Fetch-Site: cross-site"] {
        function.assert_rejects(request_head("POST /a", &[header]), 403, "may call it");
    }
    let rebound = "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    let response = exchange(connect(&function.url), rebound);
    assert!(response.starts_with(b"HTTP/1.1 403 "));
}
