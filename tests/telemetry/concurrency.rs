//! 64 concurrent invocations: no metric and no span belongs to another invocation.

use std::collections::BTreeMap;

use serde_json::json;
use test_support::{CollectorMode, OtlpCollector};

use crate::emf::wait_for_invocations;
use crate::{sampled, start_with_collector};

const INVOCATIONS: usize = 64;

/// Runs 64 invocations, each with its own number in a metric and in a span, which are all in progress at the same time.
/// Returns the number of each request id, after all responses have arrived.
fn invoke_all(
    endpoint: &str,
    timeout: &str,
) -> (
    test_support::MockRuntimeApi,
    test_support::Process,
    BTreeMap<String, u64>,
) {
    let concurrency = INVOCATIONS.to_string();
    let variables = [
        ("AWS_LAMBDA_MAX_CONCURRENCY", concurrency.as_str()),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", timeout),
    ];
    let (lambda, function) = start_with_collector(endpoint, &variables);
    lambda.wait_for_next_calls(INVOCATIONS);
    let invocations: Vec<_> = (0..INVOCATIONS as u64)
        .map(|number| {
            let record = json!({"record": ["Number", number]});
            let steps = json!([{"write": "one"}, record, {"await": INVOCATIONS}, record, {"span": number}]);
            // Each invocation has its own trace.
            let header = format!("Root=1-5759e988-{number:024x};Parent=53995c3f42cd8ad8;Sampled=1");
            (
                number,
                lambda.queue(sampled(steps).header("Lambda-Runtime-Trace-Id", header)),
            )
        })
        .collect();
    let numbers = invocations
        .into_iter()
        .map(|(number, pending)| {
            let response = pending.wait();
            assert_eq!((response.text(), response.failed()), ("one", false));
            (pending.request_id().to_owned(), number)
        })
        .collect();
    (lambda, function, numbers)
}

#[test]
fn metrics_and_spans_stay_in_their_invocations() {
    let collector = OtlpCollector::start(CollectorMode::Accept);
    let (lambda, function, numbers) = invoke_all(&collector.endpoint(), "20000");
    lambda.wait_for_next_calls(INVOCATIONS);

    let documents = wait_for_invocations(&function, INVOCATIONS);
    let documents = documents
        .iter()
        .filter(|document| document.metrics.contains_key("Duration"));
    let recorded: BTreeMap<_, _> = documents
        .map(|document| {
            let (_, values) = &document.metrics["Number"];
            assert!(values.len() == 2 && values[0] == values[1], "{values:?}");
            (document.text("requestId").to_owned(), values[0] as u64)
        })
        .collect();
    assert_eq!(recorded, numbers);

    let spans = collector.spans();
    assert_eq!(spans.len(), 2 * INVOCATIONS);
    let invocations = spans.iter().filter(|span| span.name == "orders");
    let exported: BTreeMap<_, _> = invocations
        .map(|invocation| {
            let is_child = |span: &&test_support::CollectedSpan| span.parent_span_id == invocation.span_id;
            let work = spans.iter().find(is_child).unwrap();
            assert_eq!(work.trace_id, invocation.trace_id);
            let request_id = invocation.attributes["faas.invocation_id"].as_str().unwrap();
            let number = work.attributes["number"].as_u64().unwrap();
            assert!(invocation.trace_id.ends_with(&format!("{number:024x}")));
            (request_id.to_owned(), number)
        })
        .collect();
    assert_eq!(exported, numbers);
}

#[test]
fn responses_do_not_wait_for_stalled_collector() {
    let collector = OtlpCollector::start(CollectorMode::Hold);
    // All responses arrive while the collector holds the export.
    let (lambda, _function, _) = invoke_all(&collector.endpoint(), "500");
    lambda.wait_for_next_calls(INVOCATIONS);
}
