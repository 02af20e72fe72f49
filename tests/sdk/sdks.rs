//! The AWS SDKs for Python and JavaScript, which are installed into `target/packages`.
//!
//! To measure how long chunks take to the caller, start a function that can run `write_time` and pass its URL to a script:
//! `cargo run -p lambda-stream-tests --bin scripted`, then
//! `target/packages/boto3/bin/python tests/sdk/boto3_client.py delays URL` or
//! `node target/packages/client-lambda/client.mjs delays URL`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use test_support::{Process, TemporaryDirectory, packages};

use crate::{JSON_DOCUMENT, SCRIPTED, serve};

/// The directory of the scripts.
fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk")
}

fn text(output: &Output) -> String {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&text).into_owned()
}

/// Runs the command `check` of a script.
#[track_caller]
fn check(name: &str, mut script: Command) {
    let directory = TemporaryDirectory::new(name);
    let (scripted, scripted_url) = serve(SCRIPTED, &[]);
    let (json_document, json_document_url) = serve(JSON_DOCUMENT, &[]);
    script
        .args(["check", &scripted_url, &json_document_url])
        .arg(directory.path());
    // SDKs look for credentials in other places, including the network, if there are none.
    script.envs([
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("NO_PROXY", "*"),
    ]);
    let output = script.output().unwrap();
    assert!(
        output.status.success() && output.stdout == b"passed\n",
        "{}\n{}\n{}",
        text(&output),
        scripted.stderr(),
        json_document.stderr()
    );
}

#[test]
fn boto3_invokes_and_streams() {
    let Some(python) = packages::python("boto3", sources().join("requirements.txt")) else {
        return;
    };
    let mut script = Process::command(python);
    script.arg(sources().join("boto3_client.py"));
    check("boto3", script);
}

#[test]
fn client_lambda_for_javascript_invokes_and_streams() {
    let Some(directory) = packages::node("client-lambda", sources().join("js")) else {
        return;
    };
    let client = directory.join("client.mjs");
    fs::copy(sources().join("js/client.mjs"), &client).unwrap();
    let mut script = Process::command("node");
    script.arg(client);
    check("client-lambda", script);
}
