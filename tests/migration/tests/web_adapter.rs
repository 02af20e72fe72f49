//! Compares the programs before and after a migration from AWS Lambda Web Adapter: the same event, and what Lambda
//! receives.
//!
//! The adapter is a program that crates.io has as source code. The first test builds it without optimizations, unless the
//! benchmark has installed it. Without the registry, the tests are skipped.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a failing test panics and prints"
)]

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use lambda_stream_migration_tests::{Event, Function, HttpEvent, Process, Received, ReportedError};

const REQUEST_ID: &str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";

const PACKAGE: &str = "lambda_web_adapter";

/// The version that the benchmark installs too, the newest on crates.io.
const VERSION: &str = "1.0.0-rc1";

/// Returns the program, or `None`, with the line "skipped" on standard error, if it cannot be installed.
///
/// # Panics
/// If it cannot be installed and the variable `REQUIRE_PACKAGES` is set.
fn adapter() -> Option<&'static Path> {
    static ADAPTER: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match ADAPTER.get_or_init(install) {
        Ok(program) => Some(program),
        Err(reason) => {
            assert!(std::env::var_os("REQUIRE_PACKAGES").is_none(), "{reason}");
            eprintln!("skipped: {reason}");
            None
        }
    }
}

fn install() -> Result<PathBuf, String> {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let root = directory.join(format!("{PACKAGE}-{VERSION}"));
    let debug_root = directory.join(format!("{PACKAGE}-{VERSION}-debug"));
    let program = |root: &Path| root.join("bin/lambda-adapter");
    if let Some(root) = [&root, &debug_root].into_iter().find(|root| program(root).exists()) {
        return Ok(program(root));
    }
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args([
            "install",
            PACKAGE,
            "--version",
            VERSION,
            "--locked",
            "--debug",
            "--quiet",
            "--root",
        ])
        .arg(&debug_root)
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_NET_OFFLINE", "false");
    let output = cargo
        .output()
        .map_err(|error| format!("failed to start cargo: {error}"))?;
    match output.status.success() {
        true => Ok(program(&debug_root)),
        false => Err(format!(
            "{PACKAGE} {VERSION} cannot be installed: {}",
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

/// A server on a port, and the adapter in front of it.
struct Adapted {
    adapter: Function,
    _server: Process,
}

impl Adapted {
    /// Starts both with these settings of the adapter.
    fn start(adapter: &Path, server: &str, settings: &[(&str, &str)]) -> Self {
        let port = free_port().to_string();
        let mut adapter = Process::command(adapter);
        adapter
            .env("AWS_LWA_PORT", &port)
            .env("AWS_LWA_INVOKE_MODE", "response_stream")
            .envs(settings.iter().copied());
        let adapter = Function::start(adapter);
        // The adapter registers while it waits for the server. If the server is ready first, it polls for an event before
        // it has registered, which the mock does not accept.
        adapter.lambda().wait_for_registration();
        let mut server = Process::command(server);
        server.env("PORT", &port);
        Self {
            adapter,
            _server: Process::spawn(server),
        }
    }

    /// Delivers an event, and returns what Lambda receives, without the headers that the server adds for HTTP.
    #[track_caller]
    fn invoke(&self, event: Event) -> Received {
        let mut received = self.adapter.invoke(event);
        if let Some(prelude) = &mut received.prelude {
            assert!(prelude.headers.remove("date").is_some(), "{prelude:?}");
            prelude.headers.remove("content-length");
        }
        received
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("a local address").port()
}

fn get(target: &str) -> Event {
    HttpEvent::function_url("GET", target).event().request_id(REQUEST_ID)
}

#[test]
fn applications_give_equal_responses() {
    let Some(adapter) = adapter() else { return };
    let before = Adapted::start(adapter, env!("CARGO_BIN_EXE_web_adapter_before"), &[]);
    let after = Function::start(Process::command(env!("CARGO_BIN_EXE_web_adapter_after")));
    let order = HttpEvent::function_url("GET", "/orders/7?full=1").header("accept-language", "de");
    for (event, status, body) in [
        (get("/"), 200, "Hello"),
        (order.event(), 200, r#"{"id":7,"language":"de"}"#),
        (get("/progress"), 200, "data: 0 %\n\ndata: 50 %\n\ndata: 100 %\n\n"),
        (get("/orders/tea"), 400, "Invalid URL: Cannot parse `tea` to a `u32`"),
    ] {
        let received = after.invoke(event.clone());
        assert!(received.streamed && received.error.is_none(), "{received:?}");
        assert_eq!(received.http().0.status, status);
        assert_eq!(received.body, body);
        assert_eq!(before.invoke(event), received);
    }
}

#[test]
fn response_without_content_type_has_one_only_before() {
    let Some(adapter) = adapter() else { return };
    let before = Adapted::start(adapter, env!("CARGO_BIN_EXE_web_adapter_before"), &[]);
    let after = Function::start(Process::command(env!("CARGO_BIN_EXE_web_adapter_after")));
    let (before, after) = (before.invoke(get("/none")).http(), after.invoke(get("/none")).http());
    assert_eq!((before.0.status, after.0.status), (404, 404));
    assert_eq!(before.0.header("content-type"), Some("application/octet-stream"));
    assert_eq!(after.0.header("content-type"), None);
}

#[test]
fn interrupted_body_is_text_before_and_trailers_after() {
    let Some(adapter) = adapter() else { return };
    let before = Adapted::start(adapter, env!("CARGO_BIN_EXE_web_adapter_before"), &[]);
    let after = Function::start(Process::command(env!("CARGO_BIN_EXE_web_adapter_after")));
    let received = before.invoke(get("/report"));
    assert_eq!(received.error, None);
    let error = received.body.strip_prefix("row 1\n").expect("the first row");
    assert!(
        error.starts_with("Lambda-Runtime-Function-Error-Type: Runtime.StreamError\r\n"),
        "{error}"
    );
    let received = after.invoke(get("/report"));
    assert_eq!(received.body, "row 1\n");
    let error = ReportedError {
        error_type: "Function.AxumCoreError".to_owned(),
        message: "the database is gone".to_owned(),
        in_trailers: true,
    };
    assert_eq!(received.error, Some(error));
}

#[test]
fn settings_have_the_same_effect() {
    let Some(adapter) = adapter() else { return };
    let before = Adapted::start(
        adapter,
        env!("CARGO_BIN_EXE_web_adapter_settings_before"),
        &[
            ("AWS_LWA_REMOVE_BASE_PATH", "/shop"),
            ("AWS_LWA_ERROR_STATUS_CODES", "500-599"),
            ("AWS_LWA_PASS_THROUGH_PATH", "/queue"),
        ],
    );
    let after = Function::start(Process::command(env!("CARGO_BIN_EXE_web_adapter_settings_after")));

    let order = get("/shop/orders/7");
    let received = after.invoke(order.clone());
    assert_eq!(received.body, "order 7");
    assert_eq!(before.invoke(order), received);

    let failing = get("/shop/orders/0");
    assert_eq!(
        before.invoke(failing.clone()).error,
        Some(ReportedError {
            error_type: "&alloc::boxed::Box<dyn core::error::Error + core::marker::Send + core::marker::Sync>"
                .to_owned(),
            message: "Request failed with configured error status code: 503".to_owned(),
            in_trailers: false,
        })
    );
    assert_eq!(
        after.invoke(failing).error,
        Some(ReportedError {
            error_type: "Function.ErrorStatus".to_owned(),
            message: "the service responded with the status 503 Service Unavailable: no database".to_owned(),
            in_trailers: false,
        })
    );

    // An event that is not an HTTP request: the adapter responds with a prelude, which is part of the body for a caller of
    // Lambda's API.
    let message = Event::json(r#"{"Records":[{"body":"one"},{"body":"two"}]}"#);
    let received = before.invoke(message.clone());
    assert_eq!(received.body, r#"{"records":2}"#);
    assert_eq!(received.prelude.map(|prelude| prelude.status), Some(200));
    let received = after.invoke(message);
    assert_eq!(received.body, r#"{"records":2}"#);
    assert_eq!((received.prelude, received.error), (None, None));
}

#[test]
fn base_path_is_text_before_and_segments_after() {
    let Some(adapter) = adapter() else { return };
    let before = Adapted::start(
        adapter,
        env!("CARGO_BIN_EXE_web_adapter_settings_before"),
        &[("AWS_LWA_REMOVE_BASE_PATH", "/shop")],
    );
    let after = Function::start(Process::command(env!("CARGO_BIN_EXE_web_adapter_settings_after")));
    for (target, before_body, after_body) in [
        ("/orders/1", "order 1", "order 1"),
        ("/shop/shop/orders/1", "order 1", ""),
        ("/shoporders/1", "order 1", ""),
        ("/shop", "ready", "ready"),
    ] {
        assert_eq!(before.invoke(get(target)).body, before_body, "{target}");
        assert_eq!(after.invoke(get(target)).body, after_body, "{target}");
    }
}

#[test]
fn metadata_is_in_headers_before_and_in_extensions_after() {
    let Some(adapter) = adapter() else { return };
    let before = Adapted::start(
        adapter,
        env!("CARGO_BIN_EXE_web_adapter_headers_before"),
        &[("AWS_LWA_AUTHORIZATION_SOURCE", "x-custom-auth")],
    );
    let after = Function::start(Process::command(env!("CARGO_BIN_EXE_web_adapter_headers_after")));
    let event = HttpEvent::function_url("GET", "/")
        .header("x-custom-auth", "Bearer token")
        .event()
        .request_id(REQUEST_ID)
        .header("Lambda-Runtime-Aws-Tenant-Id", "tenant-a");
    let received = after.invoke(event.clone());
    assert_eq!(received.body, format!("tenant-a, Bearer token, $default, {REQUEST_ID}"));
    assert_eq!(before.invoke(event), received);
}
