//! The `openai` packages of PyPI and npm as callers of the local mode. They are installed into `target/packages`.
//!
//! Without `python3` or `node`, or without their registries, these tests print "skipped" and pass. With the variable
//! `REQUIRE_PACKAGES=1` they fail instead.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use test_support::{Process, packages};

use crate::fake_upstream::{FakeUpstream, completion, token, usage};
use crate::{TOKEN, gateway};

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gateway")
}

fn python() -> Option<Command> {
    let python = packages::python("llm-gateway-openai", sources().join("requirements.txt"))?;
    let mut command = Process::command(python);
    command.arg(sources().join("openai_client.py"));
    Some(command)
}

fn javascript() -> Option<Command> {
    let directory = packages::node("llm-gateway-openai-js", sources().join("js"))?;
    // Tests run at the same time. A rename replaces the file without a moment in which it is incomplete.
    let client = directory.join("client.mjs");
    let copy = directory.join(format!(
        "client-{}-{:?}.mjs",
        std::process::id(),
        std::thread::current().id()
    ));
    fs::copy(sources().join("js/client.mjs"), &copy).unwrap();
    fs::rename(copy, &client).unwrap();
    let mut command = Process::command("node");
    command.arg(client);
    Some(command)
}

/// A gateway in local mode, and its upstream.
struct Local {
    upstream: FakeUpstream,
    gateway: Process,
    url: String,
}

impl Local {
    fn start() -> Self {
        let upstream = FakeUpstream::start();
        let mut command = gateway(&upstream);
        command.env("GATEWAY_KEEP_ALIVE_SECONDS", "1");
        let (gateway, url) = test_support::serve(command);
        Self { upstream, gateway, url }
    }

    /// Starts a client with this request.
    fn call(&self, client: Command, token: &str, request: &str) -> Client {
        let mut command = client;
        command.args([&self.url, token, request]).env("NO_PROXY", "*");
        Client(Process::spawn(command))
    }

    fn stream(&self, client: Command, fields: Value) -> Client {
        let mut request = json!({
            "model": "small",
            "messages": [{"role": "user", "content": "Hello"}],
            "stream": true,
        });
        for (name, value) in fields.as_object().unwrap() {
            request[name] = value.clone();
        }
        self.call(client, TOKEN, &request.to_string())
    }
}

/// A running client.
struct Client(Process);

impl Client {
    /// Waits for the results with this number and returns the last one.
    #[track_caller]
    fn result(&self, number: usize) -> Value {
        let output = self.0.wait_for_stdout(|output| output.matches('\n').count() >= number);
        serde_json::from_str(output.lines().nth(number - 1).unwrap()).unwrap()
    }

    /// Waits for the end of the client, and returns its results.
    #[track_caller]
    fn results(&self) -> Vec<Value> {
        assert_eq!(self.0.exit_code(), Some(0), "{}", self.0.stderr());
        let output = self.0.stdout();
        output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Returns the exception, which must be the last result.
    #[track_caller]
    fn exception(&self) -> Value {
        let last = self.results().pop().unwrap();
        assert!(last["exception"].is_object(), "{last}");
        last["exception"].clone()
    }
}

fn tokens_arrive_in_step(client: &dyn Fn() -> Command) {
    let local = Local::start();
    let client = local.stream(client(), json!({}));
    let mut exchange = local.upstream.accept();
    exchange.start_events();
    for (number, text) in ["one", "two", "three"].into_iter().enumerate() {
        exchange.token(text);
        let chunk = client.result(number + 2);
        assert_eq!(chunk["chunk"]["choices"][0]["delta"]["content"], text);
    }
    exchange.event(usage());
    exchange.done();
    assert_eq!(client.results()[4..], [json!({"end": true})]);
    local
        .gateway
        .wait_for_stderr(|log| log.contains("completion_tokens=22"));
}

fn usage_arrives_if_asked_for(client: &dyn Fn() -> Command) {
    let local = Local::start();
    let client = local.stream(client(), json!({"stream_options": {"include_usage": true}}));
    let mut exchange = local.upstream.accept();
    exchange.start_events();
    exchange.event(usage());
    exchange.done();
    let results = client.results();
    assert_eq!(results[1]["chunk"]["usage"]["total_tokens"], 33);
    assert_eq!(results[2..], [json!({"end": true})]);
}

fn completion_and_models_arrive(client: &dyn Fn() -> Command) {
    let local = Local::start();
    let pending = local.stream(client(), json!({"stream": false}));
    let expected = completion(&json!({"role": "assistant", "content": "Hi"}));
    local.upstream.accept().respond_json(200, &expected);
    let mut results = pending.results();
    // The package of npm adds this property.
    let completion = results[0]["completion"].as_object_mut().unwrap();
    completion.remove("_request_id");
    assert_eq!(results, [json!({"completion": expected})]);
    let models = local.call(client(), TOKEN, "models");
    assert_eq!(models.results(), [json!({"models": ["small", "unreachable"]})]);
}

fn tool_calls_pass_unchanged(client: &dyn Fn() -> Command) {
    let tools = json!([{
        "type": "function",
        "function": {
            "name": "weather",
            "description": "The weather at a place",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }]);
    let call = |delta: Value| {
        let mut chunk = token("");
        chunk["choices"][0]["delta"] = delta;
        chunk
    };
    let chunks = [
        call(json!({"role": "assistant", "tool_calls": [
            {"index": 0, "id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ""}},
        ]})),
        call(json!({"tool_calls": [{"index": 0, "function": {"arguments": "{\"city\":"}}]})),
        call(json!({"tool_calls": [{"index": 0, "function": {"arguments": " \"Köln\"}"}}]})),
    ];
    let local = Local::start();
    let client = local.stream(client(), json!({"tools": tools, "tool_choice": "auto"}));
    let mut exchange = local.upstream.accept();
    let request = exchange.json();
    assert_eq!((&request["tools"], &request["tool_choice"]), (&tools, &json!("auto")));
    exchange.start_events();
    for chunk in &chunks {
        exchange.event(chunk);
    }
    exchange.done();
    let received: Vec<_> = client.results();
    let mut expected: Vec<_> = chunks.iter().map(|chunk| json!({"chunk": chunk})).collect();
    expected.push(json!({"end": true}));
    assert_eq!(received[1..], expected);
}

fn errors_before_first_byte_raise_by_status(client: &dyn Fn() -> Command) {
    let local = Local::start();
    let cases = [
        (400, "BadRequestError", 400),
        (401, "InternalServerError", 502),
        (404, "NotFoundError", 404),
        (429, "RateLimitError", 429),
        (500, "InternalServerError", 500),
    ];
    for (status, name, expected) in cases {
        let pending = local.stream(client(), json!({}));
        let headers = ["Content-Type: application/json", "Retry-After: 7"];
        let body = json!({"error": {"message": "the reason", "code": "the_code"}});
        local.upstream.accept().respond(status, &headers, body.to_string());
        let exception = pending.exception();
        assert_eq!(
            (&exception["name"], &exception["status"]),
            (&json!(name), &json!(expected))
        );
        if status == expected {
            let message = exception["message"].as_str().unwrap();
            assert!(message.contains("the reason"), "{exception}");
            assert_eq!(
                (&exception["code"], &exception["retry_after"]),
                (&json!("the_code"), &json!("7"))
            );
        }
    }
    let exception = local.stream(client(), json!({"model": "unreachable"})).exception();
    assert_eq!(
        (&exception["name"], &exception["status"]),
        (&json!("InternalServerError"), &json!(502))
    );
    let exception = local.stream(client(), json!({"model": "other"})).exception();
    assert_eq!(
        (&exception["name"], &exception["code"]),
        (&json!("NotFoundError"), &json!("model_not_found"))
    );
    let exception = local.call(client(), "wrong", "models").exception();
    assert_eq!(
        (&exception["name"], &exception["status"]),
        (&json!("AuthenticationError"), &json!(401))
    );
}

fn error_in_mid_stream_raises_after_the_tokens(client: &dyn Fn() -> Command) {
    let local = Local::start();
    for garbage in ["", "data: {\n\n", "<html>\n"] {
        let pending = local.stream(client(), json!({}));
        let mut exchange = local.upstream.accept();
        exchange.start_events();
        exchange.token("one");
        assert_eq!(pending.result(2)["chunk"]["choices"][0]["delta"]["content"], "one");
        match garbage {
            "" => drop(exchange),
            garbage => {
                exchange.part(garbage);
                exchange.wait_for_close();
            }
        }
        let exception = pending.exception();
        assert_eq!(
            (&exception["name"], &exception["status"]),
            (&json!("APIError"), &json!(null))
        );
        let message = exception["message"].as_str().unwrap();
        assert!(message.starts_with("the upstream "), "{exception}");
        assert_eq!(pending.results().len(), 3);
    }
}

fn comments_start_the_response(client: &dyn Fn() -> Command) {
    let local = Local::start();
    for fails in [false, true] {
        let client = local.stream(client(), json!({}));
        let mut exchange = local.upstream.accept();
        // The upstream sends nothing, so a comment has started the response.
        assert_eq!(client.result(1), json!({"started": true}));
        if fails {
            exchange.respond(429, &[], "");
            let exception = client.exception();
            assert_eq!(
                (&exception["name"], &exception["status"]),
                (&json!("APIError"), &json!(null))
            );
        } else {
            exchange.start_events();
            exchange.token("one");
            exchange.done();
            assert_eq!(client.results()[1]["chunk"]["choices"][0]["delta"]["content"], "one");
        }
    }
}

/// Runs a test with a client, if its packages are available.
fn run(client: fn() -> Option<Command>, test: fn(&dyn Fn() -> Command)) {
    if client().is_some() {
        test(&|| client().unwrap());
    }
}

macro_rules! tests_with {
    ($client:ident: $($test:ident,)*) => {
        mod $client {
            $(
                #[test]
                fn $test() {
                    super::run(super::$client, super::$test);
                }
            )*
        }
    };
}

tests_with! {
    python:
    tokens_arrive_in_step,
    usage_arrives_if_asked_for,
    completion_and_models_arrive,
    tool_calls_pass_unchanged,
    errors_before_first_byte_raise_by_status,
    error_in_mid_stream_raises_after_the_tokens,
    comments_start_the_response,
}

tests_with! {
    javascript:
    tokens_arrive_in_step,
    usage_arrives_if_asked_for,
    completion_and_models_arrive,
    tool_calls_pass_unchanged,
    errors_before_first_byte_raise_by_status,
    error_in_mid_stream_raises_after_the_tokens,
    comments_start_the_response,
}
