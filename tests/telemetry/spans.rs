//! The span of an invocation: its parent, its attributes, and when it is exported.

use std::time::Duration;

use serde_json::{Value, json};
use test_support::{CollectedSpan, CollectorMode, Event, MockRuntimeApi, OtlpCollector, Process};

use crate::{PARENT_ID, SAMPLED_HEADER, TRACE_ID, function, sampled, start_with_collector};

/// Returns the only span with this name.
#[track_caller]
fn span(collector: &OtlpCollector, name: &str) -> CollectedSpan {
    let mut spans: Vec<_> = collector.spans().into_iter().filter(|span| span.name == name).collect();
    assert_eq!(spans.len(), 1, "{name} in {spans:#?}");
    spans.remove(0)
}

#[test]
fn span_is_exported_before_next_poll() {
    let collector = OtlpCollector::start(CollectorMode::Hold);
    let (lambda, _function) = start_with_collector(&collector.endpoint(), &[("OTEL_EXPORTER_OTLP_TIMEOUT", "20000")]);
    let response = lambda.invoke(sampled(json!([{"write": "one"}, {"span": 3}])));
    // The caller has the response although the collector has not responded.
    assert_eq!((response.text(), response.failed()), ("one", false));
    collector.wait_for_exports(1);
    assert_eq!(lambda.calls(), ["next", "response"]);
    collector.release();
    lambda.wait_for_next();
    assert_eq!(lambda.calls(), ["next", "response", "next"]);

    let export = &collector.exports()[0];
    assert_eq!(export.path, "/v1/traces");
    let next = lambda.requests().pop().unwrap();
    assert!(export.at < next.at && response.received_at() < export.at);
}

#[test]
fn span_has_parent_and_attributes_of_invocation() {
    let collector = OtlpCollector::start(CollectorMode::Accept);
    let (lambda, _function) = start_with_collector(&collector.endpoint(), &[]);
    let alias = "arn:aws:lambda:eu-central-1:123456789012:function:orders:live";
    let event = sampled(json!([{"span": 3}, {"sleep": 5}, {"write": "one"}]));
    let pending = lambda.queue(event.header("Lambda-Runtime-Invoked-Function-Arn", alias));
    pending.wait();
    lambda.wait_for_next();

    let invocation = span(&collector, "orders");
    assert_eq!(
        (invocation.trace_id.as_str(), invocation.parent_span_id.as_str()),
        (TRACE_ID, PARENT_ID)
    );
    assert_eq!(format!("{:?}", invocation.kind), "Server");
    assert_eq!(format!("{:?}", invocation.status), "Unset");
    for (name, value) in [
        ("faas.invocation_id", json!(pending.request_id())),
        ("faas.trigger", json!("other")),
        ("faas.coldstart", json!(true)),
        ("aws.lambda.invoked_arn", json!(alias)),
        (
            "cloud.resource_id",
            json!("arn:aws:lambda:eu-central-1:123456789012:function:orders:7"),
        ),
        ("cloud.account.id", json!("123456789012")),
    ] {
        assert_eq!(invocation.attributes.get(name), Some(&value), "{name}");
    }
    for (name, value) in [
        ("service.name", json!("orders")),
        ("cloud.provider", json!("aws")),
        ("cloud.platform", json!("aws_lambda")),
        ("cloud.region", json!("eu-central-1")),
        ("faas.name", json!("orders")),
        ("faas.version", json!("7")),
        ("faas.instance", json!("2026/11/26/[7]0123")),
        ("faas.max_memory", json!(512 * 1024 * 1024)),
    ] {
        assert_eq!(invocation.resource.get(name), Some(&value), "{name}");
    }
    let (_, first_byte) = invocation.events.iter().find(|(name, _)| name == "first byte").unwrap();
    assert!(invocation.start < *first_byte && *first_byte <= invocation.end);
    assert!(first_byte - invocation.start >= 5_000_000);

    let work = span(&collector, "work");
    assert_eq!(
        (&work.trace_id, &work.parent_span_id),
        (&invocation.trace_id, &invocation.span_id)
    );
    assert_eq!(work.attributes["number"], json!(3));
    assert!(invocation.start <= work.start && work.end <= invocation.end);

    lambda.invoke(
        Event::function_url("GET", "/")
            .event()
            .header("Lambda-Runtime-Trace-Id", SAMPLED_HEADER),
    );
    lambda.wait_for_next();
    let second = collector.spans().pop().unwrap();
    assert_eq!(second.attributes["faas.trigger"], json!("http"));
    assert_eq!(second.attributes["faas.coldstart"], json!(false));
}

#[test]
fn failed_invocation_has_status_error() {
    let collector = OtlpCollector::start(CollectorMode::Accept);
    let (lambda, _function) = start_with_collector(&collector.endpoint(), &[]);
    let too_late = sampled(json!([{"sleep": 60_000}])).deadline_in(Duration::from_millis(600));
    for (event, error_type) in [
        (sampled(json!([{"fail": "no stock"}])), "Function.Error"),
        (sampled(json!([{"write": "a"}, {"panic": "oops"}])), "Function.Panic"),
        (too_late, "Function.Timeout"),
        (
            sampled(json!([{"write": "a"}])).rejected(413, "TooLarge", "too large"),
            "rejected",
        ),
    ] {
        lambda.invoke(event);
        lambda.wait_for_next();
        let span = collector.spans().pop().unwrap();
        assert_eq!(
            (span.name.as_str(), format!("{:?}", span.status).as_str()),
            ("orders", "Error")
        );
        assert_eq!(span.attributes.get("error.type"), Some(&json!(error_type)));
        assert_eq!(span.status_message, error_type);
    }
}

#[test]
fn sampling_decision_of_x_ray_is_respected() {
    let not_sampled = || {
        let header = SAMPLED_HEADER.replace("Sampled=1", "Sampled=0");
        sampled(json!([{"span": 1}])).header("Lambda-Runtime-Trace-Id", header)
    };
    let collector = OtlpCollector::start(CollectorMode::Accept);
    let (lambda, function) = start_with_collector(&collector.endpoint(), &[]);
    for event in [not_sampled(), not_sampled(), sampled(json!([]))] {
        lambda.invoke(event);
    }
    lambda.wait_for_next();
    assert_eq!(collector.spans().len(), 1);
    let hint = "OTEL_TRACES_SAMPLER=always_on";
    let log = function.shut_down();
    assert_eq!(log.matches(hint).count(), 1, "{log}");

    let collector = OtlpCollector::start(CollectorMode::Accept);
    let sampler = [("OTEL_TRACES_SAMPLER", "always_on")];
    let (lambda, _function) = start_with_collector(&collector.endpoint(), &sampler);
    lambda.invoke(not_sampled());
    lambda.wait_for_next();
    assert_eq!(span(&collector, "orders").parent_span_id, PARENT_ID);
    assert_eq!(span(&collector, "work").trace_id, TRACE_ID);
}

#[test]
fn invocation_without_x_ray_header_is_a_root() {
    let collector = OtlpCollector::start(CollectorMode::Accept);
    let (lambda, _function) = start_with_collector(&collector.endpoint(), &[]);
    let no_header = sampled(json!([])).without_header("Lambda-Runtime-Trace-Id");
    let malformed = sampled(json!([])).header("Lambda-Runtime-Trace-Id", "Root=1-x;Parent=;Sampled");
    for event in [no_header, malformed] {
        lambda.invoke(event);
    }
    lambda.wait_for_next();
    let spans = collector.spans();
    assert_eq!(spans.len(), 2);
    assert!(spans.iter().all(|span| span.parent_span_id.is_empty()));
}

#[test]
fn environment_configures_exporter_and_resource() {
    let collector = OtlpCollector::start(CollectorMode::Accept);
    let traces_endpoint = format!("{}/custom?a=b", collector.endpoint());
    let (lambda, _function) = start_with_collector(
        &OtlpCollector::refused_endpoint(),
        &[
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &traces_endpoint),
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Basic%20abc,x-team=blue"),
            ("OTEL_SERVICE_NAME", "shop"),
            (
                "OTEL_RESOURCE_ATTRIBUTES",
                "deployment.environment.name=test,faas.version=overridden",
            ),
        ],
    );
    lambda.invoke(sampled(json!([])));
    lambda.wait_for_next();
    let export = &collector.exports()[0];
    assert_eq!(export.path, "/custom?a=b");
    assert_eq!(export.headers.get("authorization"), Some("Basic abc"));
    assert_eq!(export.headers.get("x-team"), Some("blue"));
    let resource = &export.spans[0].resource;
    let get = |name: &str| resource.get(name).and_then(Value::as_str).unwrap_or_default();
    assert_eq!(get("service.name"), "shop");
    assert_eq!(get("deployment.environment.name"), "test");
    assert_eq!(get("faas.version"), "overridden");
    assert_eq!(get("telemetry.sdk.language"), "rust");
}

#[test]
fn export_can_be_disabled() {
    let disabled = [("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_EXPORTER", "none")];
    for variable in disabled {
        let collector = OtlpCollector::start(CollectorMode::Accept);
        let (lambda, _function) = start_with_collector(&collector.endpoint(), &[variable]);
        let response = lambda.invoke(sampled(json!([{"write": "one"}])));
        assert_eq!(response.text(), "one");
        lambda.wait_for_next();
        assert!(collector.exports().is_empty(), "{variable:?}");
    }
}

#[test]
fn attribute_exports_if_endpoint_is_set() {
    let collector = OtlpCollector::start(CollectorMode::Accept);
    let start = |endpoint: Option<String>| {
        let lambda = MockRuntimeApi::start();
        let mut command = Process::command(env!("CARGO_BIN_EXE_json_document"));
        // The level of the logs does not apply to spans.
        command
            .env("AWS_LAMBDA_FUNCTION_NAME", "document")
            .env("AWS_LAMBDA_LOG_LEVEL", "ERROR")
            .env("OTEL_EXPORTER_OTLP_TIMEOUT", "15000");
        command.envs(endpoint.map(|endpoint| ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)));
        let function = Process::spawn_function_with(command, &lambda);
        (lambda, function)
    };
    for endpoint in [None, Some(collector.endpoint())] {
        assert!(collector.exports().is_empty());
        let (lambda, _function) = start(endpoint);
        let event = Event::json(r#"{"document": 3}"#).header("Lambda-Runtime-Trace-Id", SAMPLED_HEADER);
        assert_eq!(lambda.invoke(event).text(), "3");
        lambda.wait_for_next();
    }
    assert_eq!(span(&collector, "document").parent_span_id, PARENT_ID);
}

#[test]
fn spans_of_shutdown_hook_are_exported() {
    let collector = OtlpCollector::start(CollectorMode::Accept);
    let lambda = MockRuntimeApi::start();
    let mut command = function();
    command
        .arg("shutdown")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint());
    let function = Process::spawn_function_with(command, &lambda);
    lambda.wait_for_next();
    function.signal("TERM");
    assert_eq!(function.exit_code(), Some(0));
    span(&collector, "shutdown");
}
