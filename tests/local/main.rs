//! Functions on a laptop: real processes without a Lambda, driven with `curl` and with `--event`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "this is how a test fails"
)]

mod command_line;
mod cross_site;
mod echo_function;
mod function_url;
mod hostile;
mod load_limits;
mod one_shot;

use test_support::Process;

/// The function of this path, serving on a port that the system chose, and its URL.
fn serve(path: impl AsRef<std::ffi::OsStr>) -> (Process, String) {
    let mut command = Process::command(path);
    command.args(["--port", "0"]);
    let function = Process::spawn(command);
    let url = function.wait_for_url();
    (function, url)
}

/// `curl` with these arguments, without a progress meter and without a buffer.
fn curl(arguments: &[&str]) -> Process {
    let mut command = Process::command("curl");
    command.args(["-sN", "--noproxy", "*"]).args(arguments);
    Process::spawn(command)
}

/// What `curl` printed, and its exit status.
fn fetched(arguments: &[&str]) -> (String, Option<i32>) {
    let curl = curl(arguments);
    let status = curl.exit_code();
    (curl.stdout(), status)
}
