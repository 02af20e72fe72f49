//! A service whose standard output or standard error is not read.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, ChildStdout, Stdio};

use serde_json::json;
use test_support::{Process, send_request};

use crate::echo_function::scripted_request;

/// The length of each line in bytes, and the number of lines: more than a pipe and the queue of lines hold.
const LINE_LENGTH: usize = 200_000;
const LINES: usize = 20;

/// A service whose output is read only by the test itself. Dropping it kills the process.
struct Service {
    child: Child,
    url: String,
    stdout: BufReader<ChildStdout>,
    stderr: BufReader<ChildStderr>,
}

impl Service {
    fn start() -> Self {
        let mut command = Process::command(env!("CARGO_BIN_EXE_scripted"));
        command
            .args(["--port", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let line = read_until(&mut stderr, "http://");
        let (_, rest) = line.split_once("http://").unwrap();
        let url = rest.split(char::is_whitespace).next().unwrap();
        Self {
            url: url.trim_end_matches([',', '/']).to_owned(),
            child,
            stdout,
            stderr,
        }
    }

    /// Sends requests that each write a long line to an output of the function.
    fn write_lines(&self, step: &str) {
        for _ in 0..LINES {
            let steps = json!([{ step: "x".repeat(LINE_LENGTH) }, {"write": "one"}]);
            assert_eq!(send_request(&self.url, scripted_request(steps)).text(), "one");
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads lines until one contains `text`, and returns that one.
#[track_caller]
fn read_until(output: &mut impl BufRead, text: &str) -> String {
    loop {
        let mut line = String::new();
        assert!(
            output.read_line(&mut line).unwrap() > 0,
            "the output ended before {text}"
        );
        if line.contains(text) {
            return line;
        }
    }
}

#[test]
fn unread_stdout_does_not_block_requests() {
    let mut service = Service::start();
    service.write_lines("print");
    let mut lines = 0;
    let line = read_until(&mut service.stdout, "x");
    assert_eq!(line.len(), "01234567 ".len() + LINE_LENGTH + 1);
    lines += 1;
    // The writer continues, and reports on standard error how many lines it had to drop.
    let mut stdout = service.stdout.get_mut();
    std::thread::scope(|scope| {
        scope.spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
        let warning = read_until(&mut service.stderr, " lines of the function were dropped");
        let count = warning.split(' ').find_map(|word| word.parse::<usize>().ok()).unwrap();
        assert!((1..LINES - lines).contains(&count), "{warning}");
        service.child.kill().unwrap();
    });
}

#[test]
fn unread_stderr_does_not_block_requests() {
    let mut service = Service::start();
    service.write_lines("print_error");
    let line = read_until(&mut service.stderr, "xxx");
    assert_eq!(line.len(), "01234567 ".len() + LINE_LENGTH + 1);
    read_until(&mut service.stderr, " log lines were dropped");
    // The line of a request that ends after the output is read again is printed.
    let request = String::from_utf8(scripted_request(json!([{"write": "one"}]))).unwrap();
    send_request(&service.url, request.replacen("POST /", "POST /last", 1));
    read_until(&mut service.stderr, " POST /last ");
}
