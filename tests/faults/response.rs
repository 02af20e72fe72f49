//! `POST invocation/{id}/response`: whatever comes of it is logged, a writer is told, and the loop goes on.

use std::time::Duration;

use lambda_stream_tests::{Broken, Ending, Event, Function, StandIn};
use serde_json::{Value, json};

use crate::{
    ACCEPTED, CUT_BODY, CUT_HEAD, GARBAGE, all_said, count, goes_on, over_a_dead_connection, script, scripted, start,
};

const FAILED: &str = "POST invocation/{id}/response failed";

fn ends_soon(steps: Value) -> Event {
    script(steps).deadline_in(Duration::from_secs(2))
}

// In place of an answer to the whole response.

/// It is logged, and the response is not sent again.
fn is_logged(broken: Broken) {
    let (lambda, function) = scripted();
    let event = script(json!([{"write": "hi"}])).request_id("id-9");
    let answer = lambda.invoke(event.answered_by(broken));
    assert_eq!((answer.text(), answer.ending()), ("hi", Ending::Clean));
    goes_on(&lambda);
    assert_eq!((count(&lambda, "response"), count(&lambda, "error")), (2, 0));
    let log = all_said(&function);
    let said = format!("invocation id-9: {FAILED}");
    assert!(log.contains(&said) && log.lines().count() == 1, "{log}");
}

rows! { is_logged:
    a_connection_that_is_closed_is_logged(Broken::closed())
    a_connection_that_is_half_closed_is_logged(Broken::half_closed())
    a_connection_that_is_reset_is_logged(Broken::reset())
    a_connection_that_is_closed_in_the_head_of_the_answer_is_logged(Broken::closed().after(CUT_HEAD))
    a_connection_that_is_reset_in_the_head_of_the_answer_is_logged(Broken::reset().after(CUT_HEAD))
    garbage_in_place_of_an_answer_is_logged(Broken::stalled().after(GARBAGE))
}

/// Lambda has said that it took the response: what comes then is of no matter.
fn is_taken(broken: Broken) {
    let (lambda, function) = scripted();
    lambda.invoke(script(json!([{"write": "hi"}])).answered_by(broken));
    goes_on(&lambda);
    assert_eq!(all_said(&function), "");
}

rows! { is_taken:
    an_answer_that_is_cut_in_its_body_is_an_answer(Broken::closed().after(CUT_BODY))
    an_answer_that_is_reset_in_its_body_is_an_answer(Broken::reset().after(CUT_BODY))
    a_connection_that_is_closed_behind_the_answer_is_replaced_without_a_word(Broken::closed().after(ACCEPTED))
    a_connection_that_is_reset_behind_the_answer_is_replaced_without_a_word(Broken::reset().after(ACCEPTED))
    what_comes_behind_the_answer_is_not_taken_for_an_event(
        Broken::stalled().after(ACCEPTED.to_owned() + "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"))
}

/// The loop waits no longer than a second past the deadline, then gives the connection up.
fn is_given_up(broken: Broken) {
    let (lambda, function) = scripted();
    let answer = lambda.invoke(ends_soon(json!([{"write": "hi"}])).answered_by(broken));
    assert_eq!(
        (answer.text(), answer.ending(), answer.status()),
        ("hi", Ending::Clean, None)
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
    a_stall_is_given_up_after_the_deadline(Broken::stalled())
    a_stall_in_the_head_of_the_answer_is_given_up_after_the_deadline(Broken::stalled().after(CUT_HEAD))
    a_stall_in_the_body_of_the_answer_is_given_up_after_the_deadline(Broken::stalled().after(CUT_BODY))
}

#[test]
fn a_stall_reaches_a_handler_that_waits_for_the_answer() {
    let (lambda, function) = scripted();
    lambda.invoke(ends_soon(json!([{"write": "hi"}, "finish"])).answered_by(Broken::stalled()));
    goes_on(&lambda);
    assert!(all_said(&function).contains("Function.Timeout"));
}

#[test]
fn while_lambda_stalls_the_process_sleeps() {
    let (lambda, function) = scripted();
    lambda.invoke(ends_soon(json!([{"write": "hi"}])).answered_by(Broken::stalled()));
    goes_on(&lambda);
    let used = processor_time(&function);
    assert!(used < Duration::from_millis(500), "{used:?} of about three seconds");
}

/// Of a process, so far, where the operating system tells; else none.
fn processor_time(function: &Function) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", function.id())).unwrap_or_default();
    // `utime` and `stime` in proc_pid_stat(5), counted behind the name, in hundredths of a second.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Duration::from_millis(ticks * 10)
}

#[test]
fn where_there_is_no_deadline_lambda_may_take_its_time() {
    let (lambda, function) = scripted();
    let event = script(json!([{"write": "hi"}])).without("Lambda-Runtime-Deadline-Ms");
    let answer = lambda.invoke(event.accepted_late(Duration::from_secs(3)));
    assert_eq!(answer.status(), Some(202));
    goes_on(&lambda);
    assert_eq!(all_said(&function), "");
}

#[test]
fn a_connection_that_is_refused_is_logged_and_then_there_is_no_event_to_be_had() {
    let (lambda, function) = scripted();
    lambda.wait_for_next();
    lambda.refuse_connections();
    over_a_dead_connection(&lambda, &function, Broken::closed(), json!({"write": "hi"}));
    assert_eq!(function.exit_code(), Some(1));
    let log = function.stderr_so_far();
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
    lambda.invoke(script(json!([{"write": "hi"}])).refused(status, "SomeType", "who\r\nasks?"));
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
    let event = script(json!([{"write": "one"}, "finish"])).refused(413, "RequestEntityTooLarge", "Exceeded maximum");
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
        pending.wait().ending(),
        Ending::Truncated,
        "a response that was not taken must not look whole"
    );
    assert_eq!((count(&lambda, "response"), count(&lambda, "error")), (2, 0));
}

fn write_until_closed() -> Event {
    script(json!(["write_until_closed"]))
}

rows! { reaches_the_writer:
    a_connection_that_is_closed_reaches_the_writer(
        write_until_closed().broken_after(10_000, Broken::closed()), "closed with None")
    a_connection_that_is_half_closed_reaches_the_writer(
        write_until_closed().broken_after(10_000, Broken::half_closed()), "closed with None")
    a_connection_that_is_reset_reaches_the_writer(
        write_until_closed().broken_after(10_000, Broken::reset()), "closed with None")
    an_answer_that_is_cut_reaches_the_writer(
        write_until_closed().broken_after(10_000, Broken::closed().after(CUT_HEAD)), "closed with None")
    garbage_reaches_the_writer(
        write_until_closed().broken_after(10_000, Broken::half_closed().after(GARBAGE)), "closed with None")
    an_early_refusal_reaches_the_writer_with_lambdas_error_type(
        write_until_closed().refused_early(100_000, 413, "RequestEntityTooLarge", "Exceeded maximum"),
        r#"closed with Some("RequestEntityTooLarge")"#)
    an_early_refusal_before_the_first_byte_of_the_body_reaches_the_writer(
        write_until_closed().refused_early(0, 400, "InvalidRequestID", "who?"), r#"closed with Some("InvalidRequestID")"#)
    an_early_answer_is_no_success(
        write_until_closed().broken_after(10_000, Broken::half_closed().after(ACCEPTED)), "closed with None")
}

/// As Lambda refuses a response that grew too large.
const TOO_LARGE: &str = "HTTP/1.1 413 Request Entity Too Large\r\nContent-Length: 79\r\n\r\n\
    {\"errorType\":\"RequestEntityTooLarge\",\"errorMessage\":\"Exceeded maximum allowed\"}";

/// Where Lambda reads nothing more, the writer waits for room. It is told at once, not when its time is up: the event has
/// no deadline.
fn reaches_a_blocked_writer(steps: Value, broken: Broken, closed_with: &str) {
    let (lambda, function) = scripted();
    let event = script(steps).without("Lambda-Runtime-Deadline-Ms");
    // The sockets are full long before.
    let broken = broken.late(Duration::from_millis(300));
    let _pending = lambda.queue(event.broken_after(10_000, broken));
    function.wait_for_stderr(|text| text.contains(closed_with));
    goes_on(&lambda);
    assert_eq!((count(&lambda, "response"), count(&lambda, "error")), (2, 0));
}

rows! { reaches_a_blocked_writer:
    an_early_refusal_reaches_a_handler_that_waits_for_room(
        json!(["write_until_closed"]),
        Broken::stalled().after(TOO_LARGE), r#"closed with Some("RequestEntityTooLarge")"#)
    an_early_refusal_reaches_a_task_that_waits_for_room(
        json!([{"spawn": ["write_until_closed"]}]),
        Broken::stalled().after(TOO_LARGE), r#"closed with Some("RequestEntityTooLarge")"#)
    an_early_refusal_that_is_cut_reaches_a_handler_that_waits_for_room(
        json!(["write_until_closed"]),
        Broken::stalled().after(&TOO_LARGE[..70]), "closed with None")
    garbage_reaches_a_handler_that_waits_for_room(
        json!(["write_until_closed"]),
        Broken::stalled().after(GARBAGE), "closed with None")
    a_reset_reaches_a_task_that_waits_for_room(
        json!([{"spawn": ["write_until_closed"]}]),
        Broken::reset(), "closed with None")
}

#[test]
fn a_stall_while_the_writer_waits_for_room_is_given_up_after_the_deadline() {
    let (lambda, function) = scripted();
    let event = ends_soon(json!(["write_until_closed"]));
    let _pending = lambda.queue(event.broken_after(10_000, Broken::stalled()));
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
    let event = script(json!([{"send_pieces": 2 * CAP / 65_536}])).deadline_in(Duration::from_secs(300));
    let refused = event.refused_early(
        CAP,
        413,
        "RequestEntityTooLarge",
        "Exceeded maximum allowed payload size",
    );
    let pending = lambda.queue(refused.forgetting());
    pending.wait_for_length(CAP);
    function.wait_for_stderr(|text| text.contains("Function.StreamError") && text.contains("RequestEntityTooLarge"));
    goes_on(&lambda);
    assert_eq!(pending.wait().ending(), Ending::Truncated);
}

// Several invocations at once, and an answer that is not streamed.

#[test]
fn a_stall_holds_up_no_other_invocation() {
    let lambda = StandIn::start();
    let mut command = Function::command(env!("CARGO_BIN_EXE_scripted"));
    command.env("AWS_LAMBDA_MAX_CONCURRENCY", "2");
    let function = Function::spawn_with(command, &lambda);
    lambda.wait_for_nexts(2);
    let endless = script(json!([{"write": "hi"}])).without("Lambda-Runtime-Deadline-Ms");
    let stalled = lambda.queue(endless.answered_by(Broken::stalled()));
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
    for broken in [Broken::reset(), Broken::closed(), Broken::stalled().after(GARBAGE)] {
        let answer = lambda.invoke(Event::json("[1, 2]").answered_by(broken));
        assert_eq!(answer.text(), "3");
    }
    assert_eq!(lambda.invoke(Event::json("[3, 4]")).text(), "7");
    let log = all_said(&function);
    assert_eq!((log.matches(FAILED).count(), log.lines().count()), (3, 3), "{log}");
}
