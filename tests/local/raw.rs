//! A caller that sends bytes as a test has them, and reads what comes back.

use std::cell::Cell;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

use lambda_stream_tests::Function;
use serde_json::{Value, json};

/// An answer that ended: with its length, or with the connection.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    /// Without the framing of its chunks.
    pub(crate) body: String,
}

impl Answer {
    fn of(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text
            .split_once("\r\n\r\n")
            .unwrap_or_else(|| panic!("no answer: {text:?}"));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let head = head.to_lowercase();
        Self {
            status: status.unwrap_or_else(|| panic!("no status: {head}")),
            body: match head.contains("transfer-encoding: chunked") {
                true => unchunked(body),
                false => body.to_owned(),
            },
            head,
        }
    }

    pub(crate) fn json(&self) -> Value {
        let start: String = self.body.chars().take(300).collect();
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {} {start}", self.head))
    }
}

fn unchunked(mut chunks: &str) -> String {
    let mut body = String::new();
    while let Some((size, rest)) = chunks.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        body += &rest[..size];
        chunks = &rest[size + 2..];
    }
    body
}

/// A connection to the function at this URL.
pub(crate) fn connect(url: &str) -> TcpStream {
    connect_to(url.strip_prefix("http://").unwrap())
}

/// A connection to a host and port.
pub(crate) fn connect_to(address: &str) -> TcpStream {
    let socket = TcpStream::connect(address).unwrap();
    // Decides nothing: it turns a hang into a failure.
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    socket
}

/// Sends all of it and reads to the end of the connection, both at the same time. What is no longer taken is not an error.
pub(crate) fn exchange(socket: TcpStream, request: impl AsRef<[u8]>) -> Vec<u8> {
    exchange_until(socket, request.as_ref(), |_| false)
}

/// What a request gets.
pub(crate) fn ask(url: &str, request: impl AsRef<[u8]>) -> Answer {
    // A refusal ends with its length: its connection may be kept open for a while, so that its caller sees it.
    Answer::of(&exchange_until(connect(url), request.as_ref(), has_its_length))
}

fn exchange_until(mut socket: TcpStream, request: &[u8], is_enough: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let request = request.to_vec();
    let mut reader = socket.try_clone().unwrap();
    let sent = thread::spawn(move || socket.write_all(&request));
    let answer = read_until(&mut reader, is_enough);
    // Ends a write that nobody takes.
    let _ = reader.shutdown(Shutdown::Both);
    let _ = sent.join().unwrap();
    answer
}

/// Reads to the end; a reset is one.
pub(crate) fn read(socket: &mut TcpStream) -> Vec<u8> {
    read_until(socket, |_| false)
}

fn read_until(socket: &mut TcpStream, is_enough: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    while !is_enough(&bytes) {
        match socket.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => bytes.extend_from_slice(&buffer[..length]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => panic!("{error}: {}", shown(&bytes)),
        }
    }
    bytes
}

/// Whether these bytes are an answer as long as its `Content-Length`.
fn has_its_length(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.is_some_and(|length| answer.len() >= end + 4 + length.parse::<usize>().unwrap())
}

/// A request's head: `first` is its first line without the version, and the headers are those that it needs and `headers`.
pub(crate) fn head(first: &str, headers: &[&str]) -> String {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    format!("{first} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n")
}

/// The same for a POST, and its body.
pub(crate) fn post(headers: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    let mut request = head("POST /", headers).into_bytes();
    request.extend_from_slice(body.as_ref());
    request
}

/// A request to `scripted`, with what it is to do.
pub(crate) fn scripted(steps: Value) -> Vec<u8> {
    let script = json!({ "steps": steps }).to_string();
    let length = format!("Content-Length: {}", script.len());
    post(&[&length, "Content-Type: application/json"], script)
}

/// A function that answers with its event, and with how often it was invoked.
pub(crate) struct Telling {
    pub(crate) process: Function,
    pub(crate) url: String,
    invocations: Cell<u64>,
}

impl Telling {
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// With these arguments.
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        let mut command = Function::command(env!("CARGO_BIN_EXE_circumstances"));
        command.args(["--port", "0"]).args(arguments);
        Self::spawn(command)
    }

    pub(crate) fn spawn(command: Command) -> Self {
        let process = Function::spawn_alone(command);
        let url = process.url();
        Self {
            process,
            url,
            invocations: Cell::new(0),
        }
    }

    /// The event that the function makes of a request: of each request one, and of those before it no more.
    #[track_caller]
    pub(crate) fn event(&self, request: impl AsRef<[u8]>) -> Value {
        let request = request.as_ref();
        let shown = shown(request);
        let answer = ask(&self.url, request);
        assert_eq!(answer.status, 200, "{shown}: {}", answer.body);
        let mut told = answer.json();
        self.invocations.set(self.invocations.get() + 1);
        let invocations = self.invocations.get();
        assert_eq!(
            told["invocation"], invocations,
            "a request before this was an invocation: {shown}"
        );
        told["event"].take()
    }

    /// The request is refused with this status and a message that says `words`, the function is not invoked, and the next
    /// caller is served.
    #[track_caller]
    pub(crate) fn refuses(&self, request: impl AsRef<[u8]>, status: u16, words: &str) {
        self.refuses_at(&self.url, request, status, words);
    }

    /// The same, at another of its addresses.
    #[track_caller]
    pub(crate) fn refuses_at(&self, url: &str, request: impl AsRef<[u8]>, status: u16, words: &str) {
        let request = request.as_ref();
        let shown = shown(request);
        let answer = ask(url, request);
        assert_eq!(answer.status, status, "{shown}: {}", answer.body);
        assert!(
            answer.head.contains("content-type: application/json"),
            "{}",
            answer.head
        );
        assert!(!answer.head.contains("access-control-"), "{}", answer.head);
        let error = answer.json();
        assert!(error["errorType"].is_string(), "{error}");
        let message = error["errorMessage"].as_str().unwrap();
        assert!(message.contains(words), "{shown}: {message}");
        // A remedy follows what is wrong.
        assert!(message.contains(": "), "{shown}: {message}");

        self.event(head("GET /", &[]));
        assert!(self.process.is_running());
    }
}

fn shown(request: &[u8]) -> String {
    request[..request.len().min(300)].escape_ascii().to_string()
}

/// The most memory that a process had so far, in MiB.
#[cfg(target_os = "linux")]
pub(crate) fn peak_memory(function: &Function) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", function.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    kib / 1024
}

/// How much processor time a process had so far.
#[cfg(target_os = "linux")]
pub(crate) fn processor_time(function: &Function) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", function.id())).unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    // proc(5): of the fields after the name, the 12th and the 13th, in hundredths of a second.
    let ticks: u64 = fields
        .split(' ')
        .skip(11)
        .take(2)
        .map(|ticks| ticks.parse::<u64>().unwrap())
        .sum();
    Duration::from_millis(ticks * 10)
}

/// The addresses that a process listens on, as `ADDRESS:PORT` of IPv4.
#[cfg(target_os = "linux")]
pub(crate) fn listeners(function: &Function) -> Vec<String> {
    let files = std::fs::read_dir(format!("/proc/{}/fd", function.id())).unwrap();
    let open: Vec<String> = files
        .filter_map(|file| Some(std::fs::read_link(file.ok()?.path()).ok()?.display().to_string()))
        .collect();
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let listener = |line: &str| {
        // proc(5): the local address, the state (0A: listening) and the inode.
        let fields: Vec<&str> = line.split_whitespace().collect();
        let inode = format!("socket:[{}]", fields.get(9)?);
        if fields[3] != "0A" || !open.contains(&inode) {
            return None;
        }
        let (address, port) = fields[1].split_once(':')?;
        let address = u32::from_str_radix(address, 16).ok()?.to_ne_bytes();
        let port = u16::from_str_radix(port, 16).ok()?;
        Some(std::net::SocketAddr::from((address, port)).to_string())
    };
    table.lines().filter_map(listener).collect()
}
