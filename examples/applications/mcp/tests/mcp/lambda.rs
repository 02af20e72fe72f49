//! The function on Lambda: the mock Runtime API with events of a Function URL.

use std::time::Duration;

use serde_json::{Value, json};
use test_support::{BodyEnd, Event, HttpEvent, MockRuntimeApi, Process, Response};

use crate::fake_services::FakeServices;
use crate::{TOKEN, command};

const HOST: &str = "under-test.lambda-url.eu-central-1.on.aws";

fn spawn(lambda: &MockRuntimeApi, services: &FakeServices, allowed_hosts: &str) -> Process {
    let mut command = command(services, &["orders", "payments"]);
    command.env("ALLOWED_HOSTS", allowed_hosts);
    Process::spawn_function_with(command, lambda)
}

fn request(method: &str, params: Value) -> HttpEvent {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    Event::function_url("POST", "/mcp")
        .header("Authorization", &format!("Bearer {TOKEN}"))
        .header("Content-Type", "application/json")
        .header("Accept", "application/json, text/event-stream")
        .body(body.to_string())
}

fn check_services() -> HttpEvent {
    request(
        "tools/call",
        json!({"name": "check_services", "_meta": {"progressToken": "t"}}),
    )
}

fn status(response: &Response) -> u64 {
    response.prelude().0["statusCode"].as_u64().unwrap()
}

/// Returns the last message of a response.
fn last_message(response: &Response) -> Value {
    assert_eq!(response.body_end(), BodyEnd::LastChunk);
    let (_, body) = response.prelude();
    let body = String::from_utf8_lossy(body);
    let data = body.lines().filter_map(|line| line.strip_prefix("data: ")).next_back();
    serde_json::from_str(data.unwrap()).unwrap()
}

fn contains(body: &[u8], text: &str) -> bool {
    String::from_utf8_lossy(body).contains(text)
}

/// Each service responds only after Lambda has received the notification about the service before.
#[test]
fn progress_is_streamed_to_lambda() {
    let (lambda, services) = (MockRuntimeApi::start(), FakeServices::start());
    let _function = spawn(&lambda, &services, HOST);
    let pending = lambda.queue(check_services());
    pending.wait_for_body(|body| contains(body, r#""progress":0.0"#));
    services.respond("payments", 200, "ok");
    pending.wait_for_body(|body| contains(body, "payments: 200 OK"));
    services.respond("orders", 500, "");
    pending.wait_for_body(|body| contains(body, "orders: 500 Internal Server Error"));
    let response = pending.wait();
    let (prelude, _) = response.prelude();
    assert_eq!(prelude["statusCode"], 200);
    assert_eq!(prelude["headers"]["content-type"], "text/event-stream");
    let result = &last_message(&response)["result"];
    assert_eq!(result["structuredContent"]["checks"][1]["service"], "orders");
    lambda.wait_for_next();
    assert_eq!(lambda.calls(), ["next", "response", "next"]);
}

#[test]
fn hosts_are_accepted_as_configured() {
    let other = "mcp.example.com";
    for (allowed_hosts, host, expected) in [
        ("", HOST, 403),
        ("", "localhost", 200),
        (HOST, HOST, 200),
        (HOST, "localhost", 403),
        (HOST, other, 403),
        ("mcp.example.com, under-test.lambda-url.eu-central-1.on.aws", other, 200),
        ("*", HOST, 200),
    ] {
        let (lambda, services) = (MockRuntimeApi::start(), FakeServices::start());
        let _function = spawn(&lambda, &services, allowed_hosts);
        let response = lambda.invoke(request("tools/list", json!({})).host(host));
        assert_eq!(
            status(&response),
            expected,
            "ALLOWED_HOSTS={allowed_hosts:?}, host {host}"
        );
    }
}

#[test]
fn web_page_is_rejected() {
    let (lambda, services) = (MockRuntimeApi::start(), FakeServices::start());
    let _function = spawn(&lambda, &services, "*");
    let page = request("tools/list", json!({})).header("Origin", "https://example.com");
    assert_eq!(status(&lambda.invoke(page)), 403);
}

#[test]
fn deadline_ends_checks_with_partial_result() {
    let (lambda, services) = (MockRuntimeApi::start(), FakeServices::start());
    let function = spawn(&lambda, &services, "*");
    services.respond("payments", 200, "ok");
    let event = check_services().event().deadline_in(Duration::from_secs(3));
    let response = lambda.invoke(event);
    let result = &last_message(&response)["result"]["structuredContent"];
    assert_eq!(result["checks"][0]["service"], "payments");
    assert_eq!(result["unfinished"], 1);
    services.wait_for_disconnect("orders");
    function.wait_for_stderr(|log| log.contains("the deadline ended the checks"));
}

/// Lambda rejects the response, and the function notices it when it sends the next notification.
#[test]
fn rejected_response_stops_checks() {
    let (lambda, services) = (MockRuntimeApi::start(), FakeServices::start());
    let function = spawn(&lambda, &services, "*");
    let rejected = check_services()
        .event()
        .rejected_early(1, 413, "RequestEntityTooLarge", "too long");
    let pending = lambda.queue(rejected);
    services.wait_for_request("orders");
    function.wait_for_stderr(|log| log.contains("RequestEntityTooLarge"));
    services.respond("payments", 200, "ok");
    services.wait_for_disconnect("orders");
    let log = function.wait_for_stderr(|log| log.contains("called a tool"));
    assert!(log.contains("the checks were cancelled"), "{log}");
    pending.wait();
    // The process handles the next event.
    let response = lambda.invoke(request("tools/list", json!({})));
    assert_eq!(status(&response), 200);
}

#[test]
fn invalid_configuration_is_reported_at_init() {
    let (lambda, services) = (MockRuntimeApi::start(), FakeServices::start());
    let mut command = command(&services, &["orders"]);
    command.env_remove("MCP_TOKEN");
    let function = Process::spawn_function_with(command, &lambda);
    let error = lambda.wait_for_init_error().error();
    assert_eq!(
        error.message,
        "invalid MCP_TOKEN: set it to a secret of at least 16 visible ASCII characters"
    );
    assert_eq!(function.exit_code(), Some(1));
}

#[test]
fn token_is_not_logged() {
    let (lambda, services) = (MockRuntimeApi::start(), FakeServices::start());
    let mut command = command(&services, &["orders"]);
    command.env("ALLOWED_HOSTS", "*").env("RUST_LOG", "trace");
    let function = Process::spawn_function_with(command, &lambda);
    let response = lambda.invoke(request("tools/list", json!({})));
    assert_eq!(status(&response), 200);
    lambda.wait_for_next();
    let log = function.wait_for_stderr(|log| log.contains("invocation ended"));
    assert!(log.contains("TRACE"), "{log}");
    assert!(!log.contains(TOKEN), "{log}");
}
