//! Metrics in CloudWatch's embedded metric format, and spans that are exported to an OpenTelemetry collector.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failing test panics"
)]

mod collector_faults;
mod concurrency;
mod emf;
mod metrics;
mod spans;

use std::process::Command;

use serde_json::{Value, json};
use test_support::{Event, MockRuntimeApi, Process};

/// The ids of X-Ray headers in the tests, and the ids of OpenTelemetry that they stand for.
const SAMPLED_HEADER: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
const TRACE_ID: &str = "5759e988bd862e3fe1be46a994272793";
const PARENT_ID: &str = "53995c3f42cd8ad8";

/// Returns the command of the function under test, with the variables that Lambda sets.
fn function() -> Command {
    let mut command = Process::command(env!("CARGO_BIN_EXE_telemetry"));
    command
        .env("AWS_LAMBDA_FUNCTION_NAME", "orders")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "7")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/26/[7]0123")
        .env("AWS_REGION", "eu-central-1");
    command
}

/// Starts the function under test, whose spans go to a collector at this URL.
fn start_with_collector(endpoint: &str, variables: &[(&str, &str)]) -> (MockRuntimeApi, Process) {
    let lambda = MockRuntimeApi::start();
    let mut command = function();
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
    // On a busy machine, a collector that accepts may take longer than the default of 500 ms.
    command.env("OTEL_EXPORTER_OTLP_TIMEOUT", "15000");
    command.envs(variables.iter().copied());
    let process = Process::spawn_function_with(command, &lambda);
    (lambda, process)
}

/// Returns an event with these steps, in a trace that X-Ray samples.
fn sampled(steps: Value) -> Event {
    Event::json(json!({ "steps": steps }).to_string()).header("Lambda-Runtime-Trace-Id", SAMPLED_HEADER)
}
