//! `lambda_stream::http::run` with a `tower::Service`: readiness, clones, extensions and errors.

use test_support::{Event, MockRuntimeApi, Process, ResponseKind, start};

const SERVICE: &str = env!("CARGO_BIN_EXE_tower_service");

/// Starts the service with these variables: once as the argument of `run`, and once as the state.
fn start_both(variables: &[(&str, &str)]) -> [(MockRuntimeApi, Process); 2] {
    [&[][..], &[("IN_STATE", "1")]].map(|form| {
        let lambda = MockRuntimeApi::start();
        let mut command = Process::command(SERVICE);
        command.envs(form.iter().chain(variables).copied());
        let function = Process::spawn_function_with(command, &lambda);
        (lambda, function)
    })
}

fn get(path: &str) -> Event {
    Event::function_url("GET", path).event()
}

#[test]
fn each_invocation_calls_a_new_clone_once() {
    for (lambda, _function) in start_both(&[]) {
        for all in 1..=3 {
            let response = lambda.invoke(get("/"));
            assert!(!response.failed(), "{:?}", response.error());
            assert_eq!(
                String::from_utf8_lossy(response.prelude().1),
                format!("call 1 of this clone, {all} of all")
            );
        }
    }
}

#[test]
fn concurrent_invocations_use_separate_clones() {
    for (lambda, _function) in start_both(&[("AWS_LAMBDA_MAX_CONCURRENCY", "8")]) {
        assert_separate_clones(&lambda);
    }
}

fn assert_separate_clones(lambda: &MockRuntimeApi) {
    for round in 0..2 {
        lambda.wait_for_next_calls(8);
        // The service responds to none of the requests before it has received the eighth.
        let pending: Vec<_> = (0..8).map(|_| lambda.queue(get("/barrier"))).collect();
        let mut bodies: Vec<String> = pending
            .iter()
            .map(|pending| String::from_utf8_lossy(pending.wait().prelude().1).into_owned())
            .collect();
        bodies.sort();
        let mut expected: Vec<String> = (1..=8)
            .map(|n| format!("call 1 of this clone, {} of all", round * 8 + n))
            .collect();
        expected.sort();
        assert_eq!(bodies, expected);
    }
}

#[test]
fn request_extensions_contain_context() {
    let (lambda, _function) = start(SERVICE);
    let response = lambda.invoke(get("/id").request_id("id-7"));
    assert_eq!(response.prelude().1, b"id-7");
}

#[test]
fn service_error_posts_error() {
    let (lambda, _function) = start(SERVICE);
    let response = lambda.invoke(get("/fail"));
    let error = response.error();
    assert_eq!(
        (response.kind(), error.header_type.as_str()),
        (ResponseKind::Error, "Function.ServiceFailure")
    );
    assert_eq!(error.message, "the request failed");
    assert!(!lambda.invoke(get("/")).failed());
}

#[test]
fn poll_ready_error_posts_error() {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command(SERVICE);
    command.env("NEVER_READY", "1");
    let _function = Process::spawn_function_with(command, &lambda);
    let response = lambda.invoke(get("/"));
    assert_eq!(
        (response.kind(), response.error().header_type.as_str()),
        (ResponseKind::Error, "Function.ServiceFailure")
    );
    assert_eq!(response.error().message, "the service is not ready");
    lambda.wait_for_next();
}

#[test]
fn event_that_is_not_http_does_not_call_service() {
    let (lambda, _function) = start(SERVICE);
    let response = lambda.invoke(Event::json("{}"));
    assert_eq!(
        (response.kind(), response.error().header_type.as_str()),
        (ResponseKind::Error, "Function.InvalidEvent")
    );
    let response = lambda.invoke(get("/"));
    assert_eq!(response.prelude().1, b"call 1 of this clone, 1 of all");
}

#[test]
fn failed_init_of_service_is_reported() {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command(SERVICE);
    command.envs([("IN_STATE", "1"), ("FAIL_INIT", "1")]);
    let function = Process::spawn_function_with(command, &lambda);
    let error = lambda.wait_for_init_error().error();
    assert_eq!(
        (error.header_type.as_str(), error.message.as_str()),
        ("Function.ServiceFailure", "no database")
    );
    assert_eq!(function.exit_code(), Some(1));
}

#[test]
fn state_service_rejects_other_events() {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command(SERVICE);
    command.env("IN_STATE", "1");
    let _function = Process::spawn_function_with(command, &lambda);
    let error = lambda.invoke(Event::json("{}")).error();
    assert_eq!(error.header_type, "Function.InvalidEvent");
    assert!(error.message.contains("on_other_events"), "{}", error.message);
}
