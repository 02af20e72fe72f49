//! The metrics of invocations and of the function.

use std::time::Duration;

use serde_json::json;
use test_support::{Event, MockRuntimeApi, Process, script};

use crate::emf::{Document, documents, wait_for_invocations};
use crate::function;

fn start() -> (MockRuntimeApi, Process) {
    let lambda = MockRuntimeApi::start();
    let function = Process::spawn_function_with(function(), &lambda);
    (lambda, function)
}

#[test]
fn invocation_writes_one_valid_document() {
    let (lambda, function) = start();
    let event = script(json!([{"write": "one"}, {"record": ["OrdersPlaced", 2.0]}, {"sleep": 5}, {"write": "three"}]));
    let event = event
        .header("Lambda-Runtime-Aws-Tenant-Id", "blue")
        .header("Lambda-Runtime-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793");
    let pending = lambda.queue(event);
    pending.wait();
    let documents = wait_for_invocations(&function, 1);

    let started = &documents[0];
    assert_eq!(started.value("Started", "Count"), 1.0);
    assert_eq!((started.text("requestId"), started.namespace()), ("", "lambda-stream"));

    let [document] = &documents[1..] else {
        panic!("{documents:#?}");
    };
    assert_eq!(document.namespace(), "Tests/Telemetry");
    assert_eq!(document.text("FunctionName"), "orders");
    assert_eq!(document.text("FunctionVersion"), "7");
    assert_eq!(document.text("requestId"), pending.request_id());
    assert_eq!(document.text("tenantId"), "blue");
    assert_eq!(document.text("xRayTraceId"), "Root=1-5759e988-bd862e3fe1be46a994272793");
    assert_eq!((document.text("outcome"), document.text("errorType")), ("ok", ""));
    assert_eq!(document.value("OrdersPlaced", "Count"), 2.0);
    assert_eq!(document.value("ResponseBytes", "Bytes"), 8.0);
    assert!(document.value("ResponseChunks", "Count") >= 1.0);
    assert_eq!(document.value("ColdStart", "Count"), 1.0);
    assert!(document.value("Backpressure", "Milliseconds") >= 0.0);
    let (first_byte, duration) = (
        document.value("TimeToFirstByte", "Milliseconds"),
        document.value("Duration", "Milliseconds"),
    );
    assert!(
        first_byte > 0.0 && first_byte < duration && duration >= 5.0,
        "{first_byte} {duration}"
    );
    for count in ["Errors", "Timeouts", "Rejections"] {
        assert_eq!(document.value(count, "Count"), 0.0, "{count}");
    }

    lambda.invoke(script(json!([])));
    let documents = wait_for_invocations(&function, 2);
    assert_eq!(documents[2].value("ColdStart", "Count"), 0.0);
    assert!(!documents[2].metrics.contains_key("TimeToFirstByte"));
}

#[test]
fn failures_are_counted_by_outcome() {
    let (lambda, function) = start();
    let outcomes = [
        (script(json!([{"fail": "no stock"}])), "error", "Function.Error"),
        (
            script(json!([{"write": "a"}, {"panic": "oops"}])),
            "error",
            "Function.Panic",
        ),
        (
            script(json!([{"sleep": 60_000}])).deadline_in(Duration::from_millis(600)),
            "timeout",
            "Function.Timeout",
        ),
        (
            script(json!([{"write": "a"}])).rejected(413, "RequestEntityTooLarge", "too large"),
            "rejected",
            "",
        ),
        (Event::json("{"), "error", "Function.InvalidEvent"),
    ];
    for (index, (event, outcome, error_type)) in outcomes.into_iter().enumerate() {
        let pending = lambda.queue(event);
        pending.wait();
        let documents = wait_for_invocations(&function, index + 1);
        let document = documents.last().unwrap();
        assert_eq!(document.text("requestId"), pending.request_id());
        assert_eq!(
            (document.text("outcome"), document.text("errorType")),
            (outcome, error_type)
        );
        let count = |name| document.value(name, "Count");
        assert_eq!(count("Errors"), f64::from(outcome == "error"), "{outcome}");
        assert_eq!(count("Timeouts"), f64::from(outcome == "timeout"), "{outcome}");
        assert_eq!(count("Rejections"), f64::from(outcome == "rejected"), "{outcome}");
    }
}

#[test]
fn spawned_task_writes_document_of_its_own() {
    let (lambda, function) = start();
    lambda.invoke(script(
        json!([{"spawn_record": ["Throughput", 8.0]}, {"record": ["Inside", 1.0]}]),
    ));
    let documents = wait_for_invocations(&function, 1);
    let own = documents
        .iter()
        .find(|document| document.metrics.contains_key("Throughput"))
        .unwrap();
    assert_eq!(own.metrics.len(), 1);
    assert_eq!(own.value("Throughput", "Bytes/Second"), 8.0);
    assert_eq!((own.text("requestId"), own.namespace()), ("", "Tests/Telemetry"));
    let invocation = documents.last().unwrap();
    assert_eq!(invocation.value("Inside", "Count"), 1.0);
}

#[test]
fn returned_stream_records_in_its_invocation() {
    let lambda = MockRuntimeApi::start();
    let mut command = function();
    command.arg("items");
    let function = Process::spawn_function_with(command, &lambda);
    let pending = lambda.queue(Event::json("[1, 2, 3]"));
    assert_eq!(pending.wait().text(), "123");
    let documents = wait_for_invocations(&function, 1);
    let document = documents.last().unwrap();
    assert_eq!(document.text("requestId"), pending.request_id());
    assert_eq!(document.metrics["Item"], ("Count".to_owned(), vec![1.0, 2.0, 3.0]));
}

#[test]
fn many_metrics_are_split_into_valid_documents() {
    let (lambda, function) = start();
    let pending = lambda.queue(script(json!([{"record_many": [300, 7]}, {"record_many": [1, 250]}])));
    pending.wait();
    let count = |document: &Document| {
        let many = document.metrics.iter().filter(|(name, _)| name.starts_with("Many"));
        many.map(|(_, (_, values))| values.len()).sum::<usize>()
    };
    let expected = 300 * 7 + 250;
    let text = function.wait_for_stderr(|text| documents(text).iter().map(count).sum::<usize>() >= expected);
    let documents = documents(&text);
    let with_many: Vec<_> = documents.iter().filter(|document| count(document) > 0).collect();
    assert!(
        with_many
            .iter()
            .all(|document| document.text("requestId") == pending.request_id())
    );
    assert_eq!(with_many.into_iter().map(count).sum::<usize>(), expected);
}

#[test]
fn invalid_metrics_are_logged_and_ignored() {
    let (lambda, function) = start();
    let response = lambda.invoke(script(json!([{"record_invalid": null}, {"write": "done"}])));
    assert_eq!((response.text(), response.failed()), ("done", false));
    let documents = wait_for_invocations(&function, 1);
    assert!(!documents.last().unwrap().metrics.contains_key("Invalid"));
    let log = function.wait_for_stderr(|text| text.contains("ignored the metric \"_aws\": the name is reserved"));
    for value in ["NaN", "inf", "-inf", "179769"] {
        let message = format!("ignored the metric \"Invalid\": the value {value}");
        assert!(log.contains(&message), "no {message:?} in {log}");
    }
}

#[test]
fn namespace_of_variable_overrides_setting() {
    let lambda = MockRuntimeApi::start();
    let mut command = function();
    command.env("LAMBDA_STREAM_METRICS_NAMESPACE", "Shop/Orders");
    let function = Process::spawn_function_with(command, &lambda);
    lambda.invoke(script(json!([])));
    let documents = wait_for_invocations(&function, 1);
    assert!(documents.iter().all(|document| document.namespace() == "Shop/Orders"));
}

#[test]
fn nothing_is_written_outside_of_lambda() {
    let lambda = MockRuntimeApi::start();
    let mut command = function();
    command
        .env_remove("AWS_LAMBDA_FUNCTION_NAME")
        .env("OTEL_SDK_DISABLED", "true");
    let function = Process::spawn_function_with(command, &lambda);
    lambda.invoke(script(json!([{"record": ["OrdersPlaced", 2.0]}])));
    lambda.wait_for_next();
    assert_eq!(function.shut_down(), "");
}

#[test]
fn closed_standard_error_does_not_affect_responses() {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command("sh");
    command.args(["-c", "exec \"$0\" 2>&-", env!("CARGO_BIN_EXE_telemetry")]);
    command.env("AWS_LAMBDA_FUNCTION_NAME", "orders");
    let function = Process::spawn_function_with(command, &lambda);
    for _ in 0..3 {
        let response = lambda.invoke(script(json!([{"record_many": [150, 2]}, {"write": "done"}])));
        assert_eq!((response.text(), response.failed()), ("done", false));
    }
    lambda.wait_for_next();
    assert!(function.is_running());
}
