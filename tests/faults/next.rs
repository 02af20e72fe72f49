//! `GET invocation/next`: what cannot be mended ends the process with one line; no event is handled twice.

use std::time::Duration;

use serde_json::json;
use test_support::{ConnectionFault, Event, Process, ResponseKind};

use crate::{
    ACCEPTED, CUT_HEAD, GARBAGE, all_said, count, ended, goes_on, over_a_dead_connection, script, scripted, start,
    waiting,
};

const FAILED: &str = "GET invocation/next failed";

/// An event that is not all there.
const CUT_EVENT: &str =
    "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: cut\r\nContent-Length: 100\r\n\r\n{\"steps\"";

// A connection that is lost while `next` waits.

/// It is replaced once, without a word, and no event is lost.
fn is_replaced(broken: ConnectionFault) {
    let (lambda, function) = waiting();
    lambda.fail_next(broken);
    goes_on(&lambda);
    assert_eq!((lambda.connections(), count(&lambda, "response")), (2, 1));
    assert_eq!(all_said(&function), "");
}

rows! { is_replaced:
    a_connection_that_is_closed_is_replaced_without_a_word(ConnectionFault::closed())
    a_connection_that_is_half_closed_is_replaced_without_a_word(ConnectionFault::half_closed())
    a_connection_that_is_reset_is_replaced_without_a_word(ConnectionFault::reset())
    a_connection_that_is_closed_in_the_head_of_the_answer_is_replaced_without_a_word(ConnectionFault::closed().after_sending(CUT_HEAD))
    a_connection_that_is_reset_in_the_head_of_the_answer_is_replaced_without_a_word(ConnectionFault::reset().after_sending(CUT_HEAD))
}

/// It is not replaced a second time.
fn is_fatal_twice(broken: ConnectionFault) {
    let (lambda, function) = waiting();
    lambda.fail_next(broken.clone());
    lambda.fail_next(broken);
    ended(&function, &[FAILED]);
    assert_eq!(lambda.calls(), ["next", "next"]);
}

rows! { is_fatal_twice:
    a_connection_that_is_closed_twice_ends_the_process(ConnectionFault::closed())
    a_connection_that_is_half_closed_twice_ends_the_process(ConnectionFault::half_closed())
    a_connection_that_is_reset_twice_ends_the_process(ConnectionFault::reset())
    a_connection_that_is_closed_twice_in_the_head_of_the_answer_ends_the_process(ConnectionFault::closed().after_sending(CUT_HEAD))
}

#[test]
fn each_event_has_a_lost_connection_of_its_own() {
    let (lambda, function) = waiting();
    for broken in [
        ConnectionFault::closed(),
        ConnectionFault::reset(),
        ConnectionFault::closed(),
    ] {
        lambda.fail_next(broken);
        goes_on(&lambda);
    }
    assert_eq!((count(&lambda, "next"), count(&lambda, "response")), (7, 3));
    assert_eq!(all_said(&function), "");
}

#[test]
fn a_connection_that_cannot_be_replaced_ends_the_process() {
    let (lambda, function) = waiting();
    lambda.refuse_connections();
    lambda.close_next();
    ended(&function, &[FAILED, "refused"]);
}

#[test]
fn without_a_runtime_api_to_connect_to_the_process_says_so() {
    let mut command = Process::command(env!("CARGO_BIN_EXE_scripted"));
    // Nothing serves port 1, and no test is ever given it.
    command.env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1");
    ended(&Process::spawn(command), &[FAILED, "refused"]);
}

// An answer that is not what it should be.

/// It ends the process, and is asked for no second time.
fn is_fatal(broken: ConnectionFault) {
    let (lambda, function) = waiting();
    lambda.fail_next(broken);
    ended(&function, &[FAILED]);
    assert_eq!(lambda.calls(), ["next"]);
}

rows! { is_fatal:
    an_event_that_is_cut_by_the_end_of_the_connection_ends_the_process(ConnectionFault::closed().after_sending(CUT_EVENT))
    an_event_that_is_cut_by_a_half_closed_connection_ends_the_process(ConnectionFault::half_closed().after_sending(CUT_EVENT))
    an_event_that_is_cut_by_a_reset_ends_the_process(ConnectionFault::reset().after_sending(CUT_EVENT))
    garbage_in_place_of_an_answer_ends_the_process(ConnectionFault::stalled().after_sending(GARBAGE))
    garbage_that_ends_the_connection_ends_the_process(ConnectionFault::closed().after_sending([0; 100]))
    a_status_that_is_no_number_ends_the_process(ConnectionFault::stalled().after_sending("HTTP/1.1 abc OK\r\n\r\n"))
    an_answer_of_two_lengths_ends_the_process(
        ConnectionFault::stalled().after_sending("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"))
    a_head_without_end_ends_the_process(ConnectionFault::stalled().after_sending("HTTP/1.1 200 OK\r\n".to_owned() + &"A: b\r\n".repeat(100_000)))
}

/// Any status but 2xx ends the process, with what Lambda says.
fn is_refused(status: u16) {
    let (lambda, function) = waiting();
    lambda.respond_to_next(
        status,
        r#"{"errorType":"InternalServerError","errorMessage":"try\r\nelsewhere"}"#,
    );
    let refused = format!("GET invocation/next was refused with {status}");
    ended(&function, &[&refused, r"InternalServerError: try\r\nelsewhere"]);
    assert_eq!(lambda.calls(), ["next"]);
}

rows! { is_refused:
    a_400_ends_the_process(400)
    a_403_ends_the_process(403)
    a_410_ends_the_process(410)
    a_413_ends_the_process(413)
    a_500_ends_the_process(500)
}

/// What Lambda says in so many bytes, whose last word is `end`.
fn long_refusal(length: usize) -> String {
    let words = "x".repeat(length);
    json!({"errorType": "InternalServerError", "errorMessage": words + " end"}).to_string()
}

#[test]
fn a_refusal_of_many_words_is_told_with_all_of_them() {
    let (lambda, function) = waiting();
    lambda.respond_to_next(500, &long_refusal(60_000));
    ended(&function, &["GET invocation/next was refused with 500", "x end"]);
}

#[test]
fn a_refusal_of_a_megabyte_is_told_without_its_words() {
    let (lambda, function) = waiting();
    lambda.respond_to_next(500, &long_refusal(1_000_000));
    ended(
        &function,
        &["GET invocation/next was refused with 500 Internal Server Error\n"],
    );
}

#[test]
fn a_redirect_is_not_followed_and_ends_the_process() {
    let (lambda, function) = waiting();
    let found = format!(
        "HTTP/1.1 302 Found\r\nLocation: http://{}/elsewhere\r\nContent-Length: 0\r\n\r\n",
        lambda.address()
    );
    lambda.fail_next(ConnectionFault::stalled().after_sending(found));
    ended(&function, &["GET invocation/next was refused with 302"]);
    assert_eq!(lambda.calls(), ["next"]);
}

#[test]
fn a_refusal_that_is_not_json_ends_the_process_all_the_same() {
    let (lambda, function) = waiting();
    lambda.respond_to_next(500, "<html>\n<h1>sorry</h1>");
    ended(&function, &["GET invocation/next was refused with 500"]);
}

#[test]
fn a_refusal_that_is_cut_ends_the_process_all_the_same() {
    let (lambda, function) = waiting();
    let cut = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 100\r\n\r\n{\"errorType\":";
    lambda.fail_next(ConnectionFault::closed().after_sending(cut));
    ended(&function, &["GET invocation/next was refused with 500"]);
}

#[test]
fn a_refusal_that_stalls_ends_the_process_all_the_same() {
    let (lambda, function) = waiting();
    let cut = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 100\r\n\r\n{\"errorType\":";
    lambda.fail_next(ConnectionFault::stalled().after_sending(cut));
    ended(&function, &["GET invocation/next was refused with 500"]);
}

#[test]
fn an_event_without_a_request_id_ends_the_process() {
    let (lambda, function) = scripted();
    lambda.queue(script(json!([])).without_header("Lambda-Runtime-Aws-Request-Id"));
    ended(&function, &["GET invocation/next", "Lambda-Runtime-Aws-Request-Id"]);
}

#[test]
fn an_event_whose_request_id_is_no_text_ends_the_process() {
    let (lambda, function) = scripted();
    lambda.queue(script(json!([])).header("Lambda-Runtime-Aws-Request-Id", b"\xff\xfe"));
    ended(&function, &["GET invocation/next", "Lambda-Runtime-Aws-Request-Id"]);
}

// What is no fault.

#[test]
fn an_idle_answer_is_no_event() {
    let (lambda, function) = scripted();
    lambda.respond_to_next(204, "");
    lambda.respond_to_next(408, "");
    goes_on(&lambda);
    assert_eq!(all_said(&function), "");
}

#[test]
fn one_idle_answer_after_another_makes_no_hurry() {
    let (lambda, _function) = scripted();
    for _ in 0..20 {
        lambda.respond_to_next(204, "");
    }
    goes_on(&lambda);
    let requests = lambda.requests();
    assert!(requests[20].at - requests[0].at >= Duration::from_millis(20 * 20));
}

/// An event may come in pieces, with time between them.
fn is_waited_for(after_bytes: usize) {
    let (lambda, function) = scripted();
    let event = script(json!([{"write": "in pieces"}]));
    let answer = lambda.invoke(event.pause_delivery_after(after_bytes, Duration::from_millis(300)));
    assert_eq!(answer.text(), "in pieces");
    goes_on(&lambda);
    assert_eq!(all_said(&function), "");
}

rows! { is_waited_for:
    an_answer_that_pauses_at_its_first_byte_is_waited_for(1)
    an_answer_that_pauses_in_its_head_is_waited_for(100)
    an_event_that_pauses_in_its_body_is_waited_for(400)
}

#[test]
fn an_event_of_6_mb_is_taken_and_given_back_whole() {
    let (lambda, _function) = scripted();
    let text = "0123456789abcdef".repeat(6_000_000 / 16);
    let answer = lambda.invoke(script(json!([{ "write": text }])));
    assert!(answer.text() == text, "{} bytes", answer.body().len());
    goes_on(&lambda);
}

/// What a handler cannot take is told to the caller, with the reason.
fn is_an_error(event: impl AsRef<[u8]>, reason: &str) {
    let (lambda, function) = scripted();
    let answer = lambda.invoke(Event::json(event));
    let error = answer.error();
    assert_eq!(
        (answer.kind(), error.header_type.as_str()),
        (ResponseKind::Error, "Function.InvalidEvent")
    );
    assert!(error.message.contains(reason), "{error:?}");
    goes_on(&lambda);
    assert!(all_said(&function).contains(reason));
}

rows! { is_an_error:
    an_event_that_is_not_utf_8_is_an_error(b"\"\xff\xfe\"", "line 1 column 2")
    an_event_that_is_not_json_is_an_error("hello", "expected value at line 1 column 1")
    an_event_that_is_cut_json_is_an_error("{\"steps\":", "EOF while parsing")
    an_empty_event_is_an_error("", "EOF while parsing")
    an_event_nested_without_measure_is_an_error("[".repeat(1_000_000), "recursion limit")
}

#[test]
fn an_event_of_another_form_is_an_error_that_says_where() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(Event::json(r#"{"steps": 3}"#));
    let error = answer.error();
    assert_eq!(answer.kind(), ResponseKind::Error);
    assert!(error.message.contains("invalid type: integer `3`"), "{error:?}");
    goes_on(&lambda);
}

#[test]
fn a_raw_event_is_its_bytes_whatever_they_are() {
    let (lambda, _function) = start(env!("CARGO_BIN_EXE_builder"));
    let answer = lambda.invoke(Event::json(b"\xff\0\r\n\xfe"));
    assert_eq!(answer.body(), b"> \xff\0\r\n\xfe");
}

#[test]
fn a_deadline_past_the_end_of_time_is_no_panic() {
    let (lambda, _function) = scripted();
    let event = script(json!([{"write": "hi"}]));
    let answer = lambda.invoke(event.header("Lambda-Runtime-Deadline-Ms", u64::MAX.to_string()));
    assert_eq!((answer.text(), answer.failed()), ("hi", false));
    goes_on(&lambda);
}

// A connection that dies between an event and its answer.

/// The answer goes over another, without a word.
fn is_answered_over_another(broken: ConnectionFault) {
    let (lambda, function) = scripted();
    let answer = over_a_dead_connection(&lambda, &function, broken, json!({"write": "hi"})).wait();
    assert_eq!((answer.text(), answer.failed()), ("hi", false));
    goes_on(&lambda);
    assert_eq!((lambda.connections(), count(&lambda, "response")), (2, 2));
    assert_eq!(all_said(&function), "");
}

rows! { is_answered_over_another:
    an_event_whose_connection_is_closed_behind_it_is_answered_over_another(ConnectionFault::closed())
    an_event_whose_connection_is_half_closed_behind_it_is_answered_over_another(ConnectionFault::half_closed())
    an_event_whose_connection_is_reset_behind_it_is_answered_over_another(ConnectionFault::reset())
    what_comes_behind_an_event_is_not_taken_for_an_answer(ConnectionFault::stalled().after_sending(ACCEPTED))
}
