//! `POST invocation/{id}/response`: whatever comes of it is logged, a writer is told, and the loop goes on.

use std::time::Duration;

use serde_json::{Value, json};
use test_support::{BodyEnd, ConnectionFault, Event, MockRuntimeApi, Process};

use crate::{
    ACCEPTED, CUT_BODY, CUT_HEAD, GARBAGE, all_said, count, goes_on, over_a_dead_connection, script, scripted, start,
};

const FAILED: &str = "POST invocation/{id}/response failed";

fn ends_soon(steps: Value) -> Event {
    script(steps).deadline_in(Duration::from_secs(2))
}

// In place of an answer to the whole response.

/// It is logged, and the response is not sent again.
fn is_logged(broken: ConnectionFault) {
    let (lambda, function) = scripted();
    let event = script(json!([{"write": "hi"}])).request_id("id-9");
    let answer = lambda.invoke(event.fault_after_response(broken));
    assert_eq!((answer.text(), answer.body_end()), ("hi", BodyEnd::LastChunk));
    goes_on(&lambda);
    assert_eq!((count(&lambda, "response"), count(&lambda, "error")), (2, 0));
    let log = all_said(&function);
    let said = format!("invocation id-9: {FAILED}");
    assert!(log.contains(&said) && log.lines().count() == 1, "{log}");
}

rows! { is_logged:
    a_connection_that_is_closed_is_logged(ConnectionFault::closed())
    a_connection_that_is_half_closed_is_logged(ConnectionFault::half_closed())
    a_connection_that_is_reset_is_logged(ConnectionFault::reset())
    a_connection_that_is_closed_in_the_head_of_the_answer_is_logged(ConnectionFault::closed().after_sending(CUT_HEAD))
    a_connection_that_is_reset_in_the_head_of_the_answer_is_logged(ConnectionFault::reset().after_sending(CUT_HEAD))
    garbage_in_place_of_an_answer_is_logged(ConnectionFault::stalled().after_sending(GARBAGE))
}

/// Lambda has said that it took the response: what comes then is of no matter.
fn is_taken(broken: ConnectionFault) {
    let (lambda, function) = scripted();
    lambda.invoke(script(json!([{"write": "hi"}])).fault_after_response(broken));
    goes_on(&lambda);
    assert_eq!(all_said(&function), "");
}

rows! { is_taken:
    an_answer_that_is_cut_in_its_body_is_an_answer(ConnectionFault::closed().after_sending(CUT_BODY))
    an_answer_that_is_reset_in_its_body_is_an_answer(ConnectionFault::reset().after_sending(CUT_BODY))
    a_connection_that_is_closed_behind_the_answer_is_replaced_without_a_word(ConnectionFault::closed().after_sending(ACCEPTED))
    a_connection_that_is_reset_behind_the_answer_is_replaced_without_a_word(ConnectionFault::reset().after_sending(ACCEPTED))
    what_comes_behind_the_answer_is_not_taken_for_an_event(
        ConnectionFault::stalled().after_sending(ACCEPTED.to_owned() + "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"))
}

/// The loop waits no longer than a second past the deadline, then gives the connection up.
fn is_given_up(broken: ConnectionFault) {
    let (lambda, function) = scripted();
    let answer = lambda.invoke(ends_soon(json!([{"write": "hi"}])).fault_after_response(broken));
    assert_eq!(
        (answer.text(), answer.body_end(), answer.status()),
        ("hi", BodyEnd::LastChunk, None)
    );
    goes_on(&lambda);
    assert_eq!(count(&lambda, "response"), 2);
    let log = all_said(&function);
    assert!(
        log.contains("Lambda had not taken the answer") && log.lines().count() == 1,
        "{log}"
    );
}

rows! { is_given_up:
    a_stall_is_given_up_after_the_deadline(ConnectionFault::stalled())
    a_stall_in_the_head_of_the_answer_is_given_up_after_the_deadline(ConnectionFault::stalled().after_sending(CUT_HEAD))
    a_stall_in_the_body_of_the_answer_is_given_up_after_the_deadline(ConnectionFault::stalled().after_sending(CUT_BODY))
}

#[test]
fn a_stall_reaches_a_handler_that_waits_for_the_answer() {
    let (lambda, function) = scripted();
    lambda.invoke(ends_soon(json!([{"write": "hi"}, "finish"])).fault_after_response(ConnectionFault::stalled()));
    goes_on(&lambda);
    assert!(all_said(&function).contains("Function.Timeout"));
}

#[test]
fn while_lambda_stalls_the_process_sleeps() {
    let (lambda, function) = scripted();
    lambda.invoke(ends_soon(json!([{"write": "hi"}])).fault_after_response(ConnectionFault::stalled()));
    goes_on(&lambda);
    let used = function.resources().processor_time().unwrap_or_default();
    assert!(used < Duration::from_millis(500), "{used:?} of about three seconds");
}

#[test]
fn where_there_is_no_deadline_lambda_may_take_its_time() {
    let (lambda, function) = scripted();
    let event = script(json!([{"write": "hi"}])).without_header("Lambda-Runtime-Deadline-Ms");
    let answer = lambda.invoke(event.accepted_after(Duration::from_secs(3)));
    assert_eq!(answer.status(), Some(202));
    goes_on(&lambda);
    assert_eq!(all_said(&function), "");
}

#[test]
fn a_connection_that_is_refused_is_logged_and_then_there_is_no_event_to_be_had() {
    let (lambda, function) = scripted();
    lambda.wait_for_next();
    lambda.refuse_connections();
    over_a_dead_connection(&lambda, &function, ConnectionFault::closed(), json!({"write": "hi"}));
    assert_eq!(function.exit_code(), Some(1));
    let log = function.stderr();
    let lines: Vec<_> = log.lines().collect();
    assert_eq!(lines.len(), 2, "{log}");
    assert!(lines[0].contains(FAILED) && lines[0].contains("refused"), "{log}");
    assert!(
        lines[1].contains("GET invocation/next failed") && lines[1].contains("refused"),
        "{log}"
    );
}

/// Any status but 2xx is logged, with what Lambda says.
fn is_refused(status: u16) {
    let (lambda, function) = scripted();
    lambda.invoke(script(json!([{"write": "hi"}])).rejected(status, "SomeType", "who\r\nasks?"));
    goes_on(&lambda);
    assert_eq!((count(&lambda, "response"), count(&lambda, "error")), (2, 0));
    let log = all_said(&function);
    assert!(
        log.contains(&format!("POST invocation/{{id}}/response was refused with {status}")),
        "{log}"
    );
    assert!(
        log.contains(r"SomeType: who\r\nasks?") && log.lines().count() == 1,
        "{log}"
    );
}

rows! { is_refused:
    a_400_is_logged(400)
    a_403_is_logged(403)
    a_410_is_logged(410)
    a_413_is_logged(413)
    a_500_is_logged(500)
}

#[test]
fn a_refusal_reaches_a_handler_that_waits_for_the_answer() {
    let (lambda, function) = scripted();
    let event = script(json!([{"write": "one"}, "finish"])).rejected(413, "RequestEntityTooLarge", "Exceeded maximum");
    lambda.invoke(event);
    goes_on(&lambda);
    let log = all_said(&function);
    assert!(
        log.contains("Function.StreamError") && log.contains("RequestEntityTooLarge"),
        "{log}"
    );
    assert_eq!((count(&lambda, "response"), count(&lambda, "error")), (2, 0));
}

// While the response is being sent.

/// The writer is told, and nothing more is sent.
fn reaches_the_writer(event: Event, closed_with: &str) {
    let (lambda, function) = scripted();
    let pending = lambda.queue(event);
    function.wait_for_stderr(|text| text.contains(closed_with) && text.contains("Function.StreamError"));
    goes_on(&lambda);
    assert_eq!(
        pending.wait().body_end(),
        BodyEnd::Truncated,
        "a response that was not taken must not look whole"
    );
    assert_eq!((count(&lambda, "response"), count(&lambda, "error")), (2, 0));
}

fn write_until_closed() -> Event {
    script(json!(["write_until_closed"]))
}

rows! { reaches_the_writer:
    a_connection_that_is_closed_reaches_the_writer(
        write_until_closed().fault_after_body_bytes(10_000, ConnectionFault::closed()), "closed with None")
    a_connection_that_is_half_closed_reaches_the_writer(
        write_until_closed().fault_after_body_bytes(10_000, ConnectionFault::half_closed()), "closed with None")
    a_connection_that_is_reset_reaches_the_writer(
        write_until_closed().fault_after_body_bytes(10_000, ConnectionFault::reset()), "closed with None")
    an_answer_that_is_cut_reaches_the_writer(
        write_until_closed().fault_after_body_bytes(10_000, ConnectionFault::closed().after_sending(CUT_HEAD)), "closed with None")
    garbage_reaches_the_writer(
        write_until_closed().fault_after_body_bytes(10_000, ConnectionFault::half_closed().after_sending(GARBAGE)), "closed with None")
    an_early_refusal_reaches_the_writer_with_lambdas_error_type(
        write_until_closed().rejected_early(100_000, 413, "RequestEntityTooLarge", "Exceeded maximum"),
        r#"closed with Some("RequestEntityTooLarge")"#)
    an_early_refusal_before_the_first_byte_of_the_body_reaches_the_writer(
        write_until_closed().rejected_early(0, 400, "InvalidRequestID", "who?"), r#"closed with Some("InvalidRequestID")"#)
    an_early_answer_is_no_success(
        write_until_closed().fault_after_body_bytes(10_000, ConnectionFault::half_closed().after_sending(ACCEPTED)), "closed with None")
}

/// As Lambda refuses a response that grew too large.
const TOO_LARGE: &str = "HTTP/1.1 413 Request Entity Too Large\r\nContent-Length: 79\r\n\r\n\
    {\"errorType\":\"RequestEntityTooLarge\",\"errorMessage\":\"Exceeded maximum allowed\"}";

/// Where Lambda reads nothing more, the writer waits for room. It is told at once, not when its time is up: the event has
/// no deadline.
fn reaches_a_blocked_writer(steps: Value, broken: ConnectionFault, closed_with: &str) {
    let (lambda, function) = scripted();
    let event = script(steps).without_header("Lambda-Runtime-Deadline-Ms");
    // The sockets are full long before.
    let broken = broken.delayed(Duration::from_millis(300));
    let _pending = lambda.queue(event.fault_after_body_bytes(10_000, broken));
    function.wait_for_stderr(|text| text.contains(closed_with));
    goes_on(&lambda);
    assert_eq!((count(&lambda, "response"), count(&lambda, "error")), (2, 0));
}

rows! { reaches_a_blocked_writer:
    an_early_refusal_reaches_a_handler_that_waits_for_room(
        json!(["write_until_closed"]),
        ConnectionFault::stalled().after_sending(TOO_LARGE), r#"closed with Some("RequestEntityTooLarge")"#)
    an_early_refusal_reaches_a_task_that_waits_for_room(
        json!([{"spawn": ["write_until_closed"]}]),
        ConnectionFault::stalled().after_sending(TOO_LARGE), r#"closed with Some("RequestEntityTooLarge")"#)
    an_early_refusal_that_is_cut_reaches_a_handler_that_waits_for_room(
        json!(["write_until_closed"]),
        ConnectionFault::stalled().after_sending(&TOO_LARGE[..70]), "closed with None")
    garbage_reaches_a_handler_that_waits_for_room(
        json!(["write_until_closed"]),
        ConnectionFault::stalled().after_sending(GARBAGE), "closed with None")
    a_reset_reaches_a_task_that_waits_for_room(
        json!([{"spawn": ["write_until_closed"]}]),
        ConnectionFault::reset(), "closed with None")
}

#[test]
fn a_stall_while_the_writer_waits_for_room_is_given_up_after_the_deadline() {
    let (lambda, function) = scripted();
    let event = ends_soon(json!(["write_until_closed"]));
    let _pending = lambda.queue(event.fault_after_body_bytes(10_000, ConnectionFault::stalled()));
    function.wait_for_stderr(|text| text.contains("Function.Timeout"));
    goes_on(&lambda);
    let log = all_said(&function);
    assert!(
        log.contains("Lambda had not taken the answer") && log.lines().count() == 2,
        "{log}"
    );
}

#[test]
fn a_response_past_200_mb_is_refused_and_the_writer_told_so() {
    const CAP: usize = 200_000_000;
    let (lambda, function) = scripted();
    let event = script(json!([{"send_chunks": 2 * CAP / 65_536}])).deadline_in(Duration::from_secs(300));
    let refused = event.rejected_early(
        CAP,
        413,
        "RequestEntityTooLarge",
        "Exceeded maximum allowed payload size",
    );
    let pending = lambda.queue(refused.discard_body());
    pending.wait_for_length(CAP);
    function.wait_for_stderr(|text| text.contains("Function.StreamError") && text.contains("RequestEntityTooLarge"));
    goes_on(&lambda);
    assert_eq!(pending.wait().body_end(), BodyEnd::Truncated);
}

// Several invocations at once, and an answer that is not streamed.

#[test]
fn a_stall_holds_up_no_other_invocation() {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command(env!("CARGO_BIN_EXE_scripted"));
    command.env("AWS_LAMBDA_MAX_CONCURRENCY", "2");
    let function = Process::spawn_function_with(command, &lambda);
    lambda.wait_for_next_calls(2);
    let endless = script(json!([{"write": "hi"}])).without_header("Lambda-Runtime-Deadline-Ms");
    let stalled = lambda.queue(endless.fault_after_response(ConnectionFault::stalled()));
    stalled.wait_for_body(|body| body == b"hi");
    for n in 0..10 {
        let text = n.to_string();
        assert_eq!(lambda.invoke(script(json!([{ "write": text }]))).text(), text);
    }
    assert_eq!(all_said(&function), "");
}

#[test]
fn a_buffered_answer_that_is_not_taken_is_logged_too() {
    let (lambda, function) = start(env!("CARGO_BIN_EXE_sum"));
    for broken in [
        ConnectionFault::reset(),
        ConnectionFault::closed(),
        ConnectionFault::stalled().after_sending(GARBAGE),
    ] {
        let answer = lambda.invoke(Event::json("[1, 2]").fault_after_response(broken));
        assert_eq!(answer.text(), "3");
    }
    assert_eq!(lambda.invoke(Event::json("[3, 4]")).text(), "7");
    let log = all_said(&function);
    assert_eq!((log.matches(FAILED).count(), log.lines().count()), (3, 3), "{log}");
}
