//! Collectors that fail: the response never waits for them, and the next event waits for a limited time.

use std::time::{Duration, Instant};

use serde_json::json;
use test_support::{CollectorMode, OtlpCollector};

use crate::{sampled, start_with_collector};

/// Invokes the function three times with this collector, and asserts that every response arrives, that the function
/// continues, and that it logs the failure once. Returns how long that took.
#[track_caller]
fn fails(endpoint: &str, variables: &[(&str, &str)], reason: &str) -> Duration {
    let (lambda, function) = start_with_collector(endpoint, variables);
    lambda.wait_for_next();
    let start = Instant::now();
    for _ in 0..3 {
        let response = lambda.invoke(sampled(json!([{"write": "one"}, {"span": 1}])));
        assert_eq!((response.text(), response.failed()), ("one", false));
    }
    lambda.wait_for_next();
    let elapsed = start.elapsed();
    let log = function.shut_down();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("failed to export")).collect();
    assert!(lines.len() == 1 && lines[0].contains(reason), "no {reason:?} in {log}");
    elapsed
}

#[test]
fn refused_connection_is_logged_once() {
    fails(&OtlpCollector::refused_endpoint(), &[], "Connection refused");
}

#[test]
fn error_status_is_logged_once() {
    let collector = OtlpCollector::start(CollectorMode::Respond(500));
    fails(&collector.endpoint(), &[], "500");
    // No retries: the next event waits for one request.
    assert_eq!(collector.exports().len(), 3);
}

#[test]
fn stalled_collector_delays_next_event_by_time_limit() {
    let collector = OtlpCollector::start(CollectorMode::Hold);
    let elapsed = fails(
        &collector.endpoint(),
        &[("OTEL_EXPORTER_OTLP_TIMEOUT", "1000")],
        "the collector did not respond within 1000 ms",
    );
    assert!(elapsed >= Duration::from_secs(3), "{elapsed:?}");
    assert_eq!(collector.exports().len(), 3);
}

#[test]
fn export_ends_before_deadline() {
    let collector = OtlpCollector::start(CollectorMode::Hold);
    let (lambda, _function) = start_with_collector(&collector.endpoint(), &[("OTEL_EXPORTER_OTLP_TIMEOUT", "60000")]);
    let event = sampled(json!([{"write": "one"}])).deadline_in(Duration::from_secs(2));
    let response = lambda.invoke(event);
    assert_eq!(response.text(), "one");
    // Times out before the time limit of the exporter.
    lambda.wait_for_next();
}

#[test]
fn export_recovers_after_failure() {
    let collector = OtlpCollector::start(CollectorMode::Hold);
    let (lambda, function) = start_with_collector(&collector.endpoint(), &[("OTEL_EXPORTER_OTLP_TIMEOUT", "2000")]);
    lambda.invoke(sampled(json!([])));
    function.wait_for_stderr(|log| log.contains("failed to export 1 spans"));
    collector.release();
    lambda.wait_for_next();
    lambda.invoke(sampled(json!([])));
    lambda.wait_for_next();
    assert_eq!(collector.spans().len(), 2);
    assert_eq!(function.shut_down().matches("failed to export").count(), 1);
}

#[test]
fn invalid_configuration_is_logged() {
    let collector = OtlpCollector::start(CollectorMode::Accept);
    for (variables, reason) in [
        (
            [("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "not a url")],
            "no spans are exported: ",
        ),
        (
            [("OTEL_EXPORTER_OTLP_TIMEOUT", "soon")],
            "ignored OTEL_EXPORTER_OTLP_TIMEOUT=\"soon\"",
        ),
        (
            [("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")],
            "ignored OTEL_EXPORTER_OTLP_PROTOCOL=\"grpc\"",
        ),
    ] {
        let (lambda, function) = start_with_collector(&collector.endpoint(), &variables);
        let response = lambda.invoke(sampled(json!([{"write": "one"}])));
        assert_eq!((response.text(), response.failed()), ("one", false));
        lambda.wait_for_next();
        function.kill();
        assert!(
            function.stderr().contains(reason),
            "no {reason:?} in {}",
            function.stderr()
        );
    }
}
