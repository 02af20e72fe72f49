//! `InvokeWithResponseStream`: messages, errors of the function, and callers that disconnect.

use std::fs;

use serde_json::{Value, json};
use test_support::{TemporaryDirectory, send_request};

use crate::event_stream::{Message, Messages, decode_all};
use crate::{JSON_DOCUMENT, RESPONSE_STREAM, SCRIPTED, decode_log, invoke, post, script, serve};

/// Runs these steps of the function `scripted`. Returns the payload, and the content of `InvokeComplete`.
#[track_caller]
fn run(url: &str, headers: &[&str], steps: Value) -> (String, Value) {
    let response = send_request(url, post(RESPONSE_STREAM, headers, script(steps)));
    assert_eq!(response.status(), 200);
    let (payload, completion) = decode_all(&response.body);
    (String::from_utf8(payload).unwrap(), completion)
}

fn details(completion: &Value) -> Value {
    serde_json::from_str(completion["ErrorDetails"].as_str().unwrap()).unwrap()
}

/// The function writes a chunk only after the caller has received the chunk before, so no message may stay in a buffer.
#[test]
fn chunk_is_sent_before_next_is_written() {
    let directory = TemporaryDirectory::new("messages");
    let (_function, url) = serve(SCRIPTED, &[]);
    let mut steps = Vec::new();
    for number in 0..10 {
        let received = directory.file(number.to_string());
        steps.extend([
            json!({"write": number.to_string()}),
            json!("flush"),
            json!({"await_file": received}),
        ]);
    }
    let request = post(RESPONSE_STREAM, &[], script(steps.into()));
    let mut messages = Messages::open(&url, &request);
    for number in 0..10 {
        assert_eq!(messages.next(), Some(Message::chunk(number.to_string())));
        fs::write(directory.file(number.to_string()), "").unwrap();
    }
    assert_eq!(messages.next(), Some(Message::InvokeComplete(json!({}))));
    assert_eq!(messages.next(), None);
}

#[test]
fn buffered_response_is_one_chunk() {
    let (_function, url) = serve(JSON_DOCUMENT, &[]);
    let request = post(RESPONSE_STREAM, &[], r#"{"document":["one","two"]}"#);
    let mut messages = Messages::open(&url, &request);
    assert_eq!(messages.next(), Some(Message::chunk(r#"["one","two"]"#)));
    assert_eq!(messages.next(), Some(Message::InvokeComplete(json!({}))));
}

#[test]
fn prelude_and_large_response_arrive_verbatim() {
    let (_function, url) = serve(SCRIPTED, &[]);
    let (payload, _) = run(&url, &[], json!([{"prelude": {"status": 201}}, {"write": "body"}]));
    assert!(
        payload.starts_with("{\"statusCode\":201") && payload.ends_with("\0\0\0\0\0\0\0\0body"),
        "{payload:?}"
    );
    let (payload, completion) = run(&url, &[], json!([{"send_chunks": 400}]));
    assert_eq!((payload.len(), completion), (400 * 64 * 1024, json!({})));
    assert_eq!(run(&url, &[], json!([])), (String::new(), json!({})));
}

#[test]
fn mid_stream_error_ends_stream_with_code_and_details() {
    let (_function, url) = serve(SCRIPTED, &[]);
    let steps = json!([{"write": "one"}, "flush", {"fail_typed": ["Function.Broken", "reason"]}]);
    let (payload, completion) = run(&url, &[], steps);
    assert_eq!(
        (payload.as_str(), &completion["ErrorCode"]),
        ("one", &json!("Unhandled"))
    );
    let details = details(&completion);
    assert_eq!(
        (&details["errorType"], &details["errorMessage"]),
        (&json!("Function.Broken"), &json!("reason"))
    );
    assert_eq!(completion.get("LogResult"), None);
}

#[test]
fn error_before_first_byte_ends_stream() {
    let (_function, url) = serve(SCRIPTED, &[]);
    let (payload, completion) = run(&url, &[], json!([{"fail": "reason"}]));
    assert_eq!((payload.as_str(), &completion["ErrorCode"]), ("", &json!("Unhandled")));
    assert_eq!(details(&completion)["errorMessage"], "reason");
}

#[test]
fn aborted_process_ends_stream_with_type_of_error() {
    let (_function, url) = serve(SCRIPTED, &[]);
    let (payload, completion) = run(&url, &[], json!(["abort"]));
    assert_eq!(
        (payload.as_str(), &completion["ErrorCode"]),
        ("", &json!("Runtime.ExitError"))
    );
    let (payload, completion) = run(&url, &[], json!([{"write": "one"}, "flush", "abort"]));
    assert_eq!(
        (payload.as_str(), &completion["ErrorCode"]),
        ("one", &json!("Runtime.TruncatedResponse"))
    );
    assert_eq!(details(&completion)["errorType"], "Runtime.TruncatedResponse");
}

#[test]
fn log_follows_last_chunk() {
    let (_function, url) = serve(SCRIPTED, &[]);
    let steps = json!([{"print_error": "before"}, {"write": "x"}, "finish", {"print_error": "after"}]);
    let (payload, completion) = run(&url, &["X-Amz-Log-Type: Tail"], steps);
    let log = decode_log(completion["LogResult"].as_str().unwrap());
    assert_eq!(payload, "x");
    assert!(
        log.starts_with("START RequestId: ") && log.contains("\nbefore\nafter\nEND RequestId: "),
        "{log}"
    );
    let steps = json!([{"write": "x"}, {"fail_typed": ["Function.Broken", "reason"]}]);
    let (_, completion) = run(&url, &["X-Amz-Log-Type: Tail"], steps);
    let log = decode_log(completion["LogResult"].as_str().unwrap());
    assert!(log.contains("\tStatus: error\tError Type: Function.Broken\n"), "{log}");
}

#[test]
fn dry_run_gets_204() {
    let (_function, url) = serve(SCRIPTED, &[]);
    let headers = ["X-Amz-Invocation-Type: DryRun"];
    let response = send_request(&url, post(RESPONSE_STREAM, &headers, script(json!([]))));
    assert_eq!((response.status(), response.body.len()), (204, 0));
}

#[test]
fn caller_that_disconnects_does_not_stop_function() {
    let directory = TemporaryDirectory::new("stream-disconnect");
    let file = directory.file("continue");
    let (function, url) = serve(SCRIPTED, &[]);
    let steps = json!([
        {"write": "one"}, "flush", {"await_file": file}, {"send_chunks": 100}, "finish", {"print_error": "responded"}
    ]);
    let mut messages = Messages::open(&url, &post(RESPONSE_STREAM, &[], script(steps)));
    assert_eq!(messages.next(), Some(Message::chunk("one")));
    drop(messages);
    fs::write(file, "").unwrap();
    function.wait_for_stderr(|text| text.contains("responded"));
    assert_eq!(invoke(&url, &[], json!([{"write": "ok"}])).text(), "ok");
}

/// A caller that does not read makes the function wait: the response is larger than all buffers together.
#[test]
fn slow_caller_makes_function_wait() {
    let (function, url) = serve(SCRIPTED, &[]);
    let steps = json!([{"print_error": "started"}, {"send_chunks": 1000}, "finish", {"print_error": "responded"}]);
    let mut messages = Messages::open(&url, &post(RESPONSE_STREAM, &[], script(steps)));
    function.wait_for_stderr(|text| text.contains("started"));
    let second = invoke(&url, &[], json!([{"write": "ok"}]));
    assert_eq!(second.text(), "ok");
    assert!(!function.stderr().contains("responded"));
    let mut length = 0;
    loop {
        match messages.next() {
            Some(Message::PayloadChunk(chunk)) => length += chunk.len(),
            message => {
                assert_eq!(message, Some(Message::InvokeComplete(json!({}))));
                break;
            }
        }
    }
    assert_eq!(length, 1000 * 64 * 1024);
}
