//! The extensions of the requests that a service gets: `requestContext` as JSON, the tenant id, and axum's `ConnectInfo`.

use serde_json::{Value, json};
use test_support::{Event, HttpConnection, Response, start};

use crate::alb::document;
use crate::requests::Request;
use crate::servers::HttpServer;

const SERVICE: &str = env!("CARGO_BIN_EXE_http_service");

fn description(response: &Response) -> Value {
    serde_json::from_slice(response.prelude().1).unwrap()
}

/// Returns an event of payload format 1.0 with this `requestContext`.
fn event_with_context(context: &Value) -> Event {
    let event = json!({"httpMethod": "GET", "path": "/", "headers": {}, "requestContext": context});
    Event::json(event.to_string())
}

#[test]
fn raw_request_context_has_every_field() {
    let (lambda, _function) = start(SERVICE);
    let response = lambda.invoke(Event::function_url("GET", "/"));
    let context = &description(&response)["request_context"];
    assert_eq!(context["http"]["userAgent"], "lambda-stream-tests");
    assert_eq!(context["timeEpoch"], 1_735_689_600_000_u64);
    let response = lambda.invoke(Event::rest_api("GET", "/"));
    let context = &description(&response)["request_context"];
    assert_eq!(
        (&context["stage"], &context["resourceId"]),
        (&json!("test"), &json!("abc123"))
    );
    let response = document(&lambda.invoke(Event::alb("GET", "/", false)));
    let description: Value = serde_json::from_str(response["body"].as_str().unwrap()).unwrap();
    assert!(
        description["request_context"]["elb"]["targetGroupArn"].is_string(),
        "{description}"
    );
}

#[test]
fn raw_request_context_keeps_what_the_typed_one_lacks() {
    let (lambda, _function) = start(SERVICE);
    let context = json!({"stage": "test", "madeUp": {"a": [1, null]}});
    let described = description(&lambda.invoke(event_with_context(&context)));
    assert_eq!(described["request_context"], context);
    // A `stage` of another type: the typed extension is absent, and this one has the value.
    let context = json!({"stage": ["test"]});
    let described = description(&lambda.invoke(event_with_context(&context)));
    assert_eq!(
        (&described["request_context"], &described["is_typed"]),
        (&context, &json!(false))
    );
    let described = description(&lambda.invoke(event_with_context(&json!(null))));
    assert_eq!(described["request_context"], json!(null));
}

#[test]
fn tenant_id_is_in_the_context_extension() {
    let (lambda, _function) = start(SERVICE);
    let event = Event::function_url("GET", "/").event();
    let response = lambda.invoke(event.header("Lambda-Runtime-Aws-Tenant-Id", "tenant-7"));
    assert_eq!(description(&response)["tenant_id"], "tenant-7");
    let response = lambda.invoke(Event::function_url("GET", "/"));
    assert_eq!(description(&response)["tenant_id"], json!(null));
}

#[test]
fn connect_info_has_the_source_address() {
    let (lambda, _function) = start(SERVICE);
    for event in [
        Event::function_url("GET", "/connection"),
        Event::rest_api("GET", "/connection"),
    ] {
        assert_eq!(lambda.invoke(event).prelude().1, b"192.0.2.1:0");
    }
    let alb = Event::alb("GET", "/connection", false).header("X-Forwarded-For", "192.0.2.9, 2001:db8::7");
    assert_eq!(document(&lambda.invoke(alb))["body"], "[2001:db8::7]:0");

    let server = HttpServer::local_mode_of(SERVICE);
    let mut connection = HttpConnection::open(&server.address);
    connection.send(Request::new("connection", "GET", "/connection").to_bytes());
    assert_eq!(connection.read_response("GET").body, b"127.0.0.1:0");
}

/// The application counts 500 as an error status.
#[test]
fn connect_info_without_source_address_is_rejected_by_axum() {
    let (lambda, _function) = start(SERVICE);
    let event = json!({"httpMethod": "GET", "path": "/connection", "headers": {}, "requestContext": {}});
    let response = lambda.invoke(Event::json(event.to_string()));
    let message = response.error().message;
    assert!(
        message.contains("500 Internal Server Error: Missing request extension"),
        "{message}"
    );
}
