//! What a `tracing` subscriber gets of an invocation, and subscribers that panic.

use std::time::Duration;

use serde_json::json;
use test_support::{Event, MockRuntimeApi, Process, script};

/// Starts the function `subscribers` with this value of `SUBSCRIBER`.
fn start(subscriber: &str) -> (MockRuntimeApi, Process) {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command(env!("CARGO_BIN_EXE_subscribers"));
    command.env("SUBSCRIBER", subscriber);
    let function = Process::spawn_function_with(command, &lambda);
    (lambda, function)
}

/// Returns what the subscriber printed for one invocation, with the numbers of milliseconds replaced by `N`.
fn observe(event: Event) -> Vec<String> {
    let (lambda, function) = start("record");
    lambda.invoke(event.request_id("id-1"));
    lambda.wait_for_next();
    // `kill` waits for the end of the output.
    function.kill();
    let log = function.stderr();
    let without_times = |line: &str| {
        let words = line.split(' ').map(|word| match word.split_once("_ms=") {
            Some((name, _)) => format!("{name}_ms=N"),
            None => word.to_owned(),
        });
        words.collect::<Vec<_>>().join(" ")
    };
    log.lines().map(without_times).collect()
}

/// Returns the last line of [`observe`], which is about the end of the invocation.
fn observe_end(event: Event) -> String {
    observe(event).pop().unwrap_or_default()
}

const SPAN: &str = r#"span invocation request_id="id-1" cold_start=true"#;

#[test]
fn complete_response_is_summarized() {
    let mut log = observe(script(json!([{"write": "abc"}, "flush", {"write": "de"}])));
    log.retain(|line| !line.starts_with("record"));
    assert_eq!(
        log,
        [
            SPAN,
            r#"INFO message=invocation ended outcome="ok" cold_start=true first_byte_ms=N duration_ms=N bytes=5 chunks=2 backpressure_ms=N"#,
        ]
    );
}

#[test]
fn failed_invocation_is_logged_once() {
    let mut log = observe(script(
        json!([{"write": "abc"}, {"fail_typed": ["Function.Mine", "no luck"]}]),
    ));
    log.retain(|line| !line.starts_with("record"));
    assert_eq!(
        log,
        [
            SPAN,
            r#"ERROR message=invocation failed error_type="Function.Mine" error_message=no luck stack_trace=[]"#,
            r#"INFO message=invocation ended outcome="error" cold_start=true error_type="Function.Mine" first_byte_ms=N duration_ms=N bytes=3 chunks=1 backpressure_ms=N"#,
        ]
    );
}

#[test]
fn error_before_first_byte_has_no_first_byte() {
    let end = observe_end(script(json!([{"fail": "no luck"}])));
    assert_eq!(
        end,
        r#"INFO message=invocation ended outcome="error" cold_start=true error_type="Function.Error" duration_ms=N bytes=0 chunks=0 backpressure_ms=N"#
    );
}

#[test]
fn timeout_and_rejection_have_their_outcomes() {
    let end = observe_end(script(json!(["hang"])).deadline_in(Duration::from_millis(500)));
    assert!(end.contains(r#" outcome="timeout" "#), "{end}");
    let rejected = script(json!(["write_until_closed"]));
    let end = observe_end(rejected.rejected_early(0, 413, "ResponseTooLarge", "too large"));
    assert!(end.contains(r#" outcome="rejected" "#), "{end}");
}

#[test]
fn prelude_is_neither_byte_nor_chunk_of_body() {
    let end = observe_end(script(json!([{"prelude": {"status": 200}}, {"write": "abc"}])));
    assert!(end.contains(" bytes=3 chunks=1 "), "{end}");
}

#[test]
fn full_buffer_is_backpressure() {
    let (lambda, function) = start("record");
    let writes = script(json!([{"write_bytes": 8_000_000}]));
    lambda.invoke(writes.read_slowly(20_000_000));
    lambda.wait_for_next();
    function.kill();
    let log = function.stderr();
    let (_, backpressure) = log.split_once("backpressure_ms=").unwrap();
    let backpressure: f64 = backpressure.trim().parse().unwrap();
    assert!(backpressure > 0.0, "{log}");
}

#[test]
fn only_first_invocation_is_a_cold_start() {
    let (lambda, function) = start("record");
    for _ in 0..3 {
        lambda.invoke(script(json!([])));
    }
    lambda.wait_for_next();
    function.kill();
    let log = function.stderr();
    let count = |text| {
        log.lines()
            .filter(|line| line.starts_with("span") && line.contains(text))
            .count()
    };
    assert_eq!((count("cold_start=true"), count("cold_start=false")), (1, 2), "{log}");
}

#[test]
fn panic_in_subscriber_does_not_change_the_response() {
    for method in ["new_span", "record_values", "event", "try_close"] {
        let (lambda, function) = start(method);
        for _ in 0..2 {
            let response = lambda.invoke(script(json!([{"write": "one"}, {"write": "two"}])));
            assert_eq!((response.text(), response.failed()), ("onetwo", false), "{method}");
            let response = lambda.invoke(script(json!([{"write": "one"}, {"fail": "no luck"}])));
            assert_eq!(
                (response.text(), response.error().message.as_str()),
                ("one", "no luck"),
                "{method}"
            );
        }
        assert!(function.is_running());
        let log = function.stderr();
        assert!(log.contains(&format!("the subscriber panicked in `{method}`")), "{log}");
    }
}

/// These run around the poll of the handler, so their panic counts as one of the handler.
#[test]
fn panic_around_the_handler_fails_the_invocation() {
    for method in ["enter", "exit"] {
        let (lambda, function) = start(method);
        for _ in 0..2 {
            let error = lambda.invoke(script(json!([{"write": "one"}]))).error();
            assert_eq!(error.header_type, "Function.Panic");
            assert_eq!(error.message, format!("the subscriber panicked in `{method}`"));
        }
        assert!(function.is_running());
    }
}
