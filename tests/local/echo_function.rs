//! A function in local mode that responds with its event, and the requests that tests send to it.

use std::cell::Cell;
use std::process::Command;

use serde_json::{Value, json};
use test_support::{Process, send_request};

/// Returns the head of a request that asks the server to close the connection.
///
/// `method_and_target` is the request line without the version. `headers` follow the required headers.
pub(crate) fn request_head(method_and_target: &str, headers: &[&str]) -> String {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    format!("{method_and_target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n")
}

/// Returns a POST request.
pub(crate) fn post(headers: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    let mut request = request_head("POST /", headers).into_bytes();
    request.extend_from_slice(body.as_ref());
    request
}

/// Returns a POST request with chunked encoding. `body` includes the chunk framing.
pub(crate) fn chunked_post(body: impl AsRef<[u8]>) -> Vec<u8> {
    post(&["Transfer-Encoding: chunked"], body)
}

/// Returns a request to the function `scripted` with these steps.
pub(crate) fn scripted_request(steps: Value) -> Vec<u8> {
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
    pub(crate) fn invoke(&self, request: impl AsRef<[u8]>) -> Value {
        let request = request.as_ref();
        let excerpt = excerpt(request);
        let response = send_request(&self.url, request);
        assert_eq!(
            response.status(),
            200,
            "{excerpt}: {}",
            String::from_utf8_lossy(&response.body)
        );
        let mut parameters = response.json();
        self.invocations.set(self.invocations.get() + 1);
        let invocations = self.invocations.get();
        assert_eq!(
            parameters["invocation"], invocations,
            "an earlier request caused an invocation: {excerpt}"
        );
        parameters["event"].take()
    }

    /// Asserts that the server rejects the request with this status and a message that contains `words`, does not
    /// invoke the function, and serves the next request.
    #[track_caller]
    pub(crate) fn assert_rejects(&self, request: impl AsRef<[u8]>, status: u16, words: &str) {
        self.assert_rejects_at(&self.url, request, status, words);
    }

    /// The same as [`assert_rejects`](Self::assert_rejects), at another address of the server.
    #[track_caller]
    pub(crate) fn assert_rejects_at(&self, url: &str, request: impl AsRef<[u8]>, status: u16, words: &str) {
        let request = request.as_ref();
        let excerpt = excerpt(request);
        let response = send_request(url, request);
        assert_eq!(
            response.status(),
            status,
            "{excerpt}: {}",
            String::from_utf8_lossy(&response.body)
        );
        let head = response.head.text.to_lowercase();
        assert!(head.contains("content-type: application/json"), "{head}");
        assert!(!head.contains("access-control-"), "{head}");
        let error = response.json();
        assert!(error["errorType"].is_string(), "{error}");
        let message = error["errorMessage"].as_str().unwrap();
        assert!(message.contains(words), "{excerpt}: {message}");
        // The colon separates what failed from what to do.
        assert!(message.contains(": "), "{excerpt}: {message}");

        self.invoke(request_head("GET /", &[]));
        assert!(self.process.is_running());
    }
}

/// Returns the first 300 bytes of a request, escaped, for assertion messages.
fn excerpt(request: &[u8]) -> String {
    request[..request.len().min(300)].escape_ascii().to_string()
}
