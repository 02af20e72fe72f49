//! How an invocation ends: every row of the table in the crate's documentation, on the wire.

use std::time::Duration;

use lambda_stream_tests::{Ending, Event, Kind, StandIn};
use serde_json::json;

use crate::{script, scripted};

/// The loop went on, in this order and with the first answer received before the second `next`.
fn went_on(lambda: &StandIn, calls: &[&str]) {
    lambda.wait_for_next();
    assert_eq!(lambda.calls(), calls);
    let requests = lambda.requests();
    assert!(
        requests[2].at >= requests[1].answered_at.expect("answered"),
        "next before Lambda's answer"
    );
}

#[test]
fn ok_after_writing_is_a_clean_end() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(json!([{"write": "one"}, {"milliseconds": 1}, {"write": "two"}])));
    assert_eq!(
        (answer.kind(), answer.text(), answer.ending()),
        (Kind::Response, "onetwo", Ending::Clean)
    );
    assert!(answer.trailers().is_empty());
    assert!(answer.raw().ends_with(b"\r\n0\r\n\r\n"));
    went_on(&lambda, &["next", "response", "next"]);
}

#[test]
fn ok_without_a_byte_is_an_empty_streamed_body() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(json!([])));
    assert_eq!(
        (answer.kind(), answer.text(), answer.ending()),
        (Kind::Response, "", Ending::Clean)
    );
    assert_eq!(answer.header("Transfer-Encoding"), Some("chunked"));
    assert_eq!(
        answer.header("Lambda-Runtime-Function-Response-Mode"),
        Some("streaming")
    );
    assert!(answer.raw().ends_with(b"\r\n\r\n0\r\n\r\n"));
    went_on(&lambda, &["next", "response", "next"]);
}

#[test]
fn a_stream_in_a_task_ends_when_it_is_dropped() {
    let (lambda, _function) = scripted();
    let steps = json!([{"write": "one"}, {"spawn": [{"milliseconds": 50}, {"write": "two"}]}]);
    let answer = lambda.invoke(script(steps).accepted_late(Duration::from_millis(20)));
    assert_eq!((answer.text(), answer.ending()), ("onetwo", Ending::Clean));
    went_on(&lambda, &["next", "response", "next"]);
}

#[test]
fn a_stream_in_a_task_that_starts_after_the_handler_has_returned() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(json!([{"spawn": [{"milliseconds": 50}, {"write": "late"}]}])));
    assert_eq!((answer.text(), answer.ending()), ("late", Ending::Clean));
}

#[test]
fn a_task_that_panics_with_the_stream_is_told_in_trailers() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(
        json!([{"spawn": [{"write": "one"}, {"milliseconds": 20}, {"panic": "boom"}]}]),
    ));
    assert_eq!((answer.kind(), answer.text()), (Kind::Response, "one"));
    let error = answer.error();
    assert_eq!(
        (error.header_type.as_str(), error.message.as_str()),
        ("Function.Panic", "boom")
    );
    assert!(error.stack_trace[0].contains("scripted.rs:"), "{error:?}");
    went_on(&lambda, &["next", "response", "next"]);
}

#[test]
fn a_task_that_panics_before_the_first_byte_is_an_error() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(json!([{"spawn": [{"milliseconds": 20}, {"panic": "boom"}]}])));
    assert_eq!((answer.kind(), answer.error().message.as_str()), (Kind::Error, "boom"));
    went_on(&lambda, &["next", "error", "next"]);
}

#[test]
fn err_before_the_first_byte_is_one_error_and_no_response() {
    let (lambda, function) = scripted();
    let answer = lambda.invoke(script(
        json!([{"content_type": "text/plain"}, {"fail_typed": ["Function.Mine", "no luck"]}]),
    ));
    assert_eq!(answer.kind(), Kind::Error);
    assert_eq!(answer.content_type(), Some("application/json"));
    assert_eq!(
        answer.json(),
        json!({"errorMessage": "no luck", "errorType": "Function.Mine", "stackTrace": []})
    );
    assert_eq!(answer.error().header_type, "Function.Mine");
    went_on(&lambda, &["next", "error", "next"]);
    function.wait_for_stderr(|text| text.contains("Function.Mine: no luck"));
}

#[test]
fn a_panic_before_the_first_byte_is_one_error_and_no_response() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(json!([{"panic": "boom"}])));
    let error = answer.error();
    assert_eq!(
        (answer.kind(), error.header_type.as_str()),
        (Kind::Error, "Function.Panic")
    );
    assert_eq!(error.message, "boom");
    assert!(error.stack_trace[0].contains("scripted.rs:"), "{error:?}");
    went_on(&lambda, &["next", "error", "next"]);
}

#[test]
fn err_in_mid_stream_is_real_trailers_and_no_text_in_the_body() {
    let (lambda, function) = scripted();
    let answer = lambda.invoke(script(
        json!([{"write": "one"}, {"milliseconds": 1}, {"write": "two"}, {"fail": "no luck"}]),
    ));
    assert_eq!(
        (answer.kind(), answer.text(), answer.ending()),
        (Kind::Response, "onetwo", Ending::Clean)
    );
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
    let after_the_last_chunk = answer
        .raw()
        .windows(8)
        .rposition(|bytes| bytes == b"two\r\n0\r\n")
        .map(|at| at + 8);
    let tail = String::from_utf8_lossy(&answer.raw()[after_the_last_chunk.expect("the zero chunk after the body")..]);
    assert!(
        tail.starts_with("lambda-runtime-function-error-type: Function.Error\r\n"),
        "{tail}"
    );
    assert!(tail.ends_with("\r\n\r\n"), "{tail}");
    let error = answer.error();
    assert_eq!(
        (error.error_type.as_str(), error.message.as_str()),
        ("Function.Error", "no luck")
    );
    went_on(&lambda, &["next", "response", "next"]);
    function.wait_for_stderr(|text| text.contains("no luck"));
}

#[test]
fn a_panic_in_mid_stream_is_trailers_with_its_place() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(json!([{"write": "one"}, {"panic": "boom \"ü\"\r\nX-Evil: 1"}])));
    let error = answer.error();
    assert_eq!((answer.text(), answer.ending()), ("one", Ending::Clean));
    assert_eq!(
        (error.header_type.as_str(), error.message.as_str()),
        ("Function.Panic", "boom \"ü\"\r\nX-Evil: 1")
    );
    assert!(error.stack_trace[0].contains("scripted.rs:"), "{error:?}");
    assert_eq!(answer.trailers().len(), 2);
    went_on(&lambda, &["next", "response", "next"]);
}

#[test]
fn a_stream_that_was_dropped_does_not_hide_a_later_error() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(
        json!([{"write": "one"}, "drop", {"milliseconds": 20}, {"fail": "too bad"}]),
    ));
    assert_eq!((answer.text(), answer.error().message.as_str()), ("one", "too bad"));
}

#[test]
fn err_after_finish_is_only_logged() {
    let (lambda, function) = scripted();
    let answer = lambda.invoke(script(json!([{"write": "one"}, "finish", {"fail": "unseen"}])));
    assert_eq!((answer.text(), answer.ending()), ("one", Ending::Clean));
    assert!(answer.trailers().is_empty());
    went_on(&lambda, &["next", "response", "next"]);
    let log = function.wait_for_stderr(|text| text.contains("unseen"));
    assert!(log.contains("after the response had ended"), "{log}");
}

#[test]
fn finish_waits_for_lambdas_answer_and_the_next_event_for_the_handler() {
    let (lambda, function) = scripted();
    let event =
        script(json!([{"write": "one"}, "finish", {"spawn": []}, {"milliseconds": 50}, {"fail": "work after it"}]));
    let answer = lambda.invoke(event.accepted_late(Duration::from_millis(30)));
    assert!(answer.trailers().is_empty());
    lambda.wait_for_next();
    let requests = lambda.requests();
    let answered = requests[1].answered_at.expect("answered");
    assert!(
        requests[2].at >= answered + Duration::from_millis(50),
        "next before the handler had returned"
    );
    function.wait_for_stderr(|text| text.contains("work after it"));
}

#[test]
fn finish_says_when_lambda_refused() {
    let (lambda, function) = scripted();
    let event = script(json!([{"write": "one"}, "finish"])).refused(413, "RequestEntityTooLarge", "Exceeded maximum");
    lambda.invoke(event);
    function.wait_for_stderr(|text| text.contains("Function.StreamError") && text.contains("RequestEntityTooLarge"));
    went_on(&lambda, &["next", "response", "next"]);
}

#[test]
fn an_early_refusal_reaches_the_writer_with_lambdas_error_type() {
    let (lambda, function) = scripted();
    let event = script(json!(["write_until_closed"]));
    let refused = lambda.queue(event.refused_early(100_000, 413, "RequestEntityTooLarge", "Exceeded maximum"));
    let log = function.wait_for_stderr(|text| text.contains("closed with") && text.contains("failed"));
    assert!(log.contains(r#"closed with Some("RequestEntityTooLarge")"#), "{log}");
    assert!(log.contains("was refused with 413"), "{log}");
    assert_eq!(
        refused.wait().ending(),
        Ending::Truncated,
        "a refused response must not look whole"
    );
    assert_eq!(lambda.invoke(script(json!([{"write": "alive"}]))).text(), "alive");
    assert!(!lambda.calls().contains(&"error".to_owned()));
}

#[test]
fn a_connection_lost_in_mid_stream_reaches_the_writer_and_the_loop_goes_on() {
    let (lambda, function) = scripted();
    let answer = lambda.invoke(script(json!(["write_until_closed"])).reset_after(10_000));
    assert_eq!(answer.ending(), Ending::Truncated);
    function.wait_for_stderr(|text| text.contains("closed with None"));
    assert_eq!(lambda.invoke(script(json!([{"write": "alive"}]))).text(), "alive");
    assert!(!lambda.calls().contains(&"error".to_owned()));
}

#[test]
fn near_the_deadline_a_started_response_ends_with_a_timeout() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(json!([{"write": "one"}, "hang"])).deadline_in(Duration::from_secs(2)));
    assert_eq!((answer.kind(), answer.text()), (Kind::Response, "one"));
    assert_eq!(answer.error().header_type, "Function.Timeout");
    went_on(&lambda, &["next", "response", "next"]);
}

#[test]
fn near_the_deadline_an_unstarted_response_is_an_error() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(json!(["hang"])).deadline_in(Duration::from_secs(2)));
    assert_eq!(
        (answer.kind(), answer.error().header_type.as_str()),
        (Kind::Error, "Function.Timeout")
    );
    went_on(&lambda, &["next", "error", "next"]);
}

#[test]
fn near_the_deadline_a_stream_kept_in_a_task_is_ended_too() {
    let (lambda, _function) = scripted();
    let steps = json!([{"spawn": [{"write": "one"}, "hang"]}]);
    let answer = lambda.invoke(script(steps).deadline_in(Duration::from_secs(2)));
    assert_eq!(
        (answer.text(), answer.error().header_type.as_str()),
        ("one", "Function.Timeout")
    );
    went_on(&lambda, &["next", "response", "next"]);
}

#[test]
fn a_deadline_that_was_past_on_arrival_is_none() {
    let (lambda, _function) = scripted();
    let steps = json!([{"write": "one"}, {"milliseconds": 50}, {"write": "two"}]);
    let answer = lambda.invoke(script(steps).header("Lambda-Runtime-Deadline-Ms", "600000"));
    assert_eq!((answer.text(), answer.ending()), ("onetwo", Ending::Clean));
    assert!(answer.trailers().is_empty());
}

#[test]
fn an_event_of_another_form_is_an_error_that_says_where() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(Event::json(r#"{"steps": 3}"#));
    let error = answer.error();
    assert_eq!(answer.kind(), Kind::Error);
    assert!(error.message.contains("invalid type: integer `3`"), "{error:?}");
}
