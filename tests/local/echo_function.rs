//! A function in local mode that responds with its event, and the requests that tests send to it.

use std::cell::Cell;
use std::process::Command;

use serde_json::{Value, json};
use test_support::{Process, send_request};

/// Returns a request head. `first` is the request line without the version. `headers` follow the required headers.
pub(crate) fn head(first: &str, headers: &[&str]) -> String {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    format!("{first} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n")
}

/// Returns a POST request.
pub(crate) fn post(headers: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    let mut request = head("POST /", headers).into_bytes();
    request.extend_from_slice(body.as_ref());
    request
}

/// Returns a request to the function `scripted` with these steps.
pub(crate) fn scripted(steps: Value) -> Vec<u8> {
    let script = json!({ "steps": steps }).to_string();
    let length = format!("Content-Length: {}", script.len());
    post(&[&length, "Content-Type: application/json"], script)
}

/// The function `all_parameters`, which responds with its event and the number of its invocations.
pub(crate) struct EchoFunction {
    pub(crate) process: Process,
    pub(crate) url: String,
    invocations: Cell<u64>,
}

impl EchoFunction {
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts the function with these arguments.
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        let mut command = Process::command(env!("CARGO_BIN_EXE_all_parameters"));
        command.args(["--port", "0"]).args(arguments);
        Self::spawn(command)
    }

    pub(crate) fn spawn(command: Command) -> Self {
        let process = Process::spawn(command);
        let url = process.wait_for_url();
        Self {
            process,
            url,
            invocations: Cell::new(0),
        }
    }

    /// Sends a request and returns its event. Asserts that the requests before it caused no other invocation.
    #[track_caller]
    pub(crate) fn event(&self, request: impl AsRef<[u8]>) -> Value {
        let request = request.as_ref();
        let shown = shown(request);
        let response = send_request(&self.url, request);
        assert_eq!(
            response.status(),
            200,
            "{shown}: {}",
            String::from_utf8_lossy(&response.body)
        );
        let mut parameters = response.json();
        self.invocations.set(self.invocations.get() + 1);
        let invocations = self.invocations.get();
        assert_eq!(
            parameters["invocation"], invocations,
            "an earlier request caused an invocation: {shown}"
        );
        parameters["event"].take()
    }

    /// Asserts that the server rejects the request with this status and a message that contains `words`, does not invoke
    /// the function, and serves the next request.
    #[track_caller]
    pub(crate) fn rejects(&self, request: impl AsRef<[u8]>, status: u16, words: &str) {
        self.rejects_at(&self.url, request, status, words);
    }

    /// The same as [`rejects`](Self::rejects), at another address of the server.
    #[track_caller]
    pub(crate) fn rejects_at(&self, url: &str, request: impl AsRef<[u8]>, status: u16, words: &str) {
        let request = request.as_ref();
        let shown = shown(request);
        let response = send_request(url, request);
        assert_eq!(
            response.status(),
            status,
            "{shown}: {}",
            String::from_utf8_lossy(&response.body)
        );
        let head = response.head.text.to_lowercase();
        assert!(head.contains("content-type: application/json"), "{head}");
        assert!(!head.contains("access-control-"), "{head}");
        let error = response.json();
        assert!(error["errorType"].is_string(), "{error}");
        let message = error["errorMessage"].as_str().unwrap();
        assert!(message.contains(words), "{shown}: {message}");
        // The message says what to do after it says what failed.
        assert!(message.contains(": "), "{shown}: {message}");

        self.event(self::head("GET /", &[]));
        assert!(self.process.is_running());
    }
}

fn shown(request: &[u8]) -> String {
    request[..request.len().min(300)].escape_ascii().to_string()
}
