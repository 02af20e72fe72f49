//! `POST invocation/{id}/error`: whatever comes of it is logged, and the loop goes on.

use std::time::Duration;

use serde_json::json;
use test_support::{ConnectionFault, ResponseKind};

use crate::{
    ACCEPTED, CUT_BODY, CUT_HEAD, GARBAGE, all_said, count, goes_on, over_a_dead_connection, script, scripted,
};

const FAILED: &str = "POST invocation/{id}/error failed";

/// It is logged, beside the handler's error, and the report is not sent again.
fn is_logged(broken: ConnectionFault) {
    let (lambda, function) = scripted();
    let answer = lambda.invoke(script(json!([{"fail": "no luck"}])).fault_after_response(broken));
    assert_eq!(
        (answer.kind(), answer.error().message.as_str()),
        (ResponseKind::Error, "no luck")
    );
    goes_on(&lambda);
    assert_eq!((count(&lambda, "response"), count(&lambda, "error")), (1, 1));
    let log = all_said(&function);
    assert!(
        log.contains(FAILED) && log.contains("no luck") && log.lines().count() == 2,
        "{log}"
    );
}

rows! { is_logged:
    a_connection_that_is_closed_is_logged(ConnectionFault::closed())
    a_connection_that_is_half_closed_is_logged(ConnectionFault::half_closed())
    a_connection_that_is_reset_is_logged(ConnectionFault::reset())
    a_connection_that_is_closed_in_the_head_of_the_answer_is_logged(ConnectionFault::closed().after_sending(CUT_HEAD))
    garbage_in_place_of_an_answer_is_logged(ConnectionFault::stalled().after_sending(GARBAGE))
}

/// Lambda has said that it took the error: what comes then is of no matter.
fn is_taken(broken: ConnectionFault) {
    let (lambda, function) = scripted();
    lambda.invoke(script(json!([{"fail": "no luck"}])).fault_after_response(broken));
    goes_on(&lambda);
    assert_eq!(all_said(&function).lines().count(), 1);
}

rows! { is_taken:
    an_answer_that_is_cut_in_its_body_is_an_answer(ConnectionFault::closed().after_sending(CUT_BODY))
    a_connection_that_is_closed_behind_the_answer_is_replaced_without_a_word(ConnectionFault::closed().after_sending(ACCEPTED))
}

#[test]
fn a_stall_is_given_up_after_the_deadline() {
    let (lambda, function) = scripted();
    let event = script(json!([{"fail": "no luck"}])).deadline_in(Duration::from_secs(2));
    lambda.invoke(event.fault_after_response(ConnectionFault::stalled()));
    goes_on(&lambda);
    assert_eq!(count(&lambda, "error"), 1);
    let log = all_said(&function);
    assert!(
        log.contains("Lambda had not taken the answer") && log.lines().count() == 2,
        "{log}"
    );
}

#[test]
fn a_connection_that_died_before_the_handler_failed_is_replaced_without_a_word() {
    let (lambda, function) = scripted();
    let answer =
        over_a_dead_connection(&lambda, &function, ConnectionFault::reset(), json!({"fail": "no luck"})).wait();
    assert_eq!(answer.error().message, "no luck");
    goes_on(&lambda);
    assert_eq!(lambda.connections(), 2);
    assert_eq!(all_said(&function).lines().count(), 1);
}

#[test]
fn a_connection_that_is_refused_is_logged_and_then_there_is_no_event_to_be_had() {
    let (lambda, function) = scripted();
    lambda.wait_for_next();
    lambda.refuse_connections();
    over_a_dead_connection(
        &lambda,
        &function,
        ConnectionFault::closed(),
        json!({"fail": "no luck"}),
    );
    assert_eq!(function.exit_code(), Some(1));
    let log = function.stderr();
    let lines: Vec<_> = log.lines().collect();
    assert_eq!(lines.len(), 3, "{log}");
    assert!(lines[0].contains("no luck") && lines[1].contains(FAILED), "{log}");
    assert!(lines[2].contains("GET invocation/next failed"), "{log}");
}

/// Any status but 2xx is logged, with what Lambda says.
fn is_refused(status: u16) {
    let (lambda, function) = scripted();
    lambda.invoke(script(json!([{"fail": "no luck"}])).rejected(status, "SomeType", "not now"));
    goes_on(&lambda);
    assert_eq!((count(&lambda, "response"), count(&lambda, "error")), (1, 1));
    let log = all_said(&function);
    assert!(
        log.contains(&format!("POST invocation/{{id}}/error was refused with {status}")),
        "{log}"
    );
    assert!(log.contains("SomeType: not now") && log.lines().count() == 2, "{log}");
}

rows! { is_refused:
    a_400_is_logged(400)
    a_403_is_logged(403)
    a_410_is_logged(410)
    a_413_is_logged(413)
    a_500_is_logged(500)
}
