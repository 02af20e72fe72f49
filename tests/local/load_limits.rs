//! Callers that are slow, and more of them than there is room for.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::json;
use test_support::{Process, connect, exchange, read_to_end, send_request};

use crate::echo_function::{EchoFunction, head, post, scripted};
use crate::serve;

const SCRIPTED: &str = env!("CARGO_BIN_EXE_scripted");
const MIB: usize = 1024 * 1024;

#[test]
fn callers_that_never_end_their_requests_hold_nobody_up() {
    let function = EchoFunction::start();
    let slow = [
        "",
        "GET",
        "GET / HTTP/1.1\r\nHost: loc",
        &head("POST /", &["Content-Length: 9"]),
    ];
    let _waiting: Vec<TcpStream> = slow
        .iter()
        .cycle()
        .take(100)
        .map(|start| {
            let mut socket = connect(&function.url);
            socket.write_all(start.as_bytes()).unwrap();
            socket
        })
        .collect();
    function.event(head("GET /", &[]));
}

#[test]
#[cfg(target_os = "linux")]
fn with_2000_idle_connections_a_new_caller_is_served_and_memory_and_processor_rest() {
    let function = EchoFunction::start();
    let idle: Vec<TcpStream> = (0..2000).map(|_| connect(&function.url)).collect();
    function.event(head("GET /", &[]));
    let peak = function.process.resources().peak_memory().unwrap() / 1024;
    assert!(peak < 100, "{peak} MiB");
    // All that is left open is waited for without a turn of the processor.
    let processor_time = || function.process.resources().processor_time().unwrap();
    let (before, interval) = (processor_time(), std::time::Duration::from_millis(300));
    std::thread::sleep(interval);
    let spent = processor_time() - before;
    assert!(spent < interval / 2, "{spent:?}");
    drop(idle);
}

/// A command for `path` with at most this many open files, serving.
fn with_files(files: u32, path: &str) -> std::process::Command {
    let mut command = Process::command("sh");
    command.args(["-c", &format!("ulimit -n {files}; exec '{path}' --port 0")]);
    command
}

#[test]
fn with_more_idle_connections_than_files_a_new_caller_is_served() {
    let function = EchoFunction::spawn(with_files(40, env!("CARGO_BIN_EXE_all_parameters")));
    let _idle: Vec<TcpStream> = (0..100).map(|_| connect(&function.url)).collect();
    function.event(head("GET /", &[]));
}

/// A request to `scripted` that is never answered.
fn hanging() -> Vec<u8> {
    scripted(json!(["hang"]))
}

#[test]
fn with_more_waiting_callers_than_files_the_limit_is_said_once_and_the_next_waits_for_its_turn() {
    let function = Process::spawn(with_files(40, SCRIPTED));
    let url = function.wait_for_url();
    let (sender, waiting) = std::sync::mpsc::channel();
    let callers = url.clone();
    // Ends with the function, if not before.
    std::thread::spawn(move || {
        let request = String::from_utf8(hanging()).unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        loop {
            // One after the other, each known to be accepted by the answer to its head, so that none gives way.
            let mut socket = connect(&callers);
            let mut go_on = [0; 25];
            let sent = socket
                .write_all(format!("{head}\r\nExpect: 100-continue\r\n\r\n").as_bytes())
                .and_then(|()| socket.read_exact(&mut go_on))
                .and_then(|()| socket.write_all(body.as_bytes()));
            if sent.is_err() || sender.send(socket).is_err() {
                return;
            }
        }
    });
    function.wait_for_stderr(|text| text.contains("`ulimit -n` raises the limit"));
    let next = {
        let url = url.clone();
        std::thread::spawn(move || send_request(&url, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"))
    };
    // All that wait hang up.
    drop(waiting);
    assert_eq!(next.join().unwrap().status(), 400);
    assert_eq!(function.stderr().matches("ulimit").count(), 1);
}

#[test]
fn more_than_512_waiting_callers_are_refused() {
    let (_function, url) = serve(SCRIPTED);
    let wait = || {
        let mut socket = connect(&url);
        socket.write_all(&hanging()).unwrap();
        socket
    };
    let mut waiting: Vec<TcpStream> = (0..512).map(|_| wait()).collect();
    let refusal = loop {
        let answer = exchange_in_vain(&url);
        if answer.contains("503 Service Unavailable") {
            break answer;
        }
        // One whose request had not been read yet has made room.
        waiting.push(wait());
    };
    assert!(refusal.contains("512 callers wait"), "{refusal}");
    drop(waiting);
    // Those that hung up are noticed one by one.
    while exchange_in_vain(&url).contains("503 Service Unavailable") {}
}

/// What a malformed request gets: it is answered without the function.
fn exchange_in_vain(url: &str) -> String {
    let answer = exchange(connect(url), "GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    String::from_utf8(answer).unwrap()
}

#[test]
fn more_than_128_mebibytes_of_requests_do_not_queue_up() {
    let (_function, url) = serve(SCRIPTED);
    let body = "x".repeat(6 * MIB - 4096);
    let length = format!("Content-Length: {}", body.len());
    let request = post(&[&length, "Content-Type: text/plain"], body);
    // The function is busy with the first, so that all that follows has to wait.
    let mut first = connect(&url);
    first
        .write_all(&scripted(json!([{ "write": "busy" }, "hang"])))
        .unwrap();
    let mut busy = Vec::new();
    while !busy.ends_with(b"busy\r\n") {
        let mut byte = [0];
        first.read_exact(&mut byte).unwrap();
        busy.push(byte[0]);
    }
    let (sender, refusals) = std::sync::mpsc::channel();
    for _ in 0..30 {
        let (url, request, sender) = (url.clone(), request.clone(), sender.clone());
        std::thread::spawn(move || {
            let mut socket = connect(&url);
            socket.write_all(&request).unwrap();
            // Of those that wait for the function nothing is ever heard.
            let mut answer = [0; 12];
            if socket.read_exact(&mut answer).is_ok() {
                let _ = sender.send((String::from_utf8_lossy(&answer).into_owned(), read_to_end(&mut socket)));
            }
        });
    }
    let (status, rest) = refusals.recv_timeout(std::time::Duration::from_secs(60)).unwrap();
    assert_eq!(status, "HTTP/1.1 429");
    let rest = String::from_utf8(rest).unwrap();
    assert!(rest.contains("134217728 bytes of requests wait"), "{rest}");
}
