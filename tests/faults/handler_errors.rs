//! Handlers that return an error. The caller receives the error whatever its form and size, and no text of the error reaches
//! the HTTP framing.

use serde_json::{Value, json};
use test_support::{BodyEnd, Event, Response, ResponseKind};

use crate::{assert_loop_continues, kill_and_read_log, misuse, script, start_misbehaving, start_scripted};

/// The maximum size of a trailer section that Lambda accepts, in bytes, including the final CRLF.
const TRAILERS_LIMIT: usize = 4096;

/// The maximum size of the JSON in a `POST …/error`, in bytes.
const ERROR_BODY_LIMIT: usize = 64 * 1024;

/// Returns the bytes from the size of the last chunk on.
fn last_chunk_and_trailers(response: &Response) -> &[u8] {
    let raw = response.raw();
    let last_chunk = raw.windows(5).rposition(|bytes| bytes == b"\r\n0\r\n");
    &raw[last_chunk.expect("a last chunk") + 2..]
}

/// Asserts that the body is "one", and the trailer section has two fields of visible ASCII and respects the size limit.
#[track_caller]
fn assert_error_trailers(response: &Response) {
    assert_eq!((response.text(), response.body_end()), ("one", BodyEnd::LastChunk));
    let names: Vec<_> = response
        .trailers()
        .into_iter()
        .map(|(name, _)| name.to_lowercase())
        .collect();
    assert_eq!(
        names,
        [
            "lambda-runtime-function-error-type",
            "lambda-runtime-function-error-body"
        ]
    );
    let section = &last_chunk_and_trailers(response)[3..];
    assert!(section.len() <= TRAILERS_LIMIT, "{} bytes of trailers", section.len());
    let text = std::str::from_utf8(section).expect("ASCII");
    let lines: Vec<_> = text.split("\r\n").collect();
    assert!(lines.len() == 4 && lines[2..] == ["", ""], "{text:?}");
    assert!(
        text.bytes()
            .all(|byte| byte.is_ascii_graphic() || b" \r\n".contains(&byte)),
        "{text:?}"
    );
}

#[test]
fn error_before_first_byte_posts_error() {
    let (lambda, function) = start_scripted();
    let event = script(json!([{"content_type": "text/plain"}, {"fail_typed": ["Function.Mine", "no luck"]}]));
    let response = lambda.invoke(event.request_id("id-9"));
    assert_eq!(response.kind(), ResponseKind::Error);
    assert_eq!(response.content_type(), Some("application/json"));
    assert_eq!(
        response.json(),
        json!({"errorMessage": "no luck", "errorType": "Function.Mine", "stackTrace": []})
    );
    assert_eq!(response.error().header_type, "Function.Mine");
    assert_loop_continues(&lambda);
    assert_eq!(lambda.calls(), ["next", "error", "next", "response", "next"]);
    let log = kill_and_read_log(&function);
    assert!(log.contains("invocation id-9 failed: Function.Mine: no luck"), "{log}");
}

#[test]
fn error_in_mid_stream_sends_trailers() {
    let (lambda, function) = start_scripted();
    let response = lambda.invoke(script(
        json!([{"write": "o"}, {"sleep_ms": 1}, {"write": "ne"}, {"fail": "no luck"}]),
    ));
    assert_eq!(response.kind(), ResponseKind::Response);
    assert_error_trailers(&response);
    assert!(
        last_chunk_and_trailers(&response).starts_with(b"0\r\nlambda-runtime-function-error-type: Function.Error\r\n")
    );
    let error = response.error();
    assert_eq!(
        (error.error_type.as_str(), error.message.as_str()),
        ("Function.Error", "no luck")
    );
    assert_loop_continues(&lambda);
    assert_eq!(lambda.calls(), ["next", "response", "next", "response", "next"]);
    assert!(kill_and_read_log(&function).contains("no luck"));
}

#[test]
fn error_after_finish_is_only_logged() {
    let (lambda, function) = start_scripted();
    let response = lambda.invoke(script(json!([{"write": "one"}, "finish", {"fail": "too late"}])));
    assert_eq!((response.text(), response.body_end()), ("one", BodyEnd::LastChunk));
    assert!(response.trailers().is_empty());
    assert_loop_continues(&lambda);
    assert_eq!(lambda.calls(), ["next", "response", "next", "response", "next"]);
    let log = kill_and_read_log(&function);
    assert!(
        log.contains("too late") && log.contains("the response had already ended"),
        "{log}"
    );
}

/// The message is reported verbatim, in trailers and in a POST, and logged in one line.
fn assert_verbatim(message: &str) {
    let (lambda, function) = start_scripted();
    let response = lambda.invoke(script(json!([{"write": "one"}, {"fail": message}])));
    assert_error_trailers(&response);
    assert_eq!(response.error().message, message);
    let response = lambda.invoke(script(json!([{ "fail": message }])));
    assert_eq!(
        (response.kind(), response.error().message.as_str()),
        (ResponseKind::Error, message)
    );
    assert_loop_continues(&lambda);
    assert_eq!(kill_and_read_log(&function).lines().count(), 2);
}

cases! { assert_verbatim:
    message_with_line_ends_is_verbatim("one\r\ntwo\nthree\rfour\r\n\r\n")
    message_like_trailers_is_verbatim("no\r\n0\r\n\r\nLambda-Runtime-Function-Error-Type: Function.Evil\r\n\r\n")
    message_with_nul_is_verbatim("one\0two\0")
    message_with_quotes_is_verbatim(r#"{"errorType":"x"} '`\" \\"#)
    message_beyond_ascii_is_verbatim("Übergröße, 東京, 🦀, e\u{301}, \u{202e}")
    message_with_control_characters_is_verbatim("\u{1b}[31m\u{7f}\u{85}\u{2028}")
    empty_message_is_verbatim("")
}

/// A long message is truncated to the limit of each form and says how many bytes are left out.
fn assert_truncated(character: &str, count: usize) {
    let text = character.repeat(count);
    let (lambda, function) = start_scripted();
    let in_trailers = lambda.invoke(script(json!([{"write": "one"}, {"fail": text}])));
    assert_error_trailers(&in_trailers);
    let in_post = lambda.invoke(script(json!([{ "fail": text }])));
    assert!((ERROR_BODY_LIMIT - 100..=ERROR_BODY_LIMIT).contains(&in_post.body().len()));
    for response in [in_trailers, in_post] {
        let message = response.error().message;
        let (start, note) = message.split_once(" … (truncated: ").expect("a note");
        assert!(text.starts_with(start) && !start.is_empty());
        assert_eq!(note, format!("{} more bytes)", text.len() - start.len()));
    }
    assert_loop_continues(&lambda);
    let log = kill_and_read_log(&function);
    assert_eq!(log.lines().count(), 2);
    assert!(log.lines().all(|line| line.ends_with(" more bytes)")));
}

cases! { assert_truncated:
    megabyte_message_is_truncated("x", 1_000_000)
    long_message_of_quotes_is_truncated("\"", 70_000)
    long_message_of_nuls_is_truncated("\0", 70_000)
    long_message_is_truncated_between_characters("🦀", 20_000)
}

#[test]
fn message_up_to_trailer_limit_is_not_truncated() {
    let (lambda, _function) = start_scripted();
    let fail = |size: usize| lambda.invoke(script(json!([{"write": "one"}, {"fail": "x".repeat(size)}])));
    let is_whole = |size: usize| {
        let response = fail(size);
        assert_error_trailers(&response);
        let message = response.error().message;
        assert!(message.len() == size || message.contains("(truncated: "), "{message}");
        message.len() == size
    };
    let longest = (1..TRAILERS_LIMIT)
        .collect::<Vec<_>>()
        .partition_point(|size| is_whole(*size));
    // base64 makes the message a third longer.
    assert!((2_800..3_000).contains(&longest), "{longest}");
}

// Error types.

/// The reported type is visible ASCII and not empty.
fn assert_reported_type(error_type: &str, expected: &str) {
    let (lambda, _function) = start_scripted();
    let fail = json!({"fail_typed": [error_type, "no luck"]});
    let in_trailers = lambda.invoke(script(json!([{"write": "one"}, fail])));
    assert_error_trailers(&in_trailers);
    let in_post = lambda.invoke(script(json!([fail])));
    for response in [in_trailers, in_post] {
        assert_eq!(
            (response.error().header_type.as_str(), response.error().message.as_str()),
            (expected, "no luck")
        );
    }
    assert_loop_continues(&lambda);
}

cases! { assert_reported_type:
    line_ends_in_error_type_are_removed("Mine\r\nX-Evil: 1\r\n\r\n", "MineX-Evil:1")
    non_ascii_in_error_type_is_removed("Öl.Leck\u{85}", "l.Leck")
    invisible_error_type_is_replaced("\r\n\0 \u{7f}", "Function.Error")
    megabyte_error_type_is_truncated(&"T".repeat(1_000_000), &("T".repeat(253) + "..."))
}

#[test]
fn generic_error_type_is_reported_without_parameters() {
    let (lambda, _function) = start_misbehaving();
    let error = lambda.invoke(misuse(json!({"generic_error": "in a wrapper"}))).error();
    assert_eq!(
        (error.header_type.as_str(), error.message.as_str()),
        ("Function.Wrapped", "in a wrapper")
    );
}

// Error sources.

#[test]
fn long_chain_of_sources_is_truncated() {
    let (lambda, _function) = start_misbehaving();
    let error = lambda.invoke(misuse(json!({"error_chain": 500}))).error();
    let sources: Vec<_> = (1..=500).map(|n| format!("source {n}")).collect();
    assert_eq!((error.message.as_str(), error.stack_trace), ("source 0", sources));
    let error = lambda.invoke(misuse(json!({"error_chain": 5_000}))).error();
    assert_eq!(error.stack_trace.len(), 1000);
}

#[test]
fn cyclic_error_is_reported() {
    let (lambda, _function) = start_misbehaving();
    let response = lambda.invoke(misuse(json!("cyclic_error")));
    assert_eq!(response.error().message, "cyclic error");
    assert_eq!(lambda.invoke(misuse(json!({"write": "alive"}))).text(), "alive");
}

#[test]
fn panic_in_error_display_is_reported_as_panic() {
    let (lambda, _function) = start_misbehaving();
    let error = lambda.invoke(misuse(json!("panicking_error"))).error();
    assert_eq!(
        (error.header_type.as_str(), error.message.as_str()),
        ("Function.Panic", "no message")
    );
    assert_eq!(lambda.invoke(misuse(json!({"write": "alive"}))).text(), "alive");
}

// Errors of streams.

#[test]
fn returned_stream_error_before_and_after_first_item() {
    let (lambda, _function) = crate::start(env!("CARGO_BIN_EXE_items"));
    let invoke = |event: Value| lambda.invoke(Event::json(event.to_string()));
    let response = invoke(json!({"items": ["one"], "then": "fail"}));
    assert_error_trailers(&response);
    let error = response.error();
    assert_eq!(
        (error.header_type.as_str(), error.message.as_str()),
        ("Function.OutOfItems", "there are no more items")
    );
    let response = invoke(json!({"then": "fail"}));
    assert_eq!(
        (response.kind(), response.error().header_type.as_str()),
        (ResponseKind::Error, "Function.OutOfItems")
    );
    let response = invoke(json!({"error": "not today"}));
    assert_eq!(
        (response.kind(), response.error().message.as_str()),
        (ResponseKind::Error, "not today")
    );
}

#[test]
fn error_after_dropped_stream_is_reported() {
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(script(
        json!([{"write": "one"}, "drop", {"sleep_ms": 20}, {"fail": "too bad"}]),
    ));
    assert_eq!((response.text(), response.error().message.as_str()), ("one", "too bad"));
    assert_loop_continues(&lambda);
}
