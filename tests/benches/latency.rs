//! How long a byte takes from the handler to the socket: `cargo bench -p lambda-stream-tests --bench latency`.
//!
//! Prints medians and 99th percentiles, in microseconds, of the function `scripted` against the stand-in Runtime API. It
//! asserts no time: machines differ, and so do their moods.
#![allow(clippy::print_stdout, reason = "this is what it is for")]

use std::time::Duration;

use lambda_stream_tests::{Answer, Event, Function, StandIn};
use serde_json::{Value, json};

const INVOCATIONS: usize = 500;

fn main() {
    println!("| answer | median | 99th percentile |\n|---|---|---|");
    let write = json!({"write": "0123456789abcdef"});
    row("16 B: event to first byte", &json!([write]), |answer| {
        vec![answer.time_to_first_byte()]
    });
    let tokens: Vec<Value> = (0..20)
        .flat_map(|_| [write.clone(), json!({"block_milliseconds": 1})])
        .collect();
    row(
        "20 × 16 B written 1 ms apart: from one to the next",
        &json!(tokens),
        |answer| {
            let chunks = answer.chunks();
            assert_eq!(chunks.len(), 20, "a chunk holds two tokens");
            chunks
                .windows(2)
                .map(|pair| pair[1].at.duration_since(pair[0].at))
                .collect()
        },
    );
}

fn row(name: &str, steps: &Value, measure: impl Fn(&Answer) -> Vec<Duration>) {
    let lambda = StandIn::start();
    let _function = Function::spawn(env!("CARGO_BIN_EXE_scripted"), &lambda);
    let event = json!({ "steps": steps }).to_string();
    let mut times: Vec<_> = (0..INVOCATIONS)
        .flat_map(|_| measure(&lambda.invoke(Event::json(&event))))
        .collect();
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_micros();
    println!("| {name} | {} | {} |", at(50), at(99));
}
