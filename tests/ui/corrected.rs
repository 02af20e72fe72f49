//! Runs each corrected version as a process against the mock Runtime API.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;

use test_support::{Event, MockRuntimeApi, Process, Response, ResponseKind};

use crate::catalogue::{self, EventSource, Expected, Invocation, Misuse};

/// The number of processes at a time. Most of the time of a run is the start and the end of its process.
const PARALLEL: usize = 8;

/// The delimiter between the prelude and the body of an HTTP response.
const DELIMITER: [u8; 8] = [0; 8];

/// The media type of a response with a prelude.
const WITH_PRELUDE: &str = "application/vnd.awslambda.http-integration-response";

/// Invokes the binary once, shuts it down, and returns how it differs from what its header says.
fn run(name: &str, invocation: &Invocation) -> Result<(), String> {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command(catalogue::executable(name)?);
    command.envs(invocation.variables.iter().map(|(name, value)| (name, value)));
    let function = Process::spawn_function_with(command, &lambda);
    if let Expected::InitError { error_type } = &invocation.expected {
        let reported = lambda.wait_for_init_error().error().error_type;
        let status = function.wait_for_exit();
        return match reported == *error_type && !status.success() {
            true => Ok(()),
            false => Err(format!(
                "reported `{reported}` and exited with {status}, expected `{error_type}`"
            )),
        };
    }
    let response = lambda.invoke(event(&invocation.event));
    check(&response, &invocation.expected)?;
    lambda.wait_for_next();
    let log = function.shut_down();
    match function.exit_code() {
        Some(0) => Ok(()),
        code => Err(format!("exit status {code:?} after SIGTERM\n{log}")),
    }
}

fn event(source: &EventSource) -> Event {
    match source {
        EventSource::Json(json) => Event::json(json),
        EventSource::Request { method, target, body } => {
            let request = Event::function_url(method, target);
            match body {
                Some(body) => request.header("Content-Type", "application/json").body(body).event(),
                None => request.event(),
            }
        }
    }
}

/// Compares the response with the one in the header.
fn check(response: &Response, expected: &Expected) -> Result<(), String> {
    match expected {
        Expected::Response { status, body } => {
            if response.failed() {
                let error = response.error();
                return Err(format!("reported {}: {}", error.error_type, error.message));
            }
            let (prelude_status, found) = split(response)?;
            if status.is_some() && *status != prelude_status {
                return Err(format!("responded with status {prelude_status:?}, expected {status:?}"));
            }
            if found != *body {
                return Err(format!("responded with {found:?}, expected {body:?}"));
            }
        }
        Expected::Error { error_type } | Expected::InitError { error_type } => {
            if !response.failed() {
                return Err(format!(
                    "responded with {:?}, expected the error {error_type}",
                    response.text()
                ));
            }
            let found = response.error().error_type;
            if found != *error_type {
                return Err(format!("reported {found:?}, expected {error_type:?}"));
            }
        }
    }
    Ok(())
}

/// Returns the status in the prelude, if there is one, and the body.
fn split(response: &Response) -> Result<(Option<u64>, String), String> {
    let bytes = response.body();
    let (status, body) = match response.content_type() {
        Some(WITH_PRELUDE) => {
            let length = bytes.windows(DELIMITER.len()).position(|part| part == DELIMITER);
            let (prelude, body) = match (response.kind(), length) {
                (ResponseKind::Response, Some(_)) => response.prelude(),
                _ => return Err(format!("no prelude in {:?}", response.text())),
            };
            (prelude["statusCode"].as_u64(), body)
        }
        _ => (None, bytes),
    };
    Ok((status, String::from_utf8_lossy(body).into_owned()))
}

/// Runs all misuses, several at a time. Returns the number of runs and the failures.
fn run_all(misuses: &[Misuse]) -> Vec<String> {
    let next = Mutex::new(misuses.iter());
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..PARALLEL {
            scope.spawn(|| {
                loop {
                    let misuse = next.lock().expect("no panic with this lock").next();
                    let Some(Misuse { name, invocation, .. }) = misuse else {
                        break;
                    };
                    // The mock panics at a violation of its protocol and when it has waited too long.
                    let result = catch_unwind(AssertUnwindSafe(|| run(name, invocation)));
                    let error = match result {
                        Ok(Ok(())) => continue,
                        Ok(Err(error)) => error,
                        Err(panic) => panic_message(panic.as_ref()).to_owned(),
                    };
                    let failure = format!("{name}/main.rs: {error}");
                    failures.lock().expect("no panic with this lock").push(failure);
                }
            });
        }
    });
    let mut failures = failures.into_inner().expect("no panic with this lock");
    failures.sort();
    failures
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message")
}

#[test]
fn corrected_versions_run() {
    let misuses = catalogue::misuses();
    let failures = run_all(&misuses);
    println!(
        "{} of {} corrected versions ran",
        misuses.len() - failures.len(),
        misuses.len()
    );
    assert!(
        failures.is_empty(),
        "{} corrected versions do not do what their header says\n{}\n",
        failures.len(),
        failures.join("\n")
    );
}

/// Runs one corrected version, whose header expects this.
fn run_expecting(expected: Expected) -> Result<(), String> {
    let invocation = Invocation {
        event: EventSource::Json(r#"{"price":5,"quantity":3}"#.to_owned()),
        variables: Vec::new(),
        expected,
    };
    run("handler_not_async", &invocation)
}

#[test]
fn other_behavior_is_reported() {
    let response = |status, body: &str| Expected::Response {
        status,
        body: body.to_owned(),
    };
    let error = |error_type: &str| Expected::Error {
        error_type: error_type.to_owned(),
    };
    assert_eq!(run_expecting(response(None, r#"{"total":15}"#)), Ok(()));
    for (expected, problem) in [
        (response(None, r#"{"total":8}"#), "expected \"{\\\"total\\\":8}\""),
        (response(Some(200), r#"{"total":15}"#), "responded with status None"),
        (error("Order.NotFound"), "expected the error Order.NotFound"),
    ] {
        let error = run_expecting(expected).expect_err("other behavior");
        assert!(error.contains(problem), "{error}");
    }
}
