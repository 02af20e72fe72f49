//! Reads documents in embedded metric format from the standard error of a function, and validates each.

use std::collections::BTreeMap;

use boon::{Compiler, Schemas};
use serde_json::Value;
use test_support::Process;

/// A valid document.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    root: Value,
    /// The unit and the values of each metric.
    pub(crate) metrics: BTreeMap<String, (String, Vec<f64>)>,
}

impl Document {
    /// Returns a member of the root, or an empty string.
    pub(crate) fn text(&self, member: &str) -> &str {
        self.root[member].as_str().unwrap_or_default()
    }

    /// Returns the namespace.
    pub(crate) fn namespace(&self) -> &str {
        self.root["_aws"]["CloudWatchMetrics"][0]["Namespace"].as_str().unwrap()
    }

    /// Returns the only value of a metric in this unit.
    #[track_caller]
    pub(crate) fn value(&self, name: &str, unit: &str) -> f64 {
        match self.metrics.get(name) {
            Some((actual, values)) if actual == unit && values.len() == 1 => values[0],
            other => panic!("{name} is {other:?} in {}", self.root),
        }
    }
}

/// Returns the documents among the lines of a standard error, in order.
///
/// # Panics
/// If a line that starts like a document is invalid.
#[track_caller]
pub(crate) fn documents(text: &str) -> Vec<Document> {
    // The last line may be incomplete.
    let lines = text
        .split_inclusive('\n')
        .filter(|line| line.starts_with('{') && line.ends_with('\n'));
    lines.map(parse).collect()
}

/// Waits until the function has written `count` documents with metrics of invocations, and returns all documents.
#[track_caller]
pub(crate) fn wait_for_invocations(function: &Process, count: usize) -> Vec<Document> {
    let text =
        function.wait_for_stderr(|text| text.lines().filter(|line| line.contains("\"Duration\":")).count() >= count);
    documents(&text)
}

#[track_caller]
fn parse(line: &str) -> Document {
    let root: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
    validate(&root);
    let mut metrics = BTreeMap::new();
    for directive in root["_aws"]["CloudWatchMetrics"].as_array().unwrap() {
        for dimension in directive["Dimensions"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|set| set.as_array().unwrap())
        {
            let value = root[dimension.as_str().unwrap()].as_str().unwrap_or_default();
            assert!((1..=1024).contains(&value.len()), "{dimension} is {value:?} in {line}");
        }
        for definition in directive["Metrics"].as_array().unwrap() {
            let name = definition["Name"].as_str().unwrap();
            let values = match &root[name] {
                Value::Array(values) => values.iter().map(Value::as_f64).collect(),
                value => value.as_f64().map(|value| vec![value]),
            };
            let values: Vec<f64> = values.unwrap_or_else(|| panic!("{name} is not a number in {line}"));
            assert!((1..=100).contains(&values.len()), "{name} has {} values", values.len());
            let unit = definition["Unit"].as_str().unwrap().to_owned();
            let previous = metrics.insert(name.to_owned(), (unit, values));
            assert!(previous.is_none(), "two definitions of {name} in {line}");
        }
    }
    Document { root, metrics }
}

/// Validates a document against the schema.
#[track_caller]
fn validate(document: &Value) {
    let schema: Value = serde_json::from_str(include_str!("emf.schema.json")).unwrap();
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.add_resource("emf.schema.json", schema).unwrap();
    let index = compiler.compile("emf.schema.json", &mut schemas).unwrap();
    if let Err(error) = schemas.validate(document, index) {
        panic!("{error:#}\n{document}");
    }
}

#[test]
fn schema_rejects_invalid_documents() {
    let valid = r#"{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"a","Dimensions":[["b"]],"Metrics":[{"Name":"c","Unit":"Count"}]}]},"b":"x","c":1}"#;
    assert_eq!(parse(valid).value("c", "Count"), 1.0);
    for (from, to) in [
        ("\"Timestamp\":1", "\"Timestamp\":\"1\""),
        ("\"Unit\":\"Count\"", "\"Unit\":\"Counts\""),
        ("\"Name\":\"c\",", ""),
        ("[[\"b\"]]", "[[]]"),
        ("\"Namespace\":\"a\",", ""),
        ("\"c\":1", "\"c\":null"),
        ("\"c\":1", "\"c\":\"1\""),
        ("\"b\":\"x\",", ""),
    ] {
        let invalid = valid.replace(from, to);
        assert_ne!(invalid, valid);
        assert!(std::panic::catch_unwind(|| parse(&invalid)).is_err(), "{invalid}");
    }
}
