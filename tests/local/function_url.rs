//! The local Function URL: response heads and bodies, errors, and several clients.

use serde_json::{Value, json};
use test_support::{example, send_request};

use crate::echo_function::scripted_request;
use crate::{run_curl, serve, spawn_curl};

const SCRIPTED: &str = env!("CARGO_BIN_EXE_scripted");

/// Returns the request body for the function `scripted` with these steps.
fn script(steps: Value) -> String {
    json!({ "steps": steps }).to_string()
}

#[test]
fn handler_output_reaches_client_chunked() {
    let (_function, url) = serve(example("hello"));
    assert_eq!(
        run_curl(&[&url]),
        ("Hello, world, this is a stream.\n".to_owned(), Some(0))
    );
    let (head, exit_code) = run_curl(&["-i", &format!("{url}/any/path?and=query")]);
    assert_eq!(exit_code, Some(0));
    let head = head.to_lowercase();
    assert!(head.starts_with("http/1.1 200 ok\r\n"), "{head}");
    assert!(
        head.contains("\r\ncontent-type: text/plain; charset=utf-8\r\n"),
        "{head}"
    );
    assert!(head.contains("\r\ntransfer-encoding: chunked\r\n"), "{head}");
}

#[test]
fn chunk_arrives_while_handler_runs() {
    let (_function, url) = serve(SCRIPTED);
    let client = spawn_curl(&["-d", &script(json!([{"write": "first"}, "hang"])), &url]);
    client.wait_for_stdout(|text| text == "first");
    assert!(client.is_running());
}

#[test]
fn prelude_sets_status_headers_and_cookies() {
    let (_function, url) = serve(SCRIPTED);
    let prelude = json!({"prelude": {
        "status": 418,
        "headers": [["X-Tea", "green"], ["X-Tea", "black"], ["Content-Type", "text/tea"], ["Content-Length", "1"]],
        "cookies": ["a=1; Path=/", "b=2"],
    }});
    let (response, exit_code) = run_curl(&[
        "-i",
        "-d",
        &script(json!([prelude, {"write": "short and stout"}])),
        &url,
    ]);
    assert_eq!(exit_code, Some(0));
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    let head = head.to_lowercase();
    assert_eq!(body, "short and stout");
    assert!(head.starts_with("http/1.1 418"), "{head}");
    for line in [
        "x-tea: green, black",
        "content-type: text/tea",
        "set-cookie: a=1; path=/",
        "set-cookie: b=2",
    ] {
        assert!(head.lines().any(|header| header == line), "{line} is not in {head}");
    }
    assert!(!head.contains("content-length"), "{head}");
}

#[test]
fn invalid_prelude_gets_502_without_injected_header() {
    let (_function, url) = serve(SCRIPTED);
    for prelude in [
        json!({ "status": 200, "headers": [["X-A", "a\r\nX-Injected: b"]] }),
        json!({ "status": 200, "headers": [["X-A: b\r\nX-Injected", "c"]] }),
        json!({ "status": 200, "cookies": ["a=b\r\nX-Injected: c"] }),
        json!({ "status": 100 }),
        json!({ "status": 99 }),
        json!({ "status": 200, "headers": [["X-Large", "a".repeat(20_000)]] }),
    ] {
        let request = scripted_request(json!([{ "prelude": prelude }, { "write": "x" }]));
        let response = send_request(&url, request);
        let head = response.head.text.to_lowercase();
        assert_eq!(response.status(), 502, "{prelude}: {head}");
        assert!(!head.contains("\r\nx-injected"), "{head}");
    }
}

#[test]
fn mid_stream_error_truncates_body_and_is_logged() {
    let (function, url) = serve(example("failing"));
    assert_eq!(run_curl(&[&url]), ("chunk 1\nchunk 2\nchunk 3\n".to_owned(), Some(18)));
    function.wait_for_stderr(|text| {
        text.contains("Function.UpstreamGone") && text.contains("the upstream hung up after 3 chunks")
    });
    assert_eq!(run_curl(&[&url]).1, Some(18), "the next request was not served");
}

#[test]
fn mid_stream_panic_truncates_body_and_is_logged() {
    let (function, url) = serve(SCRIPTED);
    assert_eq!(
        run_curl(&["-d", &script(json!([{"write": "one"}, {"panic": "boom"}])), &url]),
        ("one".into(), Some(18))
    );
    function.wait_for_stderr(|text| text.contains("Function.Panic: boom"));
}

#[test]
fn error_before_first_byte_gets_502_with_error() {
    let (_function, url) = serve(SCRIPTED);
    let (response, exit_code) = run_curl(&[
        "-i",
        "-d",
        &script(json!([{"fail_typed": ["Function.Mine", "no luck"]}])),
        &url,
    ]);
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    assert_eq!(exit_code, Some(0));
    assert!(head.starts_with("HTTP/1.1 502"), "{head}");
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        (body["errorType"].clone(), body["errorMessage"].clone()),
        (json!("Function.Mine"), json!("no luck"))
    );
}

#[test]
fn concurrent_requests_are_queued() {
    let (_function, url) = serve(SCRIPTED);
    let clients: Vec<_> = (0..5)
        .map(|n| {
            spawn_curl(&[
                "-d",
                &script(json!([{"write": format!("response {n}")}, {"sleep_ms": 5}])),
                &url,
            ])
        })
        .collect();
    for (n, client) in clients.iter().enumerate() {
        assert_eq!(client.exit_code(), Some(0));
        assert_eq!(client.stdout(), format!("response {n}"));
    }
}

#[test]
fn client_disconnect_does_not_stop_handler() {
    let (function, url) = serve(SCRIPTED);
    let steps = json!([
        {"write": "first"},
        {"sleep_ms": 300},
        {"write": "not received"},
        "finish",
        {"fail": "reached the last step"},
    ]);
    let client = spawn_curl(&["-d", &script(steps), &url]);
    client.wait_for_stdout(|text| text == "first");
    client.kill();
    function.wait_for_stderr(|text| text.contains("reached the last step"));
    assert_eq!(run_curl(&["-d", &script(json!([{"write": "next"}])), &url]).0, "next");
}

#[test]
fn large_body_arrives_complete() {
    let (_function, url) = serve(SCRIPTED);
    let (body, exit_code) = run_curl(&[
        "-d",
        &script(json!([{"write_bytes": 3_000_000}, {"send_chunks": 50}])),
        &url,
    ]);
    assert_eq!((body.len(), exit_code), (3_000_000 + 50 * 65_536, Some(0)));
}

#[test]
fn head_request_gets_no_body() {
    let (_function, url) = serve(example("with_state"));
    let (head, exit_code) = run_curl(&["-I", &url]);
    assert_eq!(exit_code, Some(0));
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
}
