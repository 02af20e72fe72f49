//! The resource: the attributes that describe the process.

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::{EnvResourceDetector, TelemetryResourceDetector};

use super::config::variable;

const SERVICE_NAME: &str = "service.name";

/// Returns the resource. `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` take precedence over what Lambda says.
pub(super) fn from_env() -> Resource {
    let resource = Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attribute(KeyValue::new(SERVICE_NAME, "unknown_service"))
        .with_attributes(lambda_attributes())
        .with_detector(Box::new(EnvResourceDetector::new()));
    match variable("OTEL_SERVICE_NAME") {
        Some(name) => resource.with_service_name(name),
        None => resource,
    }
    .build()
}

/// Returns the attributes from the variables that Lambda sets. Outside of Lambda there are none.
fn lambda_attributes() -> Vec<KeyValue> {
    let Some(function_name) = variable("AWS_LAMBDA_FUNCTION_NAME") else {
        return Vec::new();
    };
    let mut attributes = vec![
        KeyValue::new(SERVICE_NAME, function_name.clone()),
        KeyValue::new("cloud.provider", "aws"),
        KeyValue::new("cloud.platform", "aws_lambda"),
        KeyValue::new("faas.name", function_name),
    ];
    for (name, source) in [
        ("cloud.region", "AWS_REGION"),
        ("faas.version", "AWS_LAMBDA_FUNCTION_VERSION"),
        ("faas.instance", "AWS_LAMBDA_LOG_STREAM_NAME"),
    ] {
        attributes.extend(variable(source).map(|value| KeyValue::new(name, value)));
    }
    let megabytes: Option<i64> = variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").and_then(|value| value.parse().ok());
    let bytes = megabytes.and_then(|megabytes| megabytes.checked_mul(1024 * 1024));
    attributes.extend(bytes.map(|bytes| KeyValue::new("faas.max_memory", bytes)));
    attributes
}
