//! A handler that fails: the caller is told, of whatever form and size the error is, and no text of it gets into the framing.

use serde_json::{Value, json};
use test_support::{BodyEnd, Event, Response, ResponseKind};

use crate::{all_said, deed, goes_on, misbehaving, script, scripted};

/// The longest trailer section that Lambda takes, in bytes, its last empty line included.
const LONGEST_SECTION: usize = 4096;

/// The longest description of an error that is posted.
const LONGEST_BODY: usize = 64 * 1024;

/// What is on the wire behind the last chunk, `0` line included.
fn tail(answer: &Response) -> &[u8] {
    let raw = answer.raw();
    let zero_chunk = raw.windows(5).rposition(|bytes| bytes == b"\r\n0\r\n");
    &raw[zero_chunk.expect("a zero chunk") + 2..]
}

/// The trailers are two lines and an empty one, and short enough.
#[track_caller]
fn is_well_formed(answer: &Response) {
    assert_eq!((answer.text(), answer.body_end()), ("one", BodyEnd::LastChunk));
    let names: Vec<_> = answer
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
    let section = &tail(answer)[3..];
    assert!(section.len() <= LONGEST_SECTION, "{} bytes of trailers", section.len());
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
fn err_before_the_first_byte_is_one_error_and_no_response() {
    let (lambda, function) = scripted();
    let event = script(json!([{"content_type": "text/plain"}, {"fail_typed": ["Function.Mine", "no luck"]}]));
    let answer = lambda.invoke(event.request_id("id-9"));
    assert_eq!(answer.kind(), ResponseKind::Error);
    assert_eq!(answer.content_type(), Some("application/json"));
    assert_eq!(
        answer.json(),
        json!({"errorMessage": "no luck", "errorType": "Function.Mine", "stackTrace": []})
    );
    assert_eq!(answer.error().header_type, "Function.Mine");
    goes_on(&lambda);
    assert_eq!(lambda.calls(), ["next", "error", "next", "response", "next"]);
    let log = all_said(&function);
    assert!(log.contains("invocation id-9 failed: Function.Mine: no luck"), "{log}");
}

#[test]
fn err_in_mid_stream_is_real_trailers_and_no_text_in_the_body() {
    let (lambda, function) = scripted();
    let answer = lambda.invoke(script(
        json!([{"write": "o"}, {"sleep_ms": 1}, {"write": "ne"}, {"fail": "no luck"}]),
    ));
    assert_eq!(answer.kind(), ResponseKind::Response);
    is_well_formed(&answer);
    assert!(tail(&answer).starts_with(b"0\r\nlambda-runtime-function-error-type: Function.Error\r\n"));
    let error = answer.error();
    assert_eq!(
        (error.error_type.as_str(), error.message.as_str()),
        ("Function.Error", "no luck")
    );
    goes_on(&lambda);
    assert_eq!(lambda.calls(), ["next", "response", "next", "response", "next"]);
    assert!(all_said(&function).contains("no luck"));
}

#[test]
fn err_after_finish_is_only_logged() {
    let (lambda, function) = scripted();
    let answer = lambda.invoke(script(json!([{"write": "one"}, "finish", {"fail": "unseen"}])));
    assert_eq!((answer.text(), answer.body_end()), ("one", BodyEnd::LastChunk));
    assert!(answer.trailers().is_empty());
    goes_on(&lambda);
    assert_eq!(lambda.calls(), ["next", "response", "next", "response", "next"]);
    let log = all_said(&function);
    assert!(
        log.contains("unseen") && log.contains("after the response had ended"),
        "{log}"
    );
}

/// A text is told as it is, in trailers and in a POST, and logged in one line.
fn is_told_as_it_is(text: &str) {
    let (lambda, function) = scripted();
    let answer = lambda.invoke(script(json!([{"write": "one"}, {"fail": text}])));
    is_well_formed(&answer);
    assert_eq!(answer.error().message, text);
    let answer = lambda.invoke(script(json!([{ "fail": text }])));
    assert_eq!(
        (answer.kind(), answer.error().message.as_str()),
        (ResponseKind::Error, text)
    );
    goes_on(&lambda);
    assert_eq!(all_said(&function).lines().count(), 2);
}

rows! { is_told_as_it_is:
    a_text_with_line_ends_is_told_as_it_is("one\r\ntwo\nthree\rfour\r\n\r\n")
    a_text_that_looks_like_trailers_is_told_as_it_is("no\r\n0\r\n\r\nLambda-Runtime-Function-Error-Type: Function.Evil\r\n\r\n")
    a_text_with_nul_is_told_as_it_is("one\0two\0")
    a_text_with_quotes_is_told_as_it_is(r#"{"errorType":"x"} '`\" \\"#)
    a_text_beyond_ascii_is_told_as_it_is("Übergröße, 東京, 🦀, e\u{301}, \u{202e}")
    a_text_with_control_characters_is_told_as_it_is("\u{1b}[31m\u{7f}\u{85}\u{2028}")
    an_empty_text_is_told_as_it_is("")
}

/// Each end of the wire gets what it can take, and is told how much is missing.
fn is_cut(letter: &str, times: usize) {
    let text = letter.repeat(times);
    let (lambda, function) = scripted();
    let in_trailers = lambda.invoke(script(json!([{"write": "one"}, {"fail": text}])));
    is_well_formed(&in_trailers);
    let in_a_post = lambda.invoke(script(json!([{ "fail": text }])));
    assert!((LONGEST_BODY - 100..=LONGEST_BODY).contains(&in_a_post.body().len()));
    for answer in [in_trailers, in_a_post] {
        let message = answer.error().message;
        let (front, note) = message.split_once(" … (cut: ").expect("a note");
        assert!(text.starts_with(front) && !front.is_empty());
        assert_eq!(note, format!("{} bytes left out)", text.len() - front.len()));
    }
    goes_on(&lambda);
    // The log has it whole.
    assert!(all_said(&function).len() > 2 * text.len());
}

rows! { is_cut:
    a_text_of_a_megabyte_is_cut_and_says_so("x", 1_000_000)
    a_long_text_of_quotes_is_cut_and_says_so("\"", 70_000)
    a_long_text_of_nuls_is_cut_and_says_so("\0", 70_000)
    a_long_text_of_crabs_is_cut_between_two_of_them("🦀", 20_000)
}

#[test]
fn the_longest_text_that_is_told_whole_is_not_cut() {
    let (lambda, _function) = scripted();
    let fail = |size: usize| lambda.invoke(script(json!([{"write": "one"}, {"fail": "x".repeat(size)}])));
    let is_whole = |size: usize| {
        let answer = fail(size);
        is_well_formed(&answer);
        let message = answer.error().message;
        assert!(message.len() == size || message.contains("(cut: "), "{message}");
        message.len() == size
    };
    let longest = (1..LONGEST_SECTION)
        .collect::<Vec<_>>()
        .partition_point(|size| is_whole(*size));
    // As base64 it is a third longer.
    assert!((2_800..3_000).contains(&longest), "{longest}");
}

// Its type.

/// What goes out is visible ASCII, and never empty.
fn is_called(error_type: &str, called: &str) {
    let (lambda, _function) = scripted();
    let fail = json!({"fail_typed": [error_type, "no luck"]});
    let in_trailers = lambda.invoke(script(json!([{"write": "one"}, fail])));
    is_well_formed(&in_trailers);
    let in_a_post = lambda.invoke(script(json!([fail])));
    for answer in [in_trailers, in_a_post] {
        assert_eq!(
            (answer.error().header_type.as_str(), answer.error().message.as_str()),
            (called, "no luck")
        );
    }
    goes_on(&lambda);
}

rows! { is_called:
    a_type_with_line_ends_stays_on_its_line("Mine\r\nX-Evil: 1\r\n\r\n", "MineX-Evil:1")
    a_type_beyond_ascii_goes_without_it("Öl.Leck\u{85}", "l.Leck")
    a_type_of_nothing_visible_is_an_error_all_the_same("\r\n\0 \u{7f}", "Function.Error")
    a_type_of_a_megabyte_is_cut(&"T".repeat(1_000_000), &("T".repeat(253) + "..."))
}

#[test]
fn a_generic_type_is_called_by_its_name_alone() {
    let (lambda, _function) = misbehaving();
    let error = lambda.invoke(deed(json!({"generic_error": "in a wrapper"}))).error();
    assert_eq!(
        (error.header_type.as_str(), error.message.as_str()),
        ("Function.Wrapped", "in a wrapper")
    );
}

// Its causes.

#[test]
fn a_long_chain_of_causes_is_cut_and_counted() {
    let (lambda, _function) = misbehaving();
    let error = lambda.invoke(deed(json!({"error_chain": 500}))).error();
    let whole: Vec<_> = (1..=500).map(|n| format!("source {n}")).collect();
    assert_eq!((error.message.as_str(), error.stack_trace), ("source 0", whole));
    let error = lambda.invoke(deed(json!({"error_chain": 5_000}))).error();
    assert_eq!(error.stack_trace.len(), 1000);
}

#[test]
fn an_error_that_is_its_own_cause_is_told() {
    let (lambda, _function) = misbehaving();
    let answer = lambda.invoke(deed(json!("cyclic_error")));
    assert_eq!(answer.error().message, "cyclic error");
    assert_eq!(lambda.invoke(deed(json!({"write": "alive"}))).text(), "alive");
}

#[test]
fn an_error_that_panics_when_it_is_asked_for_its_text_is_a_panic() {
    let (lambda, _function) = misbehaving();
    let error = lambda.invoke(deed(json!("panicking_error"))).error();
    assert_eq!(
        (error.header_type.as_str(), error.message.as_str()),
        ("Function.Panic", "no message")
    );
    assert_eq!(lambda.invoke(deed(json!({"write": "alive"}))).text(), "alive");
}

// Where it comes from.

#[test]
fn a_returned_stream_fails_before_its_first_item_or_after_it() {
    let (lambda, _function) = crate::start(env!("CARGO_BIN_EXE_items"));
    let invoke = |order: Value| lambda.invoke(Event::json(order.to_string()));
    let answer = invoke(json!({"items": ["one"], "then": "fail"}));
    is_well_formed(&answer);
    let error = answer.error();
    assert_eq!(
        (error.header_type.as_str(), error.message.as_str()),
        ("Function.OutOfItems", "there are no more items")
    );
    let answer = invoke(json!({"then": "fail"}));
    assert_eq!(
        (answer.kind(), answer.error().header_type.as_str()),
        (ResponseKind::Error, "Function.OutOfItems")
    );
    let answer = invoke(json!({"error": "not today"}));
    assert_eq!(
        (answer.kind(), answer.error().message.as_str()),
        (ResponseKind::Error, "not today")
    );
}

#[test]
fn a_stream_that_was_dropped_does_not_hide_a_later_error() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(
        json!([{"write": "one"}, "drop", {"sleep_ms": 20}, {"fail": "too bad"}]),
    ));
    assert_eq!((answer.text(), answer.error().message.as_str()), ("one", "too bad"));
    goes_on(&lambda);
}
