//! What the gateway accepts, and what it sends to an upstream.

use serde_json::{Value, json};
use test_support::{Event, MockRuntimeApi, Process};

use crate::fake_upstream::completion;
use crate::{KEY, TOKEN, error_of, post, request, start, status};

#[test]
fn request_is_forwarded_to_upstream_of_its_model() {
    let gateway = start();
    // The order of the keys, the numbers and the escapes must stay.
    let messages = r#"[ {"role":"user", "content":"\u00e4", "a": 1e400} ]"#;
    let tools =
        r#"[{"type": "function", "function": {"name": "f", "parameters": {"z": 1, "a": {"y": 0.10, "b": 2}}}}]"#;
    let body = format!(r#"{{"temperature": 0.30, "tools": {tools}, "model": "small", "messages": {messages}}}"#);
    let pending = gateway.queue(post(&body));
    let exchange = gateway.upstream.accept();
    let head = &exchange.head;
    assert!(head.starts_with("post /v1/chat/completions http/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("authorization: bearer {KEY}")), "{head}");
    assert!(head.contains("content-type: application/json"), "{head}");
    assert!(!head.contains(TOKEN), "{head}");
    for text in [messages, tools, r#""temperature":0.30"#, r#""model":"upstream-small""#] {
        assert!(exchange.body.contains(text), "{}", exchange.body);
    }
    let expected = completion(&json!({"role": "assistant", "content": "Hi"}));
    exchange.respond_json(200, &expected);
    let response = pending.wait();
    assert_eq!(status(&response), 200);
    assert_eq!(response.prelude().1, expected.to_string().as_bytes());
    assert!(!response.failed());
}

#[test]
fn prefix_route_sends_rest_of_model_name() {
    let gateway = start();
    let pending = gateway.queue(request(json!({"model": "vendor/large", "stream": true})));
    let mut exchange = gateway.upstream.accept();
    assert!(!exchange.head.contains("authorization"), "{}", exchange.head);
    let body = exchange.json();
    assert_eq!(body["model"], "large");
    // The route says that the upstream does not accept it.
    assert_eq!(body["stream_options"], Value::Null);
    exchange.start_events();
    exchange.done();
    assert!(!pending.wait().failed());
}

#[test]
fn usage_is_asked_for_and_other_options_stay() {
    let gateway = start();
    for (options, expected) in [
        (json!(null), json!({"include_usage": true})),
        (json!({"include_usage": false}), json!({"include_usage": true})),
        (
            json!({"include_obfuscation": false}),
            json!({"include_obfuscation": false, "include_usage": true}),
        ),
    ] {
        let pending = gateway.queue(request(json!({"stream": true, "stream_options": options})));
        let mut exchange = gateway.upstream.accept();
        assert_eq!(exchange.json()["stream_options"], expected);
        exchange.start_events();
        exchange.done();
        assert!(!pending.wait().failed());
    }
    let pending = gateway.complete();
    let exchange = gateway.upstream.accept();
    assert_eq!(exchange.json()["stream_options"], Value::Null);
    exchange.respond_json(200, &completion(&json!({})));
    assert_eq!(status(&pending.wait()), 200);
}

#[test]
fn caller_without_valid_token_gets_401() {
    let gateway = start();
    let requests = || {
        [
            Event::function_url("POST", "/v1/chat/completions").body("{}"),
            Event::function_url("GET", "/v1/models"),
        ]
    };
    let headers = [
        "",
        "Bearer",
        "Bearer ",
        "Bearer token-of-calle",
        "Bearer another,token-of-caller",
        TOKEN,
    ];
    for event in requests() {
        for header in headers {
            let response = gateway.queue(event.clone().header("Authorization", header)).wait();
            assert_eq!(error_of(&response, 401)["code"], "invalid_api_key", "{header:?}");
        }
        error_of(&gateway.queue(event).wait(), 401);
    }
    let [_, models] = requests();
    let response = gateway.queue(models.header("Authorization", "Bearer another")).wait();
    assert_eq!(response.json()["data"][0]["id"], "small");
}

#[test]
fn invalid_request_gets_status_and_reason() {
    let gateway = start();
    let cases = [
        (post("{"), 400, "the body is not a JSON object: EOF while parsing"),
        (post("[]"), 400, "the body is not a JSON object: invalid type: sequence"),
        (post("{}"), 400, "the field `model` is missing"),
        (
            post(r#"{"model": 1}"#),
            400,
            "the field `model` is invalid: invalid type: integer `1`",
        ),
        (request(json!({"stream": "yes"})), 400, "the field `stream` is invalid"),
        (
            request(json!({"stream_options": 1})),
            400,
            "the field `stream_options` is invalid",
        ),
        (
            request(json!({"model": "other"})),
            404,
            "the model `other` does not exist",
        ),
        (
            Event::function_url("GET", "/v1/chat/completions").header("Authorization", &format!("Bearer {TOKEN}")),
            404,
            "there is no GET /v1/chat/completions: use POST",
        ),
    ];
    for (event, status, message) in cases {
        let error = error_of(&gateway.queue(event).wait(), status);
        assert!(error["message"].as_str().unwrap().starts_with(message), "{error}");
        assert_eq!(error["type"], "invalid_request_error");
    }
}

#[test]
fn missing_setting_fails_init_with_its_name() {
    for (variables, message) in [
        (
            vec![],
            "GATEWAY_TOKENS is not set or has an empty token: set it to the tokens that callers send",
        ),
        (
            vec![("GATEWAY_TOKENS", "a")],
            "GATEWAY_MODELS is not set: set it to JSON such as",
        ),
        (
            vec![
                ("GATEWAY_TOKENS", "a"),
                (
                    "GATEWAY_MODELS",
                    r#"{"a": {"base_url": "http://x", "key_variable": "K"}}"#,
                ),
            ],
            "GATEWAY_MODELS is invalid: model `a`: `key_variable` names K, which is not set",
        ),
    ] {
        let lambda = MockRuntimeApi::start();
        let mut command = Process::command(env!("CARGO_BIN_EXE_llm_gateway"));
        for name in ["GATEWAY_TOKENS", "GATEWAY_MODELS", "K"] {
            command.env_remove(name);
        }
        command.envs(variables);
        let function = Process::spawn_function_with(command, &lambda);
        let error = lambda.wait_for_init_error().error();
        assert!(error.message.starts_with(message), "{}", error.message);
        assert_eq!(function.exit_code(), Some(1));
    }
}
