//! Limits under load: slow clients, idle connections, waiting clients, and queued requests.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::json;
use test_support::{Process, connect, exchange, read_to_end, send_request};

use crate::echo_function::{EchoFunction, post, request_head, scripted_request};
use crate::{MIB, serve, serve_in_process};

const SCRIPTED: &str = env!("CARGO_BIN_EXE_scripted");

/// A request that the server rejects with status 400, because `Host` is missing, and does not pass to the function.
const REQUEST_WITHOUT_HOST: &str = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";

/// Returns a command that serves the function at `path`, with at most `max_files` open files and these arguments.
fn command_with_file_limit(max_files: u32, path: &str, arguments: &str) -> Command {
    let mut command = Process::command("sh");
    command.args([
        "-c",
        &format!("ulimit -n {max_files}; exec '{path}' --port 0 {arguments}"),
    ]);
    command
}

/// Returns a request to `scripted` that gets no response.
fn hanging_request() -> Vec<u8> {
    scripted_request(json!(["hang"]))
}

#[test]
fn incomplete_requests_do_not_block_others() {
    let function = EchoFunction::start();
    let incomplete = [
        "",
        "GET",
        "GET / HTTP/1.1\r\nHost: loc",
        &request_head("POST /", &["Content-Length: 9"]),
    ];
    let _sockets: Vec<TcpStream> = incomplete
        .iter()
        .cycle()
        .take(100)
        .map(|start| {
            let mut socket = connect(&function.url);
            socket.write_all(start.as_bytes()).unwrap();
            socket
        })
        .collect();
    function.invoke(request_head("GET /", &[]));
}

#[test]
#[cfg(target_os = "linux")]
fn idle_connections_use_little_memory_and_cpu() {
    let function = EchoFunction::start();
    let idle: Vec<TcpStream> = (0..2000).map(|_| connect(&function.url)).collect();
    function.invoke(request_head("GET /", &[]));
    let peak = function.process.resources().peak_memory().unwrap() / 1024;
    assert!(peak < 100, "{peak} MiB");
    // A busy loop would use the whole interval.
    let processor_time = || function.process.resources().processor_time().unwrap();
    let (before, interval) = (processor_time(), Duration::from_millis(300));
    thread::sleep(interval);
    let used = processor_time() - before;
    assert!(used < interval / 2, "{used:?}");
    drop(idle);
}

#[test]
fn idle_connections_at_file_limit_allow_new_request() {
    let function = EchoFunction::spawn(command_with_file_limit(40, env!("CARGO_BIN_EXE_all_parameters"), ""));
    let _idle: Vec<TcpStream> = (0..100).map(|_| connect(&function.url)).collect();
    function.invoke(request_head("GET /", &[]));
}

/// The server logs the file limit once, and serves the new request when the waiting clients disconnect.
///
/// In one process, because the start of each environment for the waiting requests needs files, too.
#[test]
fn waiting_clients_at_file_limit_delay_new_request() {
    let function = Process::spawn(command_with_file_limit(40, SCRIPTED, "--in-process"));
    let url = function.wait_for_url();
    let (sender, waiting) = mpsc::channel();
    let client_url = url.clone();
    // Ends with the function at the latest.
    thread::spawn(move || {
        let request = String::from_utf8(hanging_request()).unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        loop {
            // One client connects at a time, so that the server evicts none of them. `100 Continue` shows that it has
            // accepted the connection and read the head.
            let mut socket = connect(&client_url);
            let mut continue_response = [0; 25];
            let sent = socket
                .write_all(format!("{head}\r\nExpect: 100-continue\r\n\r\n").as_bytes())
                .and_then(|()| socket.read_exact(&mut continue_response))
                .and_then(|()| socket.write_all(body.as_bytes()));
            if sent.is_err() || sender.send(socket).is_err() {
                return;
            }
        }
    });
    function.wait_for_stderr(|text| text.contains("`ulimit -n` raises the limit"));
    let new_request = {
        let url = url.clone();
        thread::spawn(move || send_request(&url, REQUEST_WITHOUT_HOST))
    };
    // Disconnects all waiting clients.
    drop(waiting);
    assert_eq!(new_request.join().unwrap().status(), 400);
    assert_eq!(function.stderr().matches("ulimit").count(), 1);
}

#[test]
fn waiting_clients_beyond_512_get_503() {
    let (_function, url) = serve(SCRIPTED);
    let connect_and_wait = || {
        let mut socket = connect(&url);
        socket.write_all(&hanging_request()).unwrap();
        socket
    };
    let mut waiting: Vec<TcpStream> = (0..512).map(|_| connect_and_wait()).collect();
    let rejection = loop {
        let response = response_to_invalid_request(&url);
        if response.contains("503 Service Unavailable") {
            break response;
        }
        // The server evicted a connection whose request it had not yet read.
        waiting.push(connect_and_wait());
    };
    assert!(rejection.contains("512 clients are already waiting"), "{rejection}");
    drop(waiting);
    // The server notices the disconnects one by one.
    while response_to_invalid_request(&url).contains("503 Service Unavailable") {}
}

/// Sends a request that the server rejects without the function, and returns the response.
fn response_to_invalid_request(url: &str) -> String {
    String::from_utf8(exchange(connect(url), REQUEST_WITHOUT_HOST)).unwrap()
}

#[test]
fn queued_requests_beyond_128_mib_get_429() {
    let (_function, url) = serve_in_process(SCRIPTED);
    let body = "x".repeat(6 * MIB - 4096);
    let length = format!("Content-Length: {}", body.len());
    let request = post(&[&length, "Content-Type: text/plain"], body);
    // The first request keeps the function busy, so that all later requests are queued.
    let mut first = connect(&url);
    first
        .write_all(&scripted_request(json!([{ "write": "busy" }, "hang"])))
        .unwrap();
    let mut received = Vec::new();
    while !received.ends_with(b"busy\r\n") {
        let mut byte = [0];
        first.read_exact(&mut byte).unwrap();
        received.push(byte[0]);
    }
    let (sender, rejections) = mpsc::channel();
    for _ in 0..30 {
        let (url, request, sender) = (url.clone(), request.clone(), sender.clone());
        thread::spawn(move || {
            let mut socket = connect(&url);
            socket.write_all(&request).unwrap();
            // A queued request gets no response, so only rejections are sent to the channel.
            let mut status_line = [0; 12];
            if socket.read_exact(&mut status_line).is_ok() {
                let status_line = String::from_utf8_lossy(&status_line).into_owned();
                let _ = sender.send((status_line, read_to_end(&mut socket)));
            }
        });
    }
    let (status_line, rest) = rejections.recv_timeout(Duration::from_secs(60)).unwrap();
    assert_eq!(status_line, "HTTP/1.1 429");
    let rest = String::from_utf8(rest).unwrap();
    assert!(
        rest.contains("134217728 bytes of requests are already waiting"),
        "{rest}"
    );
}

/// An upload counts from its first byte: the server does not know whether it becomes an event.
#[test]
fn unfinished_uploads_beyond_128_mib_get_429() {
    let function = EchoFunction::start();
    let body = "x".repeat(6 * MIB - 4096);
    let length = format!("Content-Length: {}", body.len() + 1);
    let request = post(&[&length, "Content-Type: text/plain"], body);
    let (sender, responses) = mpsc::channel();
    // 22 uploads exceed the limit. The connection of each is open until the test ends.
    for _ in 0..30 {
        let (url, request, sender) = (function.url.clone(), request.clone(), sender.clone());
        thread::spawn(move || {
            let mut socket = connect(&url);
            socket.write_all(&request).unwrap();
            let mut status_line = [0; 12];
            if socket.read_exact(&mut status_line).is_ok() {
                let _ = sender.send(String::from_utf8_lossy(&status_line).into_owned());
            }
        });
    }
    // Without the limit, the first response is a 408.
    let status_line = responses.recv_timeout(Duration::from_secs(60)).unwrap();
    assert_eq!(status_line, "HTTP/1.1 429");
}

/// A client that has shut down its sending direction gets a response, unless its connection is needed for another one:
/// it cannot be distinguished from a client that has disconnected.
#[test]
fn disconnected_clients_make_space_for_new_request() {
    let (_function, url) = serve(SCRIPTED);
    for _ in 0..520 {
        let mut socket = connect(&url);
        socket.write_all(&hanging_request()).unwrap();
    }
    while response_to_invalid_request(&url).contains("503 Service Unavailable") {}
    assert!(response_to_invalid_request(&url).contains("400 Bad Request"));
}
