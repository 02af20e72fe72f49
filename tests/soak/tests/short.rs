//! A short run, as part of the tests.
#![allow(clippy::unwrap_used, reason = "this is how a test fails")]

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
fn one_at_a_time() {
    soak(&["--invocations", "2000"]);
}

#[test]
fn four_at_once() {
    soak(&["--invocations", "2000", "--at-once", "4"]);
}
