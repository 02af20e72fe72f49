//! Signals while a write to standard output or standard error is blocked because it is not read.
#![cfg(target_os = "linux")]

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use test_support::{HttpConnection, Process, connect, send_request};

use crate::echo_function::{request_head, scripted_request};

const SCRIPTED: &str = env!("CARGO_BIN_EXE_scripted");

/// The time after which a hang is a failure.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The file descriptors of the outputs.
const STDOUT: u32 = 1;
const STDERR: u32 = 2;

/// Opens a pipe with `O_NONBLOCK`.
const NONBLOCKING: i32 = 0o4000;

/// A function whose output is read only by the test itself. Dropping it kills the process.
struct Function {
    child: Child,
    /// A connection that stays open.
    client: Option<TcpStream>,
}

impl Function {
    fn spawn(arguments: &[&str]) -> Self {
        // If a shell runs this test in the background, the test and its children ignore SIGINT. `env` restores the default.
        let mut command = Process::command("env");
        command.args(["--default-signal=INT", SCRIPTED]).args(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self {
            child: command.spawn().unwrap(),
            client: None,
        }
    }

    fn signal(&self, name: &str) {
        let kill = Command::new("sh")
            .args(["-c", &format!("kill -s {name} {}", self.child.id())])
            .status();
        assert!(kill.unwrap().success());
    }

    /// Sends SIGINT repeatedly. The system may merge two that follow each other closely.
    fn interrupt_until_exit(&mut self) {
        let start = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(start.elapsed() < TIMEOUT, "the process did not exit");
            self.signal("INT");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until a thread of the function is blocked in a write to this file descriptor.
    fn wait_for_blocked_write(&self, file: u32) {
        let is_blocked = |task: &fs::DirEntry| {
            let read = |name: &str| fs::read_to_string(task.path().join(name)).unwrap_or_default();
            // The number of the system call, and its first argument.
            let is_file = read("syscall").split(' ').nth(1) == Some(&format!("{file:#x}"));
            is_file && read("wchan").contains("pipe_write")
        };
        let start = Instant::now();
        let tasks = format!("/proc/{}/task", self.child.id());
        while !fs::read_dir(&tasks).unwrap().flatten().any(|task| is_blocked(&task)) {
            assert!(
                start.elapsed() < TIMEOUT,
                "no thread writes to the file descriptor {file}"
            );
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Writes to the pipe of this file descriptor until it is full.
    fn fill(&self, file: u32) {
        let path = format!("/proc/{}/fd/{file}", self.child.id());
        let mut pipe = OpenOptions::new()
            .write(true)
            .custom_flags(NONBLOCKING)
            .open(path)
            .unwrap();
        let error = loop {
            if let Err(error) = pipe.write(b"x") {
                break error;
            }
        };
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    }

    /// Waits for the exit of the process and returns its exit code.
    fn exit_code(&mut self) -> Option<i32> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(start.elapsed() < TIMEOUT, "the process did not exit");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts `--event` with more output than a pipe holds, and waits until it is blocked.
fn start_blocked_event() -> Function {
    let function = Function::spawn(&["--event", &json!({"steps": [{"send_chunks": 100}]}).to_string()]);
    function.wait_for_blocked_write(STDOUT);
    function
}

/// Serves, fills the pipe of standard error, and waits until the thread of the servers is blocked in a log line.
fn start_blocked_server() -> (Function, String) {
    let mut function = Function::spawn(&["--port", "0"]);
    let mut line = String::new();
    let mut stderr = BufReader::new(function.child.stderr.take().unwrap());
    // The first URL of the banner.
    while !line.contains("http://") {
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "no banner: {line}");
    }
    let (_, url) = line.split_once("http://").unwrap();
    let url = url
        .split_whitespace()
        .next()
        .unwrap()
        .trim_end_matches(['/', ','])
        .to_owned();
    // The signal handlers are installed before the first response.
    send_request(&url, scripted_request(json!([{"write": "one"}])));
    function.fill(STDERR);
    let rejected = request_head("GET /", &["Origin: https://evil.example"]);
    let mut client = connect(&url);
    client.write_all(rejected.as_bytes()).unwrap();
    function.client = Some(client);
    function.wait_for_blocked_write(STDERR);
    // Keeps the pipe open.
    function.child.stderr = Some(stderr.into_inner());
    (function, url)
}

#[test]
fn second_interrupt_ends_event_with_unread_output() {
    let mut function = start_blocked_event();
    function.signal("INT");
    let mut stderr = BufReader::new(function.child.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert!(line.contains("press Ctrl-C again"), "{line}");
    function.interrupt_until_exit();
    assert_eq!(function.exit_code(), Some(130));
}

#[test]
fn sigterm_ends_event_with_unread_output() {
    let mut function = start_blocked_event();
    function.signal("TERM");
    assert_eq!(function.exit_code(), Some(143));
}

#[test]
fn sigterm_completes_event_whose_output_is_read() {
    let mut command = Process::command(SCRIPTED);
    let steps = json!([{"write": "one"}, "await_stdin_end", {"send_chunks": 100}]);
    command.args(["--event", &json!({ "steps": steps }).to_string()]);
    command.stdin(Stdio::piped());
    let mut function = Process::spawn(command);
    function.wait_for_stdout(|text| text == "one");
    function.signal("TERM");
    function.write_stdin("");
    assert_eq!(function.exit_code(), Some(0), "{}", function.stderr());
    assert_eq!(function.stdout().len(), "one".len() + 100 * 64 * 1024);
}

/// Starts an invocation that never ends, for which a graceful shutdown waits.
fn start_endless_invocation(url: &str) -> HttpConnection {
    let mut connection = HttpConnection::open(url);
    connection.send(scripted_request(json!([{"write": "two"}, "flush", "hang"])));
    connection.read_head();
    assert_eq!(connection.read_chunk().as_deref(), Some(&b"two"[..]));
    connection
}

#[test]
fn second_interrupt_ends_server_with_unread_log() {
    let (mut function, url) = start_blocked_server();
    let _connection = start_endless_invocation(&url);
    function.interrupt_until_exit();
    assert_eq!(function.exit_code(), Some(130));
}

#[test]
fn sigterm_ends_server_with_unread_log() {
    let (mut function, url) = start_blocked_server();
    let _connection = start_endless_invocation(&url);
    function.signal("TERM");
    assert_eq!(function.exit_code(), Some(143));
}

#[test]
fn sigterm_ends_idle_server_with_unread_log() {
    let (mut function, _url) = start_blocked_server();
    function.signal("TERM");
    assert_eq!(function.exit_code(), Some(0));
}

/// The server handles requests after its log was blocked and is read again.
#[test]
fn server_continues_when_log_is_read() {
    let (mut function, url) = start_blocked_server();
    let mut stderr = function.child.stderr.take().unwrap();
    thread::spawn(move || {
        let mut text = [0; 4096];
        while stderr.read(&mut text).is_ok_and(|size| size > 0) {}
    });
    let response = send_request(&url, scripted_request(json!([{"write": "two"}])));
    assert_eq!(response.text(), "two");
    function.signal("TERM");
    assert_eq!(function.exit_code(), Some(0));
}
