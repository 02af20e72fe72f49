//! The examples under `cargo lambda watch`, called at their Function URLs and with `cargo lambda invoke`.
//!
//! Requires the program `cargo-lambda` on the PATH (`pip install cargo-lambda==1.9.2`). Without it, the test prints
//! "skipped" and passes. With the variable `REQUIRE_CARGO_LAMBDA=1` it fails instead.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a failing test panics and prints"
)]

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use test_support::{HttpResponse, Process, connect, example, exchange};

/// How long the emulator may take to start. It asks cargo for the metadata of the workspace.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A running `cargo lambda watch` in a separate process group.
struct Watch {
    process: Process,
    port: u16,
}

impl Watch {
    /// Starts the emulator for the workspace's examples.
    fn start() -> Self {
        // The emulator runs `cargo run --bin NAME` at the first request. The examples are built before, so that it does
        // not time out.
        example("hello");
        let port = free_port();
        let mut command = cargo_lambda();
        command.args(["watch", "--ignore-changes", "-A", "127.0.0.1", "-P", &port.to_string()]);
        command.process_group(0);
        let process = Process::spawn(command);
        let watch = Self { process, port };
        let end = Instant::now() + START_TIMEOUT;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(
                watch.process.is_running() && Instant::now() < end,
                "`cargo lambda watch` does not listen\n{}",
                watch.process.stderr()
            );
            thread::sleep(Duration::from_millis(20));
        }
        watch
    }

    /// Sends a request to the Function URL of an example.
    fn call(&self, method: &str, name_and_path: &str, body: &str) -> HttpResponse {
        let request = format!(
            "{method} /lambda-url/{name_and_path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        HttpResponse::parse(&exchange(connect(&format!("127.0.0.1:{}", self.port)), request))
    }

    /// Runs `cargo lambda invoke` and returns its standard output.
    #[track_caller]
    fn invoke(&self, name: &str, event: &str) -> String {
        let output = self.try_invoke(name, event);
        assert!(output.status.success(), "{output:?}\n{}", self.process.stderr());
        String::from_utf8(output.stdout).unwrap()
    }

    fn try_invoke(&self, name: &str, event: &str) -> Output {
        let mut command = cargo_lambda();
        command.args(["invoke", name, "-A", "127.0.0.1", "-P", &self.port.to_string()]);
        command.args(["--data-ascii", event]);
        command.output().unwrap()
    }
}

impl Drop for Watch {
    /// Kills the emulator and its functions: `cargo run` and the function are in its process group.
    fn drop(&mut self) {
        for signal in ["TERM", "KILL"] {
            let kill = format!("kill -s {signal} -- -{}", self.process.id());
            let _ = Command::new("sh").args(["-c", &kill]).stderr(Stdio::null()).status();
            let end = Instant::now() + Duration::from_secs(5);
            while signal == "TERM" && self.process.is_running() && Instant::now() < end {
                thread::sleep(Duration::from_millis(10));
            }
        }
    }
}

/// Returns a command that runs `cargo lambda` in the directory of the examples, without network access.
fn cargo_lambda() -> Command {
    let mut command = Process::command("cargo-lambda");
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    // Cargo sets variables for tests that would change what the emulator builds.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR" {
            command.env_remove(name);
        }
    }
    command
        .env("CARGO_NET_OFFLINE", "true")
        .current_dir(examples)
        .arg("lambda");
    command
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// Returns whether `cargo-lambda` can be started.
fn is_installed() -> bool {
    let version = cargo_lambda().arg("--version").output();
    version.is_ok_and(|output| output.status.success())
}

fn function_url_event(method: &str, path: &str, body: &str) -> String {
    json!({
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {},
        "requestContext": {"http": {"method": method, "path": path, "sourceIp": "127.0.0.1"}},
        "body": body,
        "isBase64Encoded": false,
    })
    .to_string()
}

#[track_caller]
fn assert_response(response: &HttpResponse, status: u16, content_type: &str, text: &str) {
    assert_eq!(
        (response.status(), response.header("content-type"), response.text()),
        (status, Some(content_type), text)
    );
}

/// One test, because the emulator takes seconds to start.
#[test]
fn cargo_lambda_watch_and_invoke() {
    if !is_installed() {
        assert!(
            std::env::var_os("REQUIRE_CARGO_LAMBDA").is_none(),
            "`cargo-lambda` is not on the PATH"
        );
        eprintln!("skipped: `cargo-lambda` is not on the PATH; install it with `pip install cargo-lambda==1.9.2`");
        return;
    }
    let watch = Watch::start();
    let text = "text/plain; charset=utf-8";

    // Function URL, streamed.
    let greeting = |name: &str| format!("Hello, {name}, this is a stream.\n");
    for _ in 0..2 {
        let response = watch.call("POST", "hello/", r#"{"name":"Ada"}"#);
        assert_response(&response, 200, text, &greeting("Ada"));
    }
    assert_response(&watch.call("GET", "hello/", ""), 200, text, &greeting("world"));
    let lines = "one\ntwo\nthree\n";
    assert_response(
        &watch.call("GET", "mixed/lines", ""),
        200,
        "application/octet-stream",
        lines,
    );
    let letter = "Dear Ada,\nthis comes word by word.\n";
    assert_response(&watch.call("POST", "mixed/letter", "Ada"), 201, text, letter);
    let missing = watch.call("GET", "mixed/missing", "");
    assert_eq!((missing.status(), missing.text()), (404, "GET /missing: not found\n"));
    let failing = watch.call("GET", "failing/", "");
    assert_response(&failing, 200, text, "chunk 1\nchunk 2\nchunk 3\n");

    // Function URL, buffered.
    let health = watch.call("GET", "mixed/health", "");
    assert_eq!(
        (health.status(), health.header("content-type")),
        (200, Some("application/json"))
    );
    assert_eq!(health.json()["healthy"], true);

    // `cargo lambda invoke`, streamed and buffered, with events of HTTP and of other sources. It adds a line feed.
    assert_eq!(watch.invoke("hello", r#"{"name":"Ada"}"#), greeting("Ada") + "\n");
    assert_eq!(
        watch.invoke("hello", &function_url_event("POST", "/", "{}")),
        greeting("world") + "\n"
    );
    assert_eq!(watch.invoke("failing", "{}"), "chunk 1\nchunk 2\nchunk 3\n\n");
    assert_eq!(
        watch.invoke("mixed", &function_url_event("GET", "/lines", "")),
        format!("{lines}\n")
    );
    assert!(
        watch
            .invoke("mixed", &function_url_event("GET", "/health", ""))
            .contains("healthy")
    );

    // An error before the first byte.
    let output = watch.try_invoke("mixed", "{}");
    let error = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(
        !output.status.success() && error.contains("it is not an HTTP event"),
        "{error}"
    );

    let log = watch.process.stderr() + &watch.process.stdout();
    assert!(!log.contains("before the response was complete"), "{log}");
}
