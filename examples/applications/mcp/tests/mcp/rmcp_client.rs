//! The client of `rmcp`, in local mode.

use std::sync::Arc;

use rmcp::model::{
    CallToolRequestParams, CallToolResult, GetPromptRequestParams, JsonObject, ProgressNotificationParam,
    ProtocolVersion, ReadResourceRequestParams,
};
use rmcp::service::{
    ClientInitializeError, ClientLifecycleMode, ClientServiceExt, NotificationContext, RunningService, ServiceError,
};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{ClientHandler, RoleClient};
use serde_json::{Value, json};
use test_support::{HttpConnection, Process, send_request, serve};
use tokio::sync::mpsc;

use crate::fake_services::FakeServices;
use crate::{TOKEN, command};

type Client = RunningService<RoleClient, ProgressRecorder>;

/// Forwards progress notifications to the test.
struct ProgressRecorder(mpsc::UnboundedSender<ProgressNotificationParam>);

impl ClientHandler for ProgressRecorder {
    async fn on_progress(&self, progress: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        let _ = self.0.send(progress);
    }
}

/// A function in local mode, and its services.
struct Function {
    process: Process,
    url: String,
    services: FakeServices,
}

impl Function {
    fn start(names: &[&str]) -> Self {
        let services = FakeServices::start();
        let (process, url) = serve(command(&services, names));
        Self { process, url, services }
    }

    async fn connect(&self) -> (Client, mpsc::UnboundedReceiver<ProgressNotificationParam>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let client = connect(&self.url, TOKEN, ClientLifecycleMode::Initialize, sender).await;
        (client.unwrap(), receiver)
    }
}

async fn connect(
    url: &str,
    token: &str,
    lifecycle: ClientLifecycleMode,
    progress: mpsc::UnboundedSender<ProgressNotificationParam>,
) -> Result<Client, ClientInitializeError> {
    let options = StreamableHttpClientTransportConfig::with_uri(format!("{url}/mcp")).auth_header(token);
    let transport = StreamableHttpClientTransport::from_config(options);
    ProgressRecorder(progress)
        .serve_with_lifecycle(transport, lifecycle)
        .await
}

fn call(name: &'static str, arguments: Value) -> CallToolRequestParams {
    let arguments: JsonObject = serde_json::from_value(arguments).unwrap();
    CallToolRequestParams::new(name).with_arguments(arguments)
}

fn text(result: &CallToolResult) -> &str {
    &result.content[0].as_text().unwrap().text
}

fn json(result: CallToolResult) -> Value {
    assert_ne!(result.is_error, Some(true), "{result:?}");
    result.structured_content.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_protocol_generations_list_tools() {
    let function = Function::start(&["orders"]);
    let discover = ClientLifecycleMode::Discover {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
    };
    for lifecycle in [ClientLifecycleMode::Initialize, discover] {
        let (progress, _) = mpsc::unbounded_channel();
        let client = connect(&function.url, TOKEN, lifecycle, progress).await.unwrap();
        let tools = client.list_all_tools().await.unwrap();
        let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_ref()).collect();
        assert_eq!(names, ["check_services", "health_report", "search_runbooks"]);
        let schema = &tools[2].input_schema;
        assert_eq!(schema["required"], json!(["query"]));
        assert_eq!(schema["properties"]["limit"]["minimum"], 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn search_with_typed_arguments_returns_structured_result() {
    let function = Function::start(&["orders"]);
    let (client, _) = function.connect().await;
    let arguments = json!({"query": "database connections", "limit": 1});
    let found = json(client.call_tool(call("search_runbooks", arguments)).await.unwrap());
    assert_eq!(found["runbooks"].as_array().unwrap().len(), 1, "{found}");
    assert_eq!(found["runbooks"][0]["uri"], "runbook://database-connections");
    assert_eq!(found["runbooks"][0]["title"], "Database connections exhausted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invalid_arguments_are_tool_errors() {
    let function = Function::start(&["orders"]);
    let (client, _) = function.connect().await;
    for (arguments, reason) in [
        (json!({}), "missing field `query`"),
        (json!({"query": 7}), "invalid type: integer `7`, expected a string"),
        (json!({"query": "disk", "limit": 0}), "expected a nonzero u8"),
    ] {
        let result = client.call_tool(call("search_runbooks", arguments)).await.unwrap();
        assert_eq!(result.is_error, Some(true));
        assert!(text(&result).contains(reason), "{}", text(&result));
    }
    let unknown = client.call_tool(call("restart_everything", json!({}))).await;
    assert!(matches!(unknown, Err(ServiceError::McpError(_))), "{unknown:?}");
}

/// Each service responds only after the client has received the notification about the service before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn progress_arrives_while_tool_runs() {
    let function = Function::start(&["orders", "payments", "search"]);
    let (client, mut progress) = function.connect().await;
    let client = Arc::new(client);
    let caller = Arc::clone(&client);
    let result = tokio::spawn(async move { caller.call_tool(call("check_services", json!({}))).await });

    let started = progress.recv().await.unwrap();
    assert_eq!((started.progress, started.total), (0.0, Some(3.0)));
    for (done, name) in [(1.0, "search"), (2.0, "orders"), (3.0, "payments")] {
        assert!(!result.is_finished());
        function.services.respond(name, 200, "ok");
        let notification = progress.recv().await.unwrap();
        assert_eq!(notification.progress, done);
        assert_eq!(notification.message.as_deref(), Some(&*format!("{name}: 200 OK")));
        assert_eq!(notification.progress_token, started.progress_token);
    }
    let checks = json(result.await.unwrap().unwrap());
    assert_eq!(checks["checks"].as_array().unwrap().len(), 3);
    assert_eq!(checks["checks"][0]["service"], "search");
    assert_eq!(checks["unfinished"], 0);
}

/// The first call cannot end before the second, which runs in another execution environment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_calls_run_at_the_same_time() {
    let function = Function::start(&["orders", "payments"]);
    let (client, _) = function.connect().await;
    let client = Arc::new(client);
    let check = |name: &'static str| {
        let client = Arc::clone(&client);
        tokio::spawn(async move {
            let arguments = json!({"services": [name]});
            json(client.call_tool(call("check_services", arguments)).await.unwrap())
        })
    };
    let first = check("orders");
    function.services.wait_for_request("orders");
    let second = check("payments");
    function.services.wait_for_request("payments");
    function.services.respond("payments", 200, "ok");
    assert_eq!(second.await.unwrap()["checks"][0]["service"], "payments");
    assert!(!first.is_finished());
    function.services.respond("orders", 503, "");
    let checks = first.await.unwrap();
    assert_eq!(checks["checks"][0]["service"], "orders");
    assert_eq!(checks["checks"][0]["healthy"], false);
    assert_eq!(checks["checks"][0]["detail"], "503 Service Unavailable");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failing_tool_returns_reason() {
    let function = Function::start(&["orders", "payments"]);
    let (client, _) = function.connect().await;
    function
        .services
        .respond("orders", 503, "the database is not reachable");
    function.services.respond("payments", 200, "all is well");
    let report = |service: &'static str| client.call_tool(call("health_report", json!({"service": service})));

    let healthy = report("payments").await.unwrap();
    assert_ne!(healthy.is_error, Some(true));
    assert_eq!(text(&healthy), "all is well");
    let unhealthy = report("orders").await.unwrap();
    assert_eq!(unhealthy.is_error, Some(true));
    assert_eq!(
        text(&unhealthy),
        "orders responded with status 503 Service Unavailable: the database is not reachable"
    );
    let unknown = report("billing").await.unwrap();
    assert_eq!(unknown.is_error, Some(true));
    assert_eq!(
        text(&unknown),
        r#"there is no service "billing"; the services are orders, payments"#
    );
    function
        .process
        .wait_for_stderr(|log| log.contains("called a tool tool=health_report failed=true"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_health_report_is_cut() {
    let function = Function::start(&["orders"]);
    let (client, _) = function.connect().await;
    function.services.respond("orders", 200, &"x".repeat(1_000_000));
    let report = client
        .call_tool(call("health_report", json!({"service": "orders"})))
        .await;
    assert_eq!(text(&report.unwrap()).len(), 16 * 1024);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn service_named_twice_is_checked_once() {
    let function = Function::start(&["orders"]);
    let (client, _) = function.connect().await;
    function.services.respond("orders", 200, "ok");
    let arguments = json!({"services": ["orders", "orders"]});
    let checks = json(client.call_tool(call("check_services", arguments)).await.unwrap());
    assert_eq!(checks["checks"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn resources_are_listed_and_read() {
    let function = Function::start(&["orders"]);
    let (client, _) = function.connect().await;
    let resources = client.list_all_resources().await.unwrap();
    assert_eq!(resources.len(), 5);
    for resource in resources {
        assert_eq!(resource.mime_type.as_deref(), Some("text/markdown"));
        let read = client
            .read_resource(ReadResourceRequestParams::new(resource.uri.clone()))
            .await
            .unwrap();
        let contents = serde_json::to_value(&read.contents[0]).unwrap();
        let title = format!("# {}\n", resource.name);
        assert!(contents["text"].as_str().unwrap().starts_with(&title), "{contents}");
    }
    let missing = client
        .read_resource(ReadResourceRequestParams::new("runbook://none"))
        .await;
    assert!(missing.unwrap_err().to_string().contains("there is no resource"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prompt_contains_its_argument() {
    let function = Function::start(&["orders"]);
    let (client, _) = function.connect().await;
    let prompts = client.list_all_prompts().await.unwrap();
    assert_eq!(prompts[0].name, "incident");
    let arguments: JsonObject = serde_json::from_value(json!({"symptom": "orders time out"})).unwrap();
    let request = GetPromptRequestParams::new("incident").with_arguments(arguments);
    let prompt = client.get_prompt(request).await.unwrap();
    let message = serde_json::to_string(&prompt.messages[0]).unwrap();
    assert!(
        message.contains("the cause of this incident: orders time out"),
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_token_is_rejected() {
    let function = Function::start(&["orders"]);
    let (progress, _) = mpsc::unbounded_channel();
    let lifecycle = ClientLifecycleMode::Initialize;
    let client = connect(&function.url, "another-token-for-the-tests", lifecycle, progress).await;
    let error = client.err().unwrap();
    assert_eq!(
        error.auth_challenge(),
        Some(r#"Bearer realm="mcp", error="invalid_token""#)
    );
}

#[test]
fn request_without_token_gets_status_401() {
    let function = Function::start(&["orders"]);
    let address = function.url.trim_start_matches("http://");
    for header in ["", "authorization: Basic YTpi\r\n"] {
        let request = format!(
            "POST /mcp HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{header}content-length: 2\r\n\r\n{{}}"
        );
        let response = send_request(address, request);
        assert_eq!(response.status(), 401);
        assert_eq!(response.header("www-authenticate"), Some(r#"Bearer realm="mcp""#));
    }
}

/// Lambda does not tell a function that its caller has disconnected. Local mode does not either.
#[test]
fn caller_that_disconnects_does_not_stop_tool() {
    let function = Function::start(&["orders"]);
    let address = function.url.trim_start_matches("http://");
    let body = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "check_services", "_meta": {"progressToken": 1}},
    })
    .to_string();
    let mut connection = HttpConnection::open(address);
    connection.send(format!(
        "POST /mcp HTTP/1.1\r\nhost: {address}\r\nauthorization: bearer {TOKEN}\r\ncontent-type: application/json\r\n\
         accept: application/json, text/event-stream\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ));
    connection.read_head();
    connection.read_chunk().unwrap();
    function.services.wait_for_request("orders");
    drop(connection);
    function.services.respond("orders", 200, "ok");
    let log = function.process.wait_for_stderr(|log| log.contains("invocation ended"));
    assert!(log.contains("checked a service"), "{log}");
    assert!(log.contains("outcome=ok"), "{log}");
}
