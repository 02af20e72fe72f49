//! Responses without a body, with and without the setting `fill_empty_body`: the exact bytes of the body on the wire.

use serde_json::{Value, json};
use test_support::{Event, MockRuntimeApi, Process, Response, ResponseKind, script, start};

use crate::alb;

const BODIES: &str = env!("CARGO_BIN_EXE_http_bodies");
const BUILDER: &str = env!("CARGO_BIN_EXE_fill_empty_body");
const ITEMS: &str = env!("CARGO_BIN_EXE_items");
const SCRIPTED: &str = env!("CARGO_BIN_EXE_scripted");

const VARIABLE: &str = "LAMBDA_STREAM_FILL_EMPTY_BODY";

/// The chunks of a body that consists of the line feed, and of an empty body.
const LINE_FEED: &str = "1\r\n\n\r\n0\r\n\r\n";
const EMPTY: &str = "0\r\n\r\n";

/// Starts a function with this value of the environment variable.
fn start_with(function: &str, value: &str) -> (MockRuntimeApi, Process) {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command(function);
    command.env(VARIABLE, value);
    let function = Process::spawn_function_with(command, &lambda);
    (lambda, function)
}

/// Returns the bytes after the chunk that ends the prelude, with the framing of the chunks.
#[track_caller]
fn wire_body(response: &Response) -> String {
    assert_eq!(response.kind(), ResponseKind::Response, "{response:?}");
    const DELIMITER: &[u8] = b"\r\n8\r\n\0\0\0\0\0\0\0\0\r\n";
    let raw = response.raw();
    let position = raw.windows(DELIMITER.len()).position(|bytes| bytes == DELIMITER);
    let position = position.unwrap_or_else(|| panic!("no prelude in {}", raw.escape_ascii()));
    String::from_utf8(raw[position + DELIMITER.len()..].to_vec()).unwrap()
}

/// The event of a Function URL for `scripted` and `http_bodies`.
fn function_url(method: &str, steps: &Value) -> Event {
    Event::function_url(method, "/").body(steps.to_string()).event()
}

/// The event of a Function URL for `items`.
fn items(method: &str, items: &[&str]) -> Event {
    let context = json!({"http": {"method": method}});
    Event::json(json!({"version": "2.0", "requestContext": context, "items": items}).to_string())
}

/// All ways in which `scripted` ends an HTTP response without writing a byte.
fn ways_to_write_nothing() -> Vec<Value> {
    let redirect = json!({"prelude": {"status": 302, "headers": [["location", "/"]]}});
    [
        json!([]),
        json!(["flush"]),
        json!(["finish"]),
        json!(["drop"]),
        json!([{"write": ""}]),
        json!([{"send": ""}]),
        json!([{"copy": ""}]),
        json!([{"feed": []}]),
        json!([{"feed": ["", ""]}]),
        json!([{"spawn": []}]),
        json!([{"content_type": "text/plain"}]),
        json!([redirect]),
        json!([redirect, "flush"]),
        json!([redirect, "finish"]),
        json!([redirect, {"write": ""}, "flush", {"send": ""}]),
        json!([{"spawn": [redirect, {"sleep_ms": 1}]}]),
    ]
    .map(|steps| json!({ "steps": steps }))
    .into()
}

#[test]
fn empty_body_stays_empty_by_default() {
    let (lambda, _function) = start(SCRIPTED);
    for steps in ways_to_write_nothing() {
        assert_eq!(wire_body(&lambda.invoke(function_url("GET", &steps))), EMPTY, "{steps}");
    }
    let (lambda, _function) = start(BODIES);
    let redirect = json!({"status": 302, "headers": [["location", "/"]]});
    assert_eq!(wire_body(&lambda.invoke(function_url("GET", &redirect))), EMPTY);
    let (lambda, _function) = start(ITEMS);
    assert_eq!(wire_body(&lambda.invoke(items("GET", &[]))), EMPTY);
}

#[test]
fn handler_that_writes_nothing_sends_line_feed() {
    let (lambda, _function) = start_with(SCRIPTED, "true");
    for steps in ways_to_write_nothing() {
        let response = lambda.invoke(function_url("GET", &steps));
        assert_eq!(wire_body(&response), LINE_FEED, "{steps}");
        let response = lambda.invoke(Event::rest_api("POST", "/").body(steps.to_string()));
        assert_eq!(wire_body(&response), LINE_FEED, "{steps}");
    }
    // A prelude makes the response an HTTP response, whatever the event is.
    let response = lambda.invoke(script(json!([{"prelude": {"status": 302}}])));
    assert_eq!(wire_body(&response), LINE_FEED);
    lambda.wait_for_next();
}

#[test]
fn http_response_without_body_sends_line_feed() {
    let (lambda, _function) = start_with(BODIES, "true");
    for status in [200, 201, 301, 302, 303, 307, 308, 400, 403, 404, 500, 599] {
        for frames in [json!([]), json!(["", ""])] {
            let steps = json!({"status": status, "headers": [["location", "/"]], "frames": frames});
            let response = lambda.invoke(function_url("POST", &steps));
            assert_eq!(wire_body(&response), LINE_FEED, "{steps}");
            let expected = json!({"statusCode": status, "headers": {"location": "/"}, "cookies": []});
            assert_eq!(response.prelude().0, expected);
        }
    }
}

#[test]
fn empty_stream_and_any_response_send_line_feed() {
    let (lambda, _function) = start_with(ITEMS, "true");
    for nothing in [&[][..], &["", ""]] {
        assert_eq!(wire_body(&lambda.invoke(items("GET", nothing))), LINE_FEED);
    }
    let (lambda, _function) = start(BUILDER);
    for path in ["/redirect", "/stream"] {
        let response = lambda.invoke(Event::function_url("GET", path));
        assert_eq!(wire_body(&response), LINE_FEED, "{path}");
    }
    let response = lambda.invoke(Event::function_url("GET", "/text"));
    assert_eq!(wire_body(&response), "4\r\ntext\r\n0\r\n\r\n");
    let response = lambda.invoke(Event::function_url("GET", "/json"));
    assert_eq!(response.body(), b"\"\"");
}

#[test]
fn environment_variable_overrides_the_builder() {
    let redirect = || Event::function_url("GET", "/redirect");
    for (value, body) in [
        ("true", LINE_FEED),
        ("false", EMPTY),
        ("", LINE_FEED),
        ("yes", LINE_FEED),
    ] {
        let (lambda, function) = start_with(BUILDER, value);
        assert_eq!(wire_body(&lambda.invoke(redirect())), body, "{value:?}");
        lambda.wait_for_next();
        // `kill` waits for the end of the output.
        function.kill();
        let log = match value {
            "yes" => "lambda-stream: ignored LAMBDA_STREAM_FILL_EMPTY_BODY=\"yes\": must be `true` or `false`\n",
            _ => "",
        };
        assert_eq!(function.stderr(), log, "{value:?}");
    }
    let (lambda, _function) = start_with(BODIES, "false");
    assert_eq!(
        wire_body(&lambda.invoke(function_url("GET", &json!({"status": 302})))),
        EMPTY
    );
}

#[test]
fn response_that_has_no_body_in_http_stays_empty() {
    let (lambda, _function) = start_with(BODIES, "true");
    let cases = [
        ("HEAD", 200),
        ("HEAD", 302),
        ("HEAD", 404),
        ("GET", 204),
        ("POST", 205),
        ("GET", 304),
    ];
    for (method, status) in cases {
        let response = lambda.invoke(function_url(method, &json!({ "status": status })));
        assert_eq!(wire_body(&response), EMPTY, "{method} {status}");
    }
    let (lambda, _function) = start_with(SCRIPTED, "true");
    for steps in ways_to_write_nothing() {
        assert_eq!(
            wire_body(&lambda.invoke(function_url("HEAD", &steps))),
            EMPTY,
            "{steps}"
        );
    }
    for (method, status) in cases {
        let steps = json!({"steps": [{"prelude": {"status": status}}, {"write": "discarded"}]});
        assert_eq!(
            wire_body(&lambda.invoke(function_url(method, &steps))),
            EMPTY,
            "{method} {status}"
        );
    }
    let (lambda, _function) = start_with(ITEMS, "true");
    assert_eq!(wire_body(&lambda.invoke(items("HEAD", &[]))), EMPTY);
}

#[test]
fn body_with_bytes_and_failed_response_stay_unchanged() {
    let (lambda, _function) = start_with(SCRIPTED, "true");
    let steps = json!({"steps": [{"prelude": {"status": 302}}, {"write": "a"}, "flush", {"write": ""}]});
    assert_eq!(
        wire_body(&lambda.invoke(function_url("GET", &steps))),
        "1\r\na\r\n0\r\n\r\n"
    );
    for failure in [json!({"fail": "no"}), json!({"panic": "no"})] {
        let steps = json!({"steps": [{"prelude": {"status": 302}}, failure]});
        let response = lambda.invoke(function_url("GET", &steps));
        assert!(
            wire_body(&response).starts_with("0\r\nlambda-runtime-function-error-type: "),
            "{response:?}"
        );
        let response = lambda.invoke(function_url("GET", &json!({ "steps": [failure] })));
        assert_eq!(response.kind(), ResponseKind::Error);
    }
}

#[test]
fn raw_stream_and_alb_document_stay_unchanged() {
    let (lambda, _function) = start_with(SCRIPTED, "true");
    for steps in [json!([]), json!(["flush"]), json!(["finish"]), json!([{"write": ""}])] {
        let response = lambda.invoke(script(steps.clone()));
        assert!(response.raw().ends_with(b"\r\n\r\n0\r\n\r\n"), "{steps}: {response:?}");
        assert_eq!(response.body(), b"", "{steps}");
    }
    let (lambda, _function) = start_with(ITEMS, "true");
    assert_eq!(lambda.invoke(Event::json(r#"{"items":[]}"#)).body(), b"");
    let (lambda, _function) = start_with(BODIES, "true");
    let event = Event::alb("GET", "/", false).body(json!({"status": 302}).to_string());
    assert_eq!(alb::document(&lambda.invoke(event))["body"], "");
}
