//! Tests of local mode: functions run as real processes without Lambda. The tests use `curl`, raw HTTP and `--event`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod banner;
mod command_line;
mod connections;
mod cors;
mod echo_function;
mod environments;
mod event_text;
mod function_url;
mod load_limits;
mod network_exposure;
mod one_shot;
mod one_shot_http;
mod origin_check;
mod protocol_violations;
mod recording;
mod request_body;
mod request_head;
mod rest_api;
mod signals;
mod spans;
mod terminal;
mod terminal_device;
mod test_file;
mod unread_output;
mod variables;

use test_support::Process;

const MIB: usize = 1024 * 1024;

/// Starts the function at this path on a free port and returns its process and its URL.
fn serve(path: impl AsRef<std::ffi::OsStr>) -> (Process, String) {
    let mut command = Process::command(path);
    command.args(["--port", "0"]);
    let function = Process::spawn(command);
    let url = function.wait_for_url();
    (function, url)
}

/// Like [`serve`], with the function in the process of the servers, which handles one request at a time.
fn serve_in_process(path: impl AsRef<std::ffi::OsStr>) -> (Process, String) {
    let mut command = Process::command(path);
    command.args(["--port", "0", "--in-process"]);
    let function = Process::spawn(command);
    let url = function.wait_for_url();
    (function, url)
}

/// Starts `curl` with these arguments, without a progress meter and without output buffering.
fn spawn_curl(arguments: &[&str]) -> Process {
    let mut command = Process::command("curl");
    command.args(["-sN", "--noproxy", "*"]).args(arguments);
    Process::spawn(command)
}

/// Runs `curl` to its end and returns its standard output and its exit code.
fn run_curl(arguments: &[&str]) -> (String, Option<i32>) {
    let curl = spawn_curl(arguments);
    let exit_code = curl.exit_code();
    (curl.stdout(), exit_code)
}
