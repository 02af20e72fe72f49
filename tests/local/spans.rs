//! The spans that a function exports reach the viewer.

use serde_json::{Value, json};
use test_support::{HttpConnection, send_request};

use crate::echo_function::request_head;
use crate::serve;

/// Returns the records of the event stream of the viewer until this one.
fn records_until(url: &str, is_last: impl Fn(&Value) -> bool) -> Vec<Value> {
    let mut connection = HttpConnection::open(url);
    connection.send(request_head("GET /_stream/events", &[]));
    assert_eq!(connection.read_head().status, 200);
    let (mut text, mut records) = (String::new(), Vec::new());
    loop {
        text += std::str::from_utf8(&connection.read_chunk().unwrap()).unwrap();
        while let Some((event, rest)) = text.split_once("\n\n") {
            let data: String = event.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
            if let Ok(Value::Array(batch)) = serde_json::from_str(&data) {
                records.extend(batch);
            }
            text = rest.to_owned();
        }
        if records.iter().any(&is_last) {
            return records;
        }
    }
}

#[test]
fn spans_of_invocation_reach_viewer() {
    let (_function, url) = serve(env!("CARGO_BIN_EXE_telemetry"));
    let event = json!({"steps": [{"write": "x"}, {"span": 7}]}).to_string();
    let length = format!("Content-Length: {}", event.len());
    let head = request_head("POST /2015-03-31/functions/telemetry/invocations", &[&length]);
    let response = send_request(&url, head + &event);
    assert_eq!(response.text(), "x");
    let id = response.header("x-amzn-requestid").unwrap();

    let records = records_until(&url, |record| record["e"] == "completed");
    let span = |name: &str| {
        let span = records
            .iter()
            .find(|record| record["e"] == "span" && record["name"] == name);
        span.unwrap_or_else(|| panic!("{name}: {records:?}"))
    };
    let (invocation, work) = (span("telemetry"), span("work"));
    assert_eq!(invocation["id"], id);
    assert_eq!(work["id"], id);
    assert_eq!(work["parent"], invocation["span"]);
    assert!(
        work["attributes"].as_array().unwrap().contains(&json!(["number", "7"])),
        "{work}"
    );
    assert_eq!(work["error"], Value::Null);
    assert!(invocation["duration"].as_f64().unwrap() >= work["duration"].as_f64().unwrap());
}
