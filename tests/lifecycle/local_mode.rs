//! Shutdown in local mode with `--in-process`: callers get their complete responses before the process exits.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use test_support::{Process, wait_for_invocations};

/// The log line after the first Ctrl-C.
const INTERRUPTED: &str = "press Ctrl-C again to exit immediately";

/// Starts the function on a free port and returns its address.
fn serve(variables: &[(&str, &str)]) -> (Process, String) {
    let mut command = crate::command(variables);
    command.args(["--port", "0", "--in-process"]);
    let function = Process::spawn(command);
    let url = function.wait_for_url();
    let address = url.trim_start_matches("http://").to_owned();
    (function, address)
}

/// Sends a request with these steps, and reads nothing yet.
fn send_request(address: &str, steps: Value) -> TcpStream {
    let mut socket = TcpStream::connect(address).unwrap();
    // The timeout turns a hang into a test failure.
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let body = json!({ "steps": steps }).to_string();
    let length = body.len();
    let head = format!(
        "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    socket.write_all((head + &body).as_bytes()).unwrap();
    socket
}

/// Reads until the received bytes end with `end`.
#[track_caller]
fn read_until(socket: &mut TcpStream, end: &str) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(end.as_bytes()) {
        let mut byte = [0];
        assert_eq!(socket.read(&mut byte).unwrap(), 1, "{}", bytes.escape_ascii());
        bytes.push(byte[0]);
    }
    String::from_utf8(bytes).unwrap()
}

/// Reads to the end of the connection.
fn read_to_end(mut socket: TcpStream) -> String {
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn signal_completes_response_before_hook_runs() {
    for signal in ["INT", "TERM"] {
        let (mut function, address) = serve(&[("ON_SHUTDOWN", "ok")]);
        let mut caller = send_request(
            &address,
            json!([{"write": "one"}, "await_stdin_end", {"write": " two"}]),
        );
        read_until(&mut caller, "3\r\none\r\n");
        function.signal(signal);
        if signal == "INT" {
            function.wait_for_stderr(|text| text.contains(INTERRUPTED));
        }
        function.write_stdin("");
        assert_eq!(read_to_end(caller), "4\r\n two\r\n0\r\n\r\n", "{signal}");
        assert_eq!(function.exit_code(), Some(0));
        assert!(function.stderr().contains("the hook runs after 1 handlers"));
    }
}

#[test]
fn slow_caller_gets_complete_response() {
    const CHUNKS: usize = 320;
    let (function, address) = serve(&[]);
    let mut caller = send_request(&address, json!([{"write": "one"}, {"send_chunks": CHUNKS}]));
    read_until(&mut caller, "3\r\none\r\n");
    function.signal("INT");
    function.wait_for_stderr(|text| text.contains(INTERRUPTED));
    let mut body = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    // The caller reads more slowly than the function sends.
    while let size @ 1.. = caller.read(&mut buffer).unwrap() {
        body.extend_from_slice(&buffer[..size]);
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(
        body.ends_with(b"\r\n0\r\n\r\n"),
        "{}",
        body[body.len().saturating_sub(64)..].escape_ascii()
    );
    assert_eq!(body.iter().filter(|byte| **byte == b'x').count(), CHUNKS * 64 * 1024);
    assert_eq!(function.exit_code(), Some(0));
}

#[test]
fn caller_of_queued_event_gets_502_at_shutdown() {
    let (mut function, address) = serve(&[]);
    let mut first = send_request(&address, json!([{"write": "one"}, "await_stdin_end"]));
    read_until(&mut first, "3\r\none\r\n");
    let second = send_request(&address, json!([{"write": "not sent"}]));
    wait_for_invocations(&format!("http://{address}"), 2);
    // A connection without a request must not delay the exit.
    let _idle = TcpStream::connect(&address).unwrap();
    function.signal("INT");
    function.wait_for_stderr(|text| text.contains(INTERRUPTED));
    function.write_stdin("");
    assert_eq!(read_to_end(first), "0\r\n\r\n");
    let response = read_to_end(second);
    assert!(response.starts_with("HTTP/1.1 502 "), "{response}");
    assert!(response.contains("Runtime.ExitError"), "{response}");
    assert_eq!(function.exit_code(), Some(0));
}

#[test]
fn second_interrupt_ends_blocked_handler() {
    let (function, address) = serve(&[]);
    let mut caller = send_request(&address, json!([{"write": "one"}, "flush", {"block_ms": 60_000}]));
    read_until(&mut caller, "3\r\none\r\n");
    // The handler blocks the only thread, so nothing is logged after the first signal.
    while function.is_running() {
        function.signal("INT");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(function.exit_code(), Some(130));
}

#[test]
fn hook_runs_after_command_line_event() {
    for (steps, status) in [(json!([{"write": "one"}]), 0), (json!([{"fail": "no luck"}]), 1)] {
        let mut command = crate::command(&[("ON_SHUTDOWN", "ok")]);
        command.args(["--event", &json!({ "steps": steps }).to_string()]);
        let function = Process::spawn(command);
        assert_eq!(function.exit_code(), Some(status));
        assert!(function.stderr().contains("the hook runs"), "{steps}");
    }
}

#[test]
fn interrupt_completes_command_line_event() {
    let mut command = crate::command(&[("ON_SHUTDOWN", "ok")]);
    let steps = json!([{"write": "one"}, "await_stdin_end", {"write": " two"}]);
    command.args(["--event", &json!({ "steps": steps }).to_string()]);
    let mut function = Process::spawn(command);
    function.wait_for_stdout(|text| text == "one");
    function.signal("INT");
    function.wait_for_stderr(|text| text.contains(INTERRUPTED));
    function.write_stdin("");
    assert_eq!(function.exit_code(), Some(0));
    assert_eq!(function.stdout(), "one two");
    assert!(function.stderr().contains("the hook runs after 1 handlers"));
}
