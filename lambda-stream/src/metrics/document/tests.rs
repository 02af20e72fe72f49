use std::collections::BTreeMap;

use super::*;

fn destination() -> Destination {
    Destination {
        namespace: "Shop".to_owned(),
        function_name: "orders".to_owned(),
        function_version: "7".to_owned(),
    }
}

fn metric(name: impl Into<String>, unit: Unit, values: Vec<f64>) -> Metric {
    Metric {
        name: Cow::Owned(name.into()),
        unit,
        values,
    }
}

/// Encodes metrics, checks every limit of CloudWatch, and returns the documents.
fn encode_checked(properties: &Properties, metrics: Vec<Metric>) -> Vec<Value> {
    let lines = encode(&destination(), properties, metrics);
    let documents = lines.iter().map(|line| {
        assert!(
            line.len() <= MAX_LINE_LENGTH && !line.contains('\n'),
            "{} bytes",
            line.len()
        );
        let document: Value = serde_json::from_str(line).unwrap();
        let definitions = document["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
        assert!((1..=MAX_METRICS).contains(&definitions.len()));
        for definition in definitions {
            let values = &document[definition["Name"].as_str().unwrap()];
            assert!(values.is_number() || values.as_array().unwrap().len() <= MAX_VALUES);
        }
        document
    });
    documents.collect()
}

/// Returns the values of each metric in all documents, by name and unit.
fn values(documents: &[Value]) -> BTreeMap<(String, String), Vec<f64>> {
    let mut values: BTreeMap<_, Vec<f64>> = BTreeMap::new();
    for document in documents {
        for definition in document["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap() {
            let text = |member: &str| definition[member].as_str().unwrap().to_owned();
            let value = &document[text("Name")];
            let numbers = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            let numbers = numbers.iter().map(|number| number.as_f64().unwrap());
            values.entry((text("Name"), text("Unit"))).or_default().extend(numbers);
        }
    }
    values
}

#[test]
fn document_has_dimensions_properties_and_values() {
    let properties = [(REQUEST_ID, Some("id".to_owned())), (TENANT_ID, None)];
    let metrics = vec![
        metric("Orders", Unit::Count, vec![1.0]),
        metric("Latency", Unit::Milliseconds, vec![1.5, 0.25]),
    ];
    let mut documents = encode_checked(&properties, metrics);
    let timestamp = documents[0]["_aws"]["Timestamp"].take().as_u64().unwrap();
    assert!(timestamp > 1_700_000_000_000, "{timestamp}");
    assert_eq!(
        documents,
        [json!({
            "_aws": {
                "Timestamp": null,
                "CloudWatchMetrics": [{
                    "Namespace": "Shop",
                    "Dimensions": [["FunctionName", "FunctionVersion"]],
                    "Metrics": [
                        {"Name": "Orders", "Unit": "Count"},
                        {"Name": "Latency", "Unit": "Milliseconds"},
                    ],
                }],
            },
            "FunctionName": "orders",
            "FunctionVersion": "7",
            "requestId": "id",
            "Orders": 1.0,
            "Latency": [1.5, 0.25],
        })]
    );
}

#[test]
fn metrics_over_the_limits_are_split() {
    let metrics: Vec<_> = (0..250)
        .map(|index| metric(format!("Metric{index}"), Unit::None, vec![f64::from(index)]))
        .collect();
    let documents = encode_checked(&[], metrics);
    assert_eq!(documents.len(), 3);
    let all = values(&documents);
    assert_eq!(all.len(), 250);
    assert_eq!(all[&("Metric249".to_owned(), "None".to_owned())], [249.0]);

    let many: Vec<_> = (0..250).map(f64::from).collect();
    let documents = encode_checked(&[], vec![metric("Latency", Unit::Seconds, many.clone())]);
    assert_eq!(documents.len(), 3);
    assert_eq!(values(&documents).into_values().collect::<Vec<_>>(), [many]);
}

#[test]
fn one_name_with_two_units_is_split() {
    let metrics = vec![
        metric("Size", Unit::Bytes, vec![1.0]),
        metric("Size", Unit::Count, vec![2.0]),
    ];
    let documents = encode_checked(&[], metrics);
    assert_eq!(documents.len(), 2);
    assert_eq!(values(&documents).into_values().collect::<Vec<_>>(), [[1.0], [2.0]]);
}

#[test]
fn long_line_is_split_and_never_truncated() {
    let metrics: Vec<_> = (0..100)
        .map(|index| {
            metric(
                format!("{index:03}{}", "\"".repeat(252)),
                Unit::None,
                vec![f64::MIN_POSITIVE; 100],
            )
        })
        .collect();
    let documents = encode_checked(&[], metrics);
    assert!(documents.len() > 1);
    let all = values(&documents);
    assert_eq!(all.len(), 100);
    assert!(all.values().all(|values| values.len() == 100));
}

#[test]
fn longest_names_and_properties_fit_one_line() {
    let long = || Some("\u{1}".repeat(100_000));
    let properties = [(REQUEST_ID, Some("\"".repeat(100_000))), (ERROR_TYPE, long())];
    let documents = encode_checked(&properties, vec![metric("\\".repeat(255), Unit::None, vec![1.0; 100])]);
    assert_eq!(documents.len(), 1);
    assert_eq!(documents[0][ERROR_TYPE].as_str().unwrap().len(), MAX_PROPERTY_LENGTH);
}
