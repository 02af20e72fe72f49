//! The end of a function that serves itself: callers have all of their answers before the process is gone.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use test_support::Process;

/// The function, serving on a port that the system chose, and that port's address.
fn serve(variables: &[(&str, &str)]) -> (Process, String) {
    let mut command = crate::command(variables);
    command.args(["--port", "0"]);
    let function = Process::spawn(command);
    let said = function.wait_for_stderr(|text| text.contains("curl"));
    let (_, url) = said.split_once("http://").unwrap();
    let address = url.split(',').next().unwrap().to_owned();
    (function, address)
}

/// A caller that has asked for this and not yet read a byte.
fn call(address: &str, steps: Value) -> TcpStream {
    let mut socket = TcpStream::connect(address).unwrap();
    // It turns a hang into a failure, and decides nothing else.
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let body = json!({ "steps": steps }).to_string();
    let length = body.len();
    let head = format!(
        "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    socket.write_all((head + &body).as_bytes()).unwrap();
    socket
}

/// Reads until this has come.
fn until(socket: &mut TcpStream, end: &str) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(end.as_bytes()) {
        let mut byte = [0];
        assert_eq!(socket.read(&mut byte).unwrap(), 1, "{}", bytes.escape_ascii());
        bytes.push(byte[0]);
    }
    String::from_utf8(bytes).unwrap()
}

fn rest(mut socket: TcpStream) -> String {
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn an_answer_in_flight_reaches_its_caller_whole_before_the_hook_runs() {
    for signal in ["INT", "TERM"] {
        let (mut function, address) = serve(&[("ON_SHUTDOWN", "ok")]);
        let mut caller = call(
            &address,
            json!([{"write": "one"}, "await_stdin_end", {"write": " two"}]),
        );
        until(&mut caller, "3\r\none\r\n");
        function.signal(signal);
        if signal == "INT" {
            function.wait_for_stderr(|text| text.contains("a second Ctrl-C ends it at once"));
        }
        function.write_stdin("");
        assert_eq!(rest(caller), "4\r\n two\r\n0\r\n\r\n", "{signal}");
        assert_eq!(function.exit_code(), Some(0));
        assert!(function.stderr().contains("the hook runs after 1 handlers"));
    }
}

#[test]
fn a_slow_caller_has_all_of_it() {
    const PIECES: usize = 320;
    let (function, address) = serve(&[]);
    let mut caller = call(&address, json!([{"write": "one"}, {"send_chunks": PIECES}]));
    until(&mut caller, "3\r\none\r\n");
    function.signal("INT");
    function.wait_for_stderr(|text| text.contains("a second Ctrl-C ends it at once"));
    let mut body = Vec::new();
    let mut piece = vec![0; 64 * 1024];
    // To its end, slower than it is sent.
    while let size @ 1.. = caller.read(&mut piece).unwrap() {
        body.extend_from_slice(&piece[..size]);
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(
        body.ends_with(b"\r\n0\r\n\r\n"),
        "{}",
        body[body.len().saturating_sub(64)..].escape_ascii()
    );
    assert_eq!(body.iter().filter(|byte| **byte == b'x').count(), PIECES * 64 * 1024);
    assert_eq!(function.exit_code(), Some(0));
}

#[test]
fn a_caller_whose_event_was_not_yet_taken_is_told_so() {
    let (mut function, address) = serve(&[]);
    let mut first = call(&address, json!([{"write": "one"}, "await_stdin_end"]));
    until(&mut first, "3\r\none\r\n");
    let second = call(&address, json!([{"write": "never"}]));
    // A third that has no request: it must not hold up the end.
    let _idle = TcpStream::connect(&address).unwrap();
    function.signal("INT");
    function.wait_for_stderr(|text| text.contains("a second Ctrl-C ends it at once"));
    function.write_stdin("");
    assert_eq!(rest(first), "0\r\n\r\n");
    let answer = rest(second);
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
    assert!(answer.contains("Runtime.ExitError"), "{answer}");
    assert_eq!(function.exit_code(), Some(0));
}

#[test]
fn a_handler_that_holds_its_thread_is_ended_by_a_second_interrupt() {
    let (function, address) = serve(&[]);
    let mut caller = call(&address, json!([{"write": "one"}, "flush", {"block_ms": 60_000}]));
    until(&mut caller, "3\r\none\r\n");
    // It cannot say when it heard the first: the thread that would is the handler's.
    while function.is_running() {
        function.signal("INT");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(function.exit_code(), Some(130));
}

#[test]
fn after_the_one_invocation_of_a_command_line_the_hook_runs() {
    for (steps, status) in [(json!([{"write": "one"}]), 0), (json!([{"fail": "no luck"}]), 1)] {
        let mut command = crate::command(&[("ON_SHUTDOWN", "ok")]);
        command.args(["--event", &json!({ "steps": steps }).to_string()]);
        let function = Process::spawn(command);
        assert_eq!(function.exit_code(), Some(status));
        assert!(function.stderr().contains("the hook runs"), "{steps}");
    }
}

#[test]
fn an_interrupt_lets_the_one_invocation_of_a_command_line_end() {
    let mut command = crate::command(&[("ON_SHUTDOWN", "ok")]);
    let steps = json!([{"write": "one"}, "await_stdin_end", {"write": " two"}]);
    command.args(["--event", &json!({ "steps": steps }).to_string()]);
    let mut function = Process::spawn(command);
    function.wait_for_stdout(|text| text == "one");
    function.signal("INT");
    function.wait_for_stderr(|text| text.contains("a second Ctrl-C ends it at once"));
    function.write_stdin("");
    assert_eq!(function.exit_code(), Some(0));
    assert_eq!(function.stdout(), "one two");
    assert!(function.stderr().contains("the hook runs after 1 handlers"));
}
