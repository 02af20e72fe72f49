//! Runs a function against the mock Runtime API, invokes it twice, and prints its responses.
//!
//! ```sh
//! cargo run -p lambda-stream-test-support --bin invoke -- '{"name":"Ada"}' ./bootstrap
//! cargo run -p lambda-stream-test-support --bin invoke -- '{}' qemu-aarch64 -L /usr/aarch64-linux-gnu ./bootstrap
//! ```
//!
//! It fails unless both responses are complete, arrive in several chunks and are equal.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failing check panics and prints"
)]

use std::process::Command;

use test_support::{BodyEnd, Event, MockRuntimeApi, Process, Response};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: invoke EVENT COMMAND [ARGUMENT...]";
    let event = arguments.next().expect(usage);
    let mut command = Process::command(arguments.next().expect(usage));
    command.args(arguments);
    run(&event, command);
}

fn run(event: &str, command: Command) {
    let lambda = MockRuntimeApi::start();
    let _function = Process::spawn_function_with(command, &lambda);
    let responses: Vec<Response> = (0..2).map(|_| lambda.invoke(Event::json(event))).collect();
    for response in &responses {
        assert_eq!(response.body_end(), BodyEnd::LastChunk, "the response is not complete");
        assert!(
            !response.failed(),
            "the function reported an error: {}",
            response.text()
        );
        assert!(response.chunks().len() > 1, "the response is not streamed");
        println!("{} chunks: {}", response.chunks().len(), response.text().trim_end());
    }
    assert_eq!(responses[0].text(), responses[1].text());
    lambda.wait_for_next();
    println!("{}", lambda.calls().join(", "));
}
