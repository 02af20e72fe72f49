//! Handlers in the form of the crate `lambda_runtime`: `LambdaEvent`, `service_fn`, and what the context says about the
//! function.

use serde_json::{Value, json};
use test_support::{BodyEnd, Event, MockRuntimeApi, Process, ResponseKind, start};

const LAMBDA_EVENT: &str = env!("CARGO_BIN_EXE_lambda_event");

#[test]
fn lambda_event_has_event_and_context() {
    let (lambda, _function) = start(LAMBDA_EVENT);
    let document = lambda.invoke(Event::json(r#"{"id": 7}"#).request_id("id-1")).json();
    assert_eq!((&document["id"], &document["request_id"]), (&json!(7), &json!("id-1")));
}

#[test]
fn lambda_event_that_cannot_be_deserialized_posts_error() {
    let (lambda, _function) = start(LAMBDA_EVENT);
    let response = lambda.invoke(Event::json(r#"{"id": "7"}"#));
    assert_eq!(
        (response.kind(), response.error().header_type.as_str()),
        (ResponseKind::Error, "Function.InvalidEvent")
    );
    assert_eq!(
        response.error().message,
        "failed to deserialize the event as `Order`: id: invalid type: string \"7\", expected u64 at line 1 column 10"
    );
    // The next invocation is not affected.
    assert_eq!(lambda.invoke(Event::json(r#"{"id": 8}"#)).json()["id"], 8);
}

/// What the context says about a function that runs with these variables.
fn function_details(variables: &[(&str, &str)], event: Event) -> Value {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command(LAMBDA_EVENT);
    command.envs(variables.iter().copied());
    let _function = Process::spawn_function_with(command, &lambda);
    let mut document = lambda.invoke(event).json();
    for field in ["id", "request_id"] {
        assert!(
            document
                .as_object_mut()
                .is_some_and(|fields| fields.remove(field).is_some())
        );
    }
    document
}

#[test]
fn context_has_values_of_environment_variables() {
    let variables = [
        ("AWS_LAMBDA_FUNCTION_NAME", "orders"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "10240"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/orders"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/01/02/[$LATEST]0a1b"),
    ];
    assert_eq!(
        function_details(&variables, Event::json(r#"{"id": 1}"#)),
        json!({
            "function_name": "orders",
            "function_version": "$LATEST",
            "memory_limit_mb": 10_240,
            "log_group_name": "/aws/lambda/orders",
            "log_stream_name": "2026/01/02/[$LATEST]0a1b",
        })
    );
}

#[test]
fn missing_environment_variables_are_none() {
    let header = "Lambda-Runtime-Invoked-Function-Arn";
    let event = || Event::json(r#"{"id": 1}"#);
    let details = |name: Value| {
        json!({
            "function_name": name,
            "function_version": null,
            "memory_limit_mb": null,
            "log_group_name": null,
            "log_stream_name": null,
        })
    };
    assert_eq!(
        function_details(&[], event().without_header(header)),
        details(Value::Null)
    );
    let arn = "arn:aws:lambda:eu-west-1:1:function:orders:live";
    assert_eq!(
        function_details(&[], event().header(header, arn)),
        details("orders".into())
    );
}

#[test]
fn function_name_in_local_mode_is_program_name() {
    let mut command = Process::command(LAMBDA_EVENT);
    command.args(["--event", r#"{"id": 1}"#]);
    let function = Process::spawn(command);
    assert_eq!(function.exit_code(), Some(0), "{}", function.stderr());
    let document: Value = serde_json::from_str(&function.stdout()).unwrap();
    assert_eq!(
        (&document["function_name"], &document["function_version"]),
        (&json!("lambda_event"), &Value::Null)
    );
}

#[test]
fn service_fn_result_is_one_json_document() {
    let (lambda, _function) = start(env!("CARGO_BIN_EXE_service_fn"));
    let response = lambda.invoke(Event::json(r#"{"a":1}"#).request_id("id-1"));
    assert_eq!(
        (response.kind(), response.text(), response.body_end()),
        (
            ResponseKind::Response,
            r#"{"a":1,"request_id":"id-1"}"#,
            BodyEnd::ContentLength
        )
    );
    assert_eq!(response.content_type(), Some("application/json"));
    assert_eq!(response.header("Lambda-Runtime-Function-Response-Mode"), None);
}

#[test]
fn service_fn_document_is_unchanged_for_http_events() {
    let (lambda, _function) = start(env!("CARGO_BIN_EXE_service_fn"));
    for event in [
        Event::function_url("GET", "/"),
        Event::rest_api("GET", "/"),
        Event::alb("GET", "/", false),
    ] {
        let response = lambda.invoke(Event::from(event).request_id("id-1"));
        assert_eq!(response.body_end(), BodyEnd::ContentLength);
        // The function returns its event. `Json` would be the body of an HTTP response for a REST API and an ALB.
        let document = response.json();
        assert!(document["requestContext"].is_object(), "{document}");
        assert_eq!(document["request_id"], "id-1");
    }
}

#[test]
fn service_fn_error_is_posted() {
    let (lambda, _function) = start(env!("CARGO_BIN_EXE_service_fn"));
    for (event, error_type, message) in [
        (r#"{"fail":"no"}"#, "Function.Refused", r#""no""#),
        (
            "[]",
            "Function.InvalidEvent",
            "failed to deserialize the event as `Map<String, Value>`: invalid type: sequence, expected a map at line 1 column 0",
        ),
    ] {
        let response = lambda.invoke(Event::json(event));
        assert_eq!(response.kind(), ResponseKind::Error);
        assert_eq!(
            (response.error().header_type.as_str(), response.error().message.as_str()),
            (error_type, message)
        );
    }
}
