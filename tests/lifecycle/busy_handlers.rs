//! Handlers that are always ready: they use up tokio's cooperative budget at every poll, or repeat an await point that
//! has nothing to wait for. The deadline stops them, their response is delivered, and the next event is handled.
#![allow(clippy::print_stderr, reason = "the output of a failed test names the loop")]

use std::path::Path;
use std::time::{Duration, Instant};
use std::{fs, process, thread};

use serde_json::{Value, json};
use test_support::{ConnectionFault, Event, HttpEvent, MockRuntimeApi, Process, Response, ResponseKind, start};

use crate::start_function;

const DEADLINE: Duration = Duration::from_millis(600);

/// Loops that use up the budget.
const BUDGET_LOOPS: &[&str] = &["semaphore", "channel", "consume_budget"];

/// Loops of a `ResponseStream` that are possible at any time.
const STREAM_LOOPS: &[&str] = &[
    "write",
    "write_empty",
    "send",
    "send_empty",
    "flush",
    "send_prelude",
    "send_invalid_prelude",
    "async_write",
    "async_write_empty",
    "async_flush",
    "sink_feed",
    "sink_feed_empty",
    "sink_flush",
];

/// Loops that end the response.
const END_LOOPS: &[&str] = &["async_shutdown", "sink_close"];

/// Loops of the writers of formats, which need a response that has not started.
const FORMAT_LOOPS: &[&str] = &[
    "sse_send",
    "sse_send_invalid",
    "sse_flush",
    "sse_send_prelude",
    "sse_keep_alive",
    "ndjson_send",
    "ndjson_send_invalid",
    "ndjson_flush",
    "ndjson_send_prelude",
];

fn start_loops(flavor: &str, max_concurrency: usize) -> (MockRuntimeApi, Process) {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command(env!("CARGO_BIN_EXE_busy_loops"));
    command
        .env("FLAVOR", flavor)
        .env("AWS_LAMBDA_MAX_CONCURRENCY", max_concurrency.to_string());
    let function = Process::spawn_function_with(command, &lambda);
    (lambda, function)
}

/// Returns an event for `busy_loops`, with the deadline of these tests. The mock discards the body of the response.
fn event(request: Value) -> Event {
    eprintln!("event: {request}");
    Event::json(request.to_string()).deadline_in(DEADLINE).discard_body()
}

/// Asserts that the function handles the next event.
#[track_caller]
fn assert_next_event_is_handled(lambda: &MockRuntimeApi) {
    let response = lambda.invoke(Event::json(json!({"loop": "none", "first": "fine"}).to_string()));
    assert_eq!(response.text(), "fine");
    assert!(!response.failed());
}

#[track_caller]
fn assert_timeout(lambda: &MockRuntimeApi, event: Event) {
    assert_eq!(error_type(&lambda.invoke(event)).as_deref(), Some("Function.Timeout"));
}

/// Returns the error type that the runtime reported. The body of the report may be discarded.
fn error_type(response: &Response) -> Option<String> {
    let name = "Lambda-Runtime-Function-Error-Type";
    let mut trailers = response.trailers().into_iter();
    let trailer = trailers.find(|(trailer, _)| trailer.eq_ignore_ascii_case(name));
    match trailer {
        Some((_, value)) => Some(value),
        None => response.header(name).map(str::to_owned),
    }
}

/// Asserts that the process shuts down although tasks of its handlers may still be running.
#[track_caller]
fn assert_shutdown(function: &Process) {
    function.signal("TERM");
    assert_eq!(function.exit_code(), Some(0));
}

#[test]
fn busy_handler_is_stopped_at_deadline() {
    let (lambda, function) = start_loops("current_thread", 1);
    for name in [BUDGET_LOOPS, STREAM_LOOPS, FORMAT_LOOPS].concat() {
        assert_timeout(&lambda, event(json!({ "loop": name })));
        assert_next_event_is_handled(&lambda);
    }
    assert_shutdown(&function);
}

#[test]
fn busy_handler_with_started_response_is_stopped() {
    let (lambda, function) = start_loops("current_thread", 1);
    for name in [BUDGET_LOOPS, STREAM_LOOPS].concat() {
        let response = lambda.invoke(event(json!({ "loop": name, "first": "a" })));
        assert_eq!(response.kind(), ResponseKind::Response);
        assert_eq!(response.error().header_type, "Function.Timeout");
        assert_next_event_is_handled(&lambda);
    }
    assert_shutdown(&function);
}

#[test]
fn busy_handlers_on_two_threads_are_stopped() {
    let loops = [BUDGET_LOOPS, STREAM_LOOPS, FORMAT_LOOPS].concat();
    let (lambda, function) = start_loops("multi_thread", 1);
    for name in &loops {
        assert_timeout(&lambda, event(json!({ "loop": name })));
    }
    assert_next_event_is_handled(&lambda);
    assert_shutdown(&function);
}

#[test]
fn concurrent_busy_handlers_are_stopped() {
    let loops = [BUDGET_LOOPS, STREAM_LOOPS, FORMAT_LOOPS].concat();
    let (lambda, function) = start_loops("current_thread", loops.len());
    lambda.wait_for_next_calls(loops.len());
    let pending: Vec<_> = loops
        .iter()
        .map(|name| lambda.queue(event(json!({ "loop": name })).deadline_in(Duration::from_secs(2))))
        .collect();
    for pending in pending {
        assert_eq!(error_type(&pending.wait()).as_deref(), Some("Function.Timeout"));
    }
    lambda.wait_for_next_calls(loops.len());
    assert_next_event_is_handled(&lambda);
    assert_shutdown(&function);
}

/// The tasks keep running after their deadline, and ignore that every write fails.
#[test]
fn busy_tasks_do_not_prevent_next_event() {
    for flavor in ["current_thread", "multi_thread"] {
        let (lambda, function) = start_loops(flavor, 1);
        for name in [BUDGET_LOOPS, STREAM_LOOPS, FORMAT_LOOPS].concat() {
            assert_timeout(&lambda, event(json!({ "loop": name, "in_task": true })));
            assert_next_event_is_handled(&lambda);
        }
        assert_shutdown(&function);
    }
}

#[test]
fn busy_handler_after_rejection_is_stopped() {
    let (lambda, function) = start_loops("current_thread", 1);
    for name in STREAM_LOOPS {
        for in_task in [false, true] {
            let event = event(json!({ "loop": name, "first": "a", "in_task": in_task }));
            let response = lambda.invoke(event.rejected_early(1, 413, "RequestEntityTooLarge", "too large"));
            assert_eq!(response.status(), Some(413));
            assert_next_event_is_handled(&lambda);
        }
    }
    assert_shutdown(&function);
}

#[test]
fn busy_handler_after_end_of_response_is_stopped() {
    let (lambda, function) = start_loops("current_thread", 1);
    for name in END_LOOPS {
        for in_task in [false, true] {
            let response = lambda.invoke(event(json!({ "loop": name, "first": "a", "in_task": in_task })));
            assert!(!response.failed(), "the response ended before the deadline");
            assert_next_event_is_handled(&lambda);
        }
    }
    assert_shutdown(&function);
}

#[test]
fn busy_handler_with_discarded_body_is_stopped() {
    for flavor in ["current_thread", "multi_thread"] {
        let (lambda, function) = start_loops(flavor, 1);
        for name in STREAM_LOOPS {
            let request = json!({ "loop": name, "status": 204 });
            eprintln!("{flavor}: {request}");
            let event = HttpEvent::function_url("GET", "/").body(request.to_string()).event();
            let response = lambda.invoke(event.deadline_in(DEADLINE));
            assert_eq!(response.error().header_type, "Function.Timeout");
            assert_eq!(response.prelude().1, b"");
            assert_next_event_is_handled(&lambda);
        }
        assert_shutdown(&function);
    }
}

/// The delivery shares the task with the handler, and has to connect again.
#[test]
fn response_of_busy_handler_is_sent_over_new_connection() {
    for name in BUDGET_LOOPS {
        let (lambda, function) = start_loops("current_thread", 1);
        let signal = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{}", process::id(), lambda.address()));
        let _ = fs::remove_file(&signal);
        let request = json!({ "await_file": signal, "loop": name, "first": "a" });
        let event = Event::json(request.to_string()).deadline_in(Duration::from_secs(900));
        lambda.wait_for_next();
        let sockets = function.resources().open_sockets().unwrap();
        let pending = lambda.queue(event.fault_after_delivery(ConnectionFault::closed()));
        pending.wait_for_delivery();
        let end = Instant::now() + Duration::from_secs(20);
        while function.resources().open_sockets().unwrap() >= sockets {
            assert!(Instant::now() < end, "the process keeps a dead connection open");
            thread::sleep(Duration::from_millis(1));
        }
        fs::write(&signal, "").unwrap();
        assert_eq!(pending.first_bytes(), b"a");
        assert_eq!(lambda.connections(), 2);
    }
}

#[test]
fn rejection_reaches_handler_that_uses_up_budget() {
    let (lambda, function) = start_loops("current_thread", 1);
    let request = json!({ "loop": "consume_budget_until_closed" });
    let event = Event::json(request.to_string()).deadline_in(Duration::from_secs(900));
    let response = lambda.invoke(event.rejected_early(1, 413, "RequestEntityTooLarge", "too large"));
    assert_eq!(response.status(), Some(413));
    function.wait_for_stderr(|text| text.contains("RequestEntityTooLarge"));
    assert_next_event_is_handled(&lambda);
}

/// The registration shares the task with `init`.
#[test]
fn registration_completes_while_init_uses_up_budget() {
    let (lambda, function) = start_function(&[("INIT", "busy"), ("ON_SHUTDOWN", "ok")]);
    lambda.wait_for_registration();
    assert!(function.is_running());
}

/// Returns events for `busy_items` from each source, with this request.
fn events_for_items(items: &str) -> [Event; 3] {
    let request = json!({ "items": items }).to_string();
    [
        Event::json(&request),
        HttpEvent::function_url("POST", "/").body(&request).event(),
        HttpEvent::alb("POST", "/", false).body(&request).event(),
    ]
}

#[test]
fn busy_returned_stream_is_stopped_at_deadline() {
    let (lambda, function) = start(env!("CARGO_BIN_EXE_busy_items"));
    for items in [
        "empty",
        "ready",
        "empty_with_budget",
        "budget",
        "http_empty",
        "http_trailers",
    ] {
        for (event, is_alb) in events_for_items(items).into_iter().zip([false, false, true]) {
            eprintln!("{items}: {event:?}");
            let response = lambda.invoke(event.deadline_in(DEADLINE).discard_body());
            let is_timeout = error_type(&response).as_deref() == Some("Function.Timeout");
            // On a fast machine the items of one byte exceed the limit of an ALB, 1 MB, before the deadline.
            let may_be_too_large = items == "ready" && is_alb;
            assert!(is_timeout || (may_be_too_large && response.failed()), "{response:?}");
            let [event, ..] = events_for_items("none");
            assert_eq!(lambda.invoke(event).text(), "");
        }
    }
    assert_shutdown(&function);
}

#[test]
fn keep_alive_of_busy_returned_stream_is_sent() {
    let (lambda, _function) = start(env!("CARGO_BIN_EXE_busy_items"));
    let [event, ..] = events_for_items("keep_alive");
    let pending = lambda.queue(event.deadline_in(Duration::from_secs(900)));
    pending.wait_for_body(|body| body.starts_with(b":\n\n:\n\n:\n\n"));
}
