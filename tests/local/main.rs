//! Functions on a laptop: real processes without a Lambda, driven with `curl` and with `--event`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "this is how a test fails"
)]

mod command_line;
mod cross_site;
mod crowd;
mod function_url;
mod hostile;
mod one_shot;
mod raw;

use lambda_stream_tests::Function;

/// The function of this path, serving on a port that the system chose, and its URL.
fn serve(path: impl AsRef<std::ffi::OsStr>) -> (Function, String) {
    let mut command = Function::command(path);
    command.args(["--port", "0"]);
    let function = Function::spawn_alone(command);
    let url = function.url();
    (function, url)
}

/// `curl` with these arguments, without a progress meter and without a buffer.
fn curl(arguments: &[&str]) -> Function {
    let mut command = Function::command("curl");
    command.args(["-sN", "--noproxy", "*"]).args(arguments);
    Function::spawn_alone(command)
}

/// What `curl` printed, and its exit status.
fn fetched(arguments: &[&str]) -> (String, Option<i32>) {
    let curl = curl(arguments);
    let status = curl.exit_code();
    (curl.stdout_so_far(), status)
}
