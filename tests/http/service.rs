//! Any `tower` service: asked whether it is ready, cloned for each invocation, and told of its errors.

use test_support::{Event, MockRuntimeApi, Process, ResponseKind};

use crate::start;

const SERVICE: &str = env!("CARGO_BIN_EXE_tower_service");

fn get(path: &str) -> Event {
    Event::function_url("GET", path).event()
}

#[test]
fn each_invocation_is_the_one_call_of_a_clone_that_is_ready() {
    let (lambda, _function) = start(SERVICE);
    for all in 1..=3 {
        let answer = lambda.invoke(get("/"));
        assert!(!answer.failed(), "{:?}", answer.error());
        assert_eq!(
            String::from_utf8_lossy(answer.prelude().1),
            format!("call 1 of this clone, {all} of all")
        );
    }
}

#[test]
fn eight_invocations_are_with_eight_clones_at_the_same_time() {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command(SERVICE);
    command.env("AWS_LAMBDA_MAX_CONCURRENCY", "8");
    let _function = Process::spawn_function_with(command, &lambda);
    for round in 0..2 {
        lambda.wait_for_next_calls(8);
        // None of them answers before the eighth is there.
        let pending: Vec<_> = (0..8).map(|_| lambda.queue(get("/barrier"))).collect();
        let mut answers: Vec<String> = pending
            .iter()
            .map(|pending| String::from_utf8_lossy(pending.wait().prelude().1).into_owned())
            .collect();
        answers.sort();
        let mut expected: Vec<String> = (1..=8)
            .map(|n| format!("call 1 of this clone, {} of all", round * 8 + n))
            .collect();
        expected.sort();
        assert_eq!(answers, expected);
    }
}

#[test]
fn what_the_event_says_besides_the_request_is_in_its_extensions() {
    let (lambda, _function) = start(SERVICE);
    let answer = lambda.invoke(get("/id").request_id("id-7"));
    assert_eq!(answer.prelude().1, b"id-7");
}

#[test]
fn an_error_of_the_service_is_an_error_of_the_invocation() {
    let (lambda, _function) = start(SERVICE);
    let answer = lambda.invoke(get("/fail"));
    let error = answer.error();
    assert_eq!(
        (answer.kind(), error.header_type.as_str()),
        (ResponseKind::Error, "Function.ServiceFailure")
    );
    assert_eq!(error.message, "the request failed");
    assert!(!lambda.invoke(get("/")).failed());
}

#[test]
fn a_service_that_will_not_be_ready_is_an_error_of_the_invocation() {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command(SERVICE);
    command.env("NEVER_READY", "1");
    let _function = Process::spawn_function_with(command, &lambda);
    let answer = lambda.invoke(get("/"));
    assert_eq!(
        (answer.kind(), answer.error().header_type.as_str()),
        (ResponseKind::Error, "Function.ServiceFailure")
    );
    assert_eq!(answer.error().message, "the service is not ready");
    lambda.wait_for_next();
}

#[test]
fn an_event_that_is_no_request_does_not_reach_the_service() {
    let (lambda, _function) = start(SERVICE);
    let answer = lambda.invoke(Event::json("{}"));
    assert_eq!(
        (answer.kind(), answer.error().header_type.as_str()),
        (ResponseKind::Error, "Function.InvalidEvent")
    );
    let answer = lambda.invoke(get("/"));
    assert_eq!(answer.prelude().1, b"call 1 of this clone, 1 of all");
}
