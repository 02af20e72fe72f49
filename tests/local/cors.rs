//! `--cors`, `--auth` and `--invoke-mode`: the settings of the Function URL.

use serde_json::json;
use test_support::{Process, send_request};

use crate::echo_function::{EchoFunction, request_head, scripted_request};

const CORS: &str = r#"{"AllowOrigins": ["https://app.example"], "AllowMethods": ["GET"], "AllowHeaders": ["x-a"],
    "ExposeHeaders": ["x-b"], "AllowCredentials": true, "MaxAge": 60}"#;
const ORIGIN: &str = "Origin: https://app.example";
const REQUEST_METHOD: &str = "Access-Control-Request-Method: GET";

#[test]
fn page_of_configured_origin_can_call() {
    let function = EchoFunction::start_with(&["--cors", CORS]);
    let preflight = send_request(&function.url, request_head("OPTIONS /a", &[ORIGIN, REQUEST_METHOD]));
    assert_eq!((preflight.status(), preflight.body.as_slice()), (200, &[][..]));
    for (name, value) in [
        ("access-control-allow-origin", "https://app.example"),
        ("access-control-allow-methods", "GET"),
        ("access-control-allow-headers", "x-a"),
        ("access-control-allow-credentials", "true"),
        ("access-control-max-age", "60"),
    ] {
        assert_eq!(preflight.header(name), Some(value), "{name}");
    }
    let response = send_request(&function.url, request_head("GET /a", &[ORIGIN]));
    assert_eq!(response.status(), 200);
    assert_eq!(
        response.header("access-control-allow-origin"),
        Some("https://app.example")
    );
    assert_eq!(response.header("access-control-expose-headers"), Some("x-b"));
    // The preflight request did not invoke the function.
    assert_eq!(response.json()["invocation"], 1);
}

#[test]
fn page_of_other_origin_cannot_call() {
    let function = EchoFunction::start_with(&["--cors", r#"{"AllowOrigins": ["*", "null", "https://app.example"]}"#]);
    for origin in ["https://evil.example", "null", "https://app.example.evil.example"] {
        let origin = format!("Origin: {origin}");
        for method in ["GET", "POST"] {
            function.assert_rejects(request_head(&format!("{method} /"), &[&origin]), 403, "AllowOrigins");
        }
        function.assert_rejects(
            request_head("OPTIONS /", &[&origin, REQUEST_METHOD]),
            403,
            "AllowOrigins",
        );
    }
    let message = "`*` means only pages of this machine";
    function.process.wait_for_stderr(|text| text.contains(message));
    for path in ["/_stream/", "/2015-03-31/functions/a/invocations"] {
        function.assert_rejects(request_head(&format!("POST {path}"), &[ORIGIN]), 403, "may call it");
    }
}

#[test]
fn unsigned_request_gets_403_and_explanation() {
    let mut command = Process::command(env!("CARGO_BIN_EXE_all_parameters"));
    command.args(["--port", "0", "--auth", "aws-iam"]);
    let function = EchoFunction::spawn(command);
    let response = send_request(&function.url, request_head("GET /", &[]));
    assert_eq!(
        (response.status(), response.text()),
        (403, r#"{"Message":"Forbidden"}"#)
    );
    function.process.wait_for_stderr(|text| text.contains("--aws-sigv4"));

    let signature = "0".repeat(64);
    let authorization = format!(
        "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/lambda/aws4_request, \
         SignedHeaders=host, Signature={signature}"
    );
    let event = function.invoke(request_head("GET /", &[&authorization]));
    assert_eq!(event["requestContext"]["authorizer"]["iam"]["accessKey"], "AKIDEXAMPLE");
}

#[test]
fn buffered_invoke_mode_sends_complete_response() {
    let mut command = Process::command(env!("CARGO_BIN_EXE_scripted"));
    command.args(["--port", "0", "--invoke-mode", "buffered"]);
    let function = EchoFunction::spawn(command);
    let response = send_request(
        &function.url,
        scripted_request(json!([{ "content_type": "text/plain" }, { "write": "a" }, { "send": "b" }])),
    );
    assert_eq!(response.status(), 200);
    let length = response.header("content-length").map(str::to_owned);
    assert_eq!(length, Some(response.body.len().to_string()));
    assert!(response.body.ends_with(b"ab"), "{response:?}");
    function
        .process
        .wait_for_stderr(|text| text.contains("the invoke mode of the Function URL is BUFFERED"));
}
