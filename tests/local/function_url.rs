//! The Function URL that a function is on a laptop.

use serde_json::{Value, json};
use test_support::example;

use crate::{curl, fetched, serve};

const SCRIPTED: &str = env!("CARGO_BIN_EXE_scripted");

fn script(steps: Value) -> String {
    json!({ "steps": steps }).to_string()
}

#[test]
fn what_is_written_reaches_the_client() {
    let (_function, url) = serve(example("hello"));
    assert_eq!(
        fetched(&[&url]),
        ("Hello, world, this is a stream.\n".to_owned(), Some(0))
    );
    let (head, status) = fetched(&["-i", &format!("{url}/any/path?and=query")]);
    assert_eq!(status, Some(0));
    let head = head.to_lowercase();
    assert!(head.starts_with("http/1.1 200 ok\r\n"), "{head}");
    assert!(
        head.contains("\r\ncontent-type: text/plain; charset=utf-8\r\n"),
        "{head}"
    );
    assert!(head.contains("\r\ntransfer-encoding: chunked\r\n"), "{head}");
}

#[test]
fn it_arrives_while_the_handler_goes_on() {
    let (_function, url) = serve(SCRIPTED);
    let client = curl(&["-d", &script(json!([{"write": "first"}, "hang"])), &url]);
    client.wait_for_stdout(|text| text == "first");
    assert!(client.is_running());
}

#[test]
fn status_headers_and_cookies_are_the_preludes() {
    let (_function, url) = serve(SCRIPTED);
    let prelude = json!({"prelude": {
        "status": 418,
        "headers": [["X-Tea", "green"], ["X-Tea", "black"], ["Content-Type", "text/tea"], ["Content-Length", "1"]],
        "cookies": ["a=1; Path=/", "b=2"],
    }});
    let (answer, status) = fetched(&[
        "-i",
        "-d",
        &script(json!([prelude, {"write": "short and stout"}])),
        &url,
    ]);
    assert_eq!(status, Some(0));
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
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
fn an_error_in_mid_stream_cuts_the_body_and_is_said_at_the_function() {
    let (function, url) = serve(example("failing"));
    assert_eq!(fetched(&[&url]), ("chunk 1\nchunk 2\nchunk 3\n".to_owned(), Some(18)));
    function.wait_for_stderr(|text| text.contains("Function.UpstreamGone: the upstream hung up after 3 chunks"));
    assert_eq!(fetched(&[&url]).1, Some(18), "it does not serve any more");
}

#[test]
fn a_panic_in_mid_stream_cuts_the_body_too() {
    let (function, url) = serve(SCRIPTED);
    assert_eq!(
        fetched(&["-d", &script(json!([{"write": "one"}, {"panic": "boom"}])), &url]),
        ("one".into(), Some(18))
    );
    function.wait_for_stderr(|text| text.contains("Function.Panic: boom"));
}

#[test]
fn an_error_before_the_first_byte_is_a_502_that_says_what_failed() {
    let (_function, url) = serve(SCRIPTED);
    let (answer, status) = fetched(&[
        "-i",
        "-d",
        &script(json!([{"fail_typed": ["Function.Mine", "no luck"]}])),
        &url,
    ]);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert_eq!(status, Some(0));
    assert!(head.starts_with("HTTP/1.1 502"), "{head}");
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        (body["errorType"].clone(), body["errorMessage"].clone()),
        (json!("Function.Mine"), json!("no luck"))
    );
}

#[test]
fn invocations_queue_up() {
    let (_function, url) = serve(SCRIPTED);
    let clients: Vec<_> = (0..5)
        .map(|n| {
            curl(&[
                "-d",
                &script(json!([{"write": format!("answer {n}")}, {"sleep_ms": 5}])),
                &url,
            ])
        })
        .collect();
    for (n, client) in clients.iter().enumerate() {
        assert_eq!(client.exit_code(), Some(0));
        assert_eq!(client.stdout(), format!("answer {n}"));
    }
}

#[test]
fn a_caller_that_hangs_up_stops_nothing() {
    let (function, url) = serve(SCRIPTED);
    let steps =
        json!([{"write": "first"}, {"sleep_ms": 300}, {"write": "unseen"}, "finish", {"fail": "went to its end"}]);
    let client = curl(&["-d", &script(steps), &url]);
    client.wait_for_stdout(|text| text == "first");
    client.kill();
    function.wait_for_stderr(|text| text.contains("went to its end"));
    assert_eq!(fetched(&["-d", &script(json!([{"write": "next"}])), &url]).0, "next");
}

#[test]
fn a_large_body_is_whole() {
    let (_function, url) = serve(SCRIPTED);
    let (body, status) = fetched(&[
        "-d",
        &script(json!([{"write_bytes": 3_000_000}, {"send_chunks": 50}])),
        &url,
    ]);
    assert_eq!((body.len(), status), (3_000_000 + 50 * 65_536, Some(0)));
}

#[test]
fn a_head_request_has_no_body() {
    let (_function, url) = serve(example("with_state"));
    let (head, status) = fetched(&["-I", &url]);
    assert_eq!(status, Some(0));
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
}
