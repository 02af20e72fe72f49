//! Documents in embedded metric format: the encoder and the limits of CloudWatch.

use std::borrow::Cow;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use super::{Destination, Unit};
use crate::stderr::MAX_LINE_LENGTH;

/// How many metrics a document may have, and how many values a metric may have in a document.
const MAX_METRICS: usize = 100;
const MAX_VALUES: usize = 100;

/// The longest value of a property, in bytes.
const MAX_PROPERTY_LENGTH: usize = 1024;

const FUNCTION_NAME: &str = "FunctionName";
const FUNCTION_VERSION: &str = "FunctionVersion";

/// The names of the properties.
pub(super) const REQUEST_ID: &str = "requestId";
pub(super) const TENANT_ID: &str = "tenantId";
pub(super) const TRACE_ID: &str = "xRayTraceId";
pub(super) const OUTCOME: &str = "outcome";
pub(super) const ERROR_TYPE: &str = "errorType";

/// The names of the metrics of each invocation.
pub(super) const DURATION: &str = "Duration";
pub(super) const TIME_TO_FIRST_BYTE: &str = "TimeToFirstByte";
pub(super) const RESPONSE_BYTES: &str = "ResponseBytes";
pub(super) const RESPONSE_CHUNKS: &str = "ResponseChunks";
pub(super) const BACKPRESSURE: &str = "Backpressure";
pub(super) const COLD_START: &str = "ColdStart";
pub(super) const ERRORS: &str = "Errors";
pub(super) const TIMEOUTS: &str = "Timeouts";
pub(super) const REJECTIONS: &str = "Rejections";

/// The members of the root of a document that a metric of the user cannot have.
const RESERVED: [&str; 17] = [
    "_aws",
    FUNCTION_NAME,
    FUNCTION_VERSION,
    REQUEST_ID,
    TENANT_ID,
    TRACE_ID,
    OUTCOME,
    ERROR_TYPE,
    DURATION,
    TIME_TO_FIRST_BYTE,
    RESPONSE_BYTES,
    RESPONSE_CHUNKS,
    BACKPRESSURE,
    COLD_START,
    ERRORS,
    TIMEOUTS,
    REJECTIONS,
];

/// Whether the library uses this name in its documents.
pub(super) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

/// A metric with its values, all in the same unit.
#[derive(Debug, Clone)]
pub(super) struct Metric {
    pub(super) name: Cow<'static, str>,
    pub(super) unit: Unit,
    pub(super) values: Vec<f64>,
}

impl Metric {
    pub(super) fn of(name: &'static str, unit: Unit, value: f64) -> Self {
        Self {
            name: Cow::Borrowed(name),
            unit,
            values: vec![value],
        }
    }
}

/// Searchable members of a document that are no metrics: name and value.
pub(super) type Properties = [(&'static str, Option<String>)];

/// Encodes metrics as lines. There is more than one if a limit of CloudWatch or the length of a line requires it.
pub(super) fn encode(destination: &Destination, properties: &Properties, metrics: Vec<Metric>) -> Vec<String> {
    let encoder = Encoder {
        destination,
        properties,
        timestamp: SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |elapsed| u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)),
    };
    let mut lines = Vec::new();
    for document in split(metrics) {
        encoder.add_lines(&document, &mut lines);
    }
    lines
}

/// Distributes metrics over documents: in a document, each name is unique, and there are at most [`MAX_METRICS`] metrics
/// with [`MAX_VALUES`] values each.
fn split(metrics: Vec<Metric>) -> Vec<Vec<Metric>> {
    let mut documents: Vec<Vec<Metric>> = Vec::new();
    for Metric { name, unit, values } in metrics {
        for values in values.chunks(MAX_VALUES) {
            let metric = Metric {
                name: name.clone(),
                unit,
                values: values.to_vec(),
            };
            let has_room = |document: &&mut Vec<Metric>| {
                document.len() < MAX_METRICS && document.iter().all(|other| other.name != name)
            };
            match documents.iter_mut().find(has_room) {
                Some(document) => document.push(metric),
                None => documents.push(vec![metric]),
            }
        }
    }
    documents
}

struct Encoder<'a> {
    destination: &'a Destination,
    properties: &'a Properties,
    /// In milliseconds since 1970.
    timestamp: u64,
}

impl Encoder<'_> {
    /// Encodes a document. If the line is longer than [`MAX_LINE_LENGTH`], encodes the halves of the document.
    ///
    /// One value always fits, because names and properties are limited.
    fn add_lines(&self, document: &[Metric], lines: &mut Vec<String>) {
        let line = self.document(document).to_string();
        match document {
            [_, _, ..] if line.len() > MAX_LINE_LENGTH => {
                let (first, second) = document.split_at(document.len() / 2);
                self.add_lines(first, lines);
                self.add_lines(second, lines);
            }
            _ => lines.push(line),
        }
    }

    fn document(&self, metrics: &[Metric]) -> Value {
        let definitions: Vec<_> = metrics
            .iter()
            .map(|metric| json!({ "Name": metric.name, "Unit": metric.unit.as_str() }))
            .collect();
        let mut root = Map::new();
        let metadata = json!({
            "Timestamp": self.timestamp,
            "CloudWatchMetrics": [{
                "Namespace": self.destination.namespace,
                "Dimensions": [[FUNCTION_NAME, FUNCTION_VERSION]],
                "Metrics": definitions,
            }],
        });
        root.insert("_aws".to_owned(), metadata);
        let mut insert = |name: &str, value: Value| root.insert(name.to_owned(), value);
        insert(FUNCTION_NAME, self.destination.function_name.as_str().into());
        insert(FUNCTION_VERSION, self.destination.function_version.as_str().into());
        for (name, value) in self.properties {
            if let Some(value) = value {
                insert(name, truncate(value.clone(), MAX_PROPERTY_LENGTH).into());
            }
        }
        for metric in metrics {
            let value = match metric.values.as_slice() {
                [value] => json!(value),
                values => json!(values),
            };
            insert(&metric.name, value);
        }
        Value::Object(root)
    }
}

/// Truncates text to at most `length` bytes.
pub(super) fn truncate(mut text: String, length: usize) -> String {
    if text.len() > length {
        let end = (0..=length).rev().find(|&end| text.is_char_boundary(end));
        text.truncate(end.unwrap_or_default());
    }
    text
}

#[cfg(test)]
mod tests;
