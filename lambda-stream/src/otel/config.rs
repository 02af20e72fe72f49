//! The environment variables that the OpenTelemetry crates do not read themselves.

use std::env;
use std::time::Duration;

/// The time limit of an export. The default of OpenTelemetry is 10 s, for which no event should wait.
const DEFAULT_TIMEOUT: Duration = Duration::from_millis(500);

const PROTOCOLS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"];
const TIMEOUTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"];
#[cfg(feature = "logging")]
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/// Returns the first variable that is set: its name and its value.
fn first(names: [&'static str; 2]) -> Option<(&'static str, String)> {
    names.into_iter().find_map(|name| Some((name, variable(name)?)))
}

/// Returns a variable. An empty one counts as not set.
pub(super) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether the environment names a collector.
#[cfg(feature = "logging")]
pub(super) fn has_endpoint() -> bool {
    first(ENDPOINTS).is_some()
}

/// Whether the environment disables the export.
pub(super) fn is_disabled() -> bool {
    let is = |name, value: &str| variable(name).is_some_and(|actual| actual.trim().eq_ignore_ascii_case(value));
    is("OTEL_SDK_DISABLED", "true") || is("OTEL_TRACES_EXPORTER", "none")
}

/// Returns the time limit of an export. Logs and ignores an invalid one.
pub(super) fn timeout() -> Duration {
    let Some((name, value)) = first(TIMEOUTS) else {
        return DEFAULT_TIMEOUT;
    };
    match value.trim().parse() {
        Ok(milliseconds) => Duration::from_millis(milliseconds),
        Err(_) => {
            log!(WARN, "ignored {name}={value:?}: must be a whole number of milliseconds");
            DEFAULT_TIMEOUT
        }
    }
}

/// Logs that the protocol in the environment is not supported.
pub(super) fn check_protocol() {
    if let Some((name, value)) = first(PROTOCOLS).filter(|(_, value)| value.trim() != "http/protobuf") {
        log!(
            WARN,
            "ignored {name}={value:?}: spans are exported with the protocol `http/protobuf`"
        );
    }
}
