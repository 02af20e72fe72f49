//! The function, as a real process.
//!
//! - `moto`: against moto, a server of S3 from PyPI.
//! - `tls`: against a server with a certificate, from Python.
//! - `connections`, `errors`, `trace`: against a server on raw sockets that breaks connections, stalls, and fails.
//!
//! `cargo test -p lambda-stream-example-s3 -- --nocapture 200_mb` prints the memory and the throughput of a large object,
//! with `FUNCTION=$PWD/target/release/s3` those of another build.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failing test panics, and figures are printed"
)]

mod configuration;
mod connections;
mod errors;
mod fake_s3;
mod moto;
mod python;
mod tls;
mod trace;

use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use test_support::{MockRuntimeApi, Process, Response};

const WAIT_TIMEOUT: Duration = Duration::from_secs(20);

/// The highest resident memory of the function in KiB, whatever the length of an object and the speed of the caller.
const MEMORY_LIMIT: u64 = 32 * 1024;

/// Returns a command that runs the function with S3 at this URL.
fn command(s3: &str) -> Command {
    let built = env!("CARGO_BIN_EXE_s3").into();
    let mut command = Process::command(std::env::var_os("FUNCTION").unwrap_or(built));
    command
        .env("AWS_ENDPOINT_URL", s3)
        .env("AWS_LAMBDA_FUNCTION_NAME", "s3")
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("BUCKET", "my-bucket")
        .env("PREFIX", "public/");
    command
}

/// Starts the function with S3 at this URL.
fn start(s3: &str, variables: &[(&str, &str)]) -> (MockRuntimeApi, Process) {
    let lambda = MockRuntimeApi::start();
    let mut command = command(s3);
    command.envs(variables.iter().copied());
    let function = Process::spawn_function_with(command, &lambda);
    (lambda, function)
}

/// A prelude and the body that follows it.
struct HttpResponse<'a> {
    status: u64,
    headers: Value,
    body: &'a [u8],
}

impl<'a> HttpResponse<'a> {
    #[track_caller]
    fn of(response: &'a Response) -> Self {
        let (mut prelude, body) = response.prelude();
        Self {
            status: prelude["statusCode"].as_u64().unwrap(),
            headers: prelude["headers"].take(),
            body,
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers[name].as_str()
    }

    fn text(&self) -> &str {
        std::str::from_utf8(self.body).unwrap()
    }
}
