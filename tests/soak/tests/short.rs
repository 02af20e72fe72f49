//! Short runs of the soak test.
#![allow(clippy::unwrap_used, reason = "a failing test panics")]

use std::process::Command;

fn soak(arguments: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_lambda-stream-soak"))
        .args(arguments)
        .output()
        .unwrap();
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{}\n{stdout}\n{stderr}", output.status);
}

#[test]
fn sequential_invocations_pass() {
    soak(&["--invocations", "2000"]);
}

#[test]
fn concurrent_invocations_pass() {
    soak(&["--invocations", "2000", "--concurrency", "4"]);
}
