//! `Payload<T>`: JSON bodies, query strings and plain events, and what the caller gets if they are invalid.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use test_support::{BodyEnd, Event, HttpConnection, HttpEvent, MockRuntimeApi, Process, Response, ResponseKind, start};

use crate::alb;
use crate::servers::HttpServer;

const PAYLOAD: &str = env!("CARGO_BIN_EXE_payload");

/// The content type that `curl -d` sends with any body.
const FORM: &str = "application/x-www-form-urlencoded";

#[derive(Clone, Copy, Debug)]
enum Source {
    FunctionUrl,
    RestApi,
    Alb { multi_value: bool },
}

const SOURCES: [Source; 4] = [
    Source::FunctionUrl,
    Source::RestApi,
    Source::Alb { multi_value: false },
    Source::Alb { multi_value: true },
];

impl Source {
    fn event(self, method: &str, target: &str) -> HttpEvent {
        match self {
            Self::FunctionUrl => Event::function_url(method, target),
            Self::RestApi => Event::rest_api(method, target),
            Self::Alb { multi_value } => Event::alb(method, target, multi_value),
        }
    }

    fn post(self, body: &str) -> HttpEvent {
        self.event("POST", "/orders").header("Content-Type", FORM).body(body)
    }

    /// Returns an event whose body is text that is encoded as base64, as a Function URL encodes the body of a form.
    fn base64_post(self, body: &str) -> Event {
        let mut event = match self {
            Self::FunctionUrl => json!({
                "version": "2.0", "rawPath": "/", "rawQueryString": "",
                "requestContext": {"http": {"method": "POST", "path": "/"}},
            }),
            Self::RestApi => json!({"httpMethod": "POST", "path": "/", "requestContext": {"stage": "test"}}),
            Self::Alb { .. } => json!({"httpMethod": "POST", "path": "/", "requestContext": {"elb": {}}}),
        };
        match self {
            Self::Alb { multi_value: true } => event["multiValueHeaders"] = json!({"content-type": [FORM]}),
            _ => event["headers"] = json!({"content-type": FORM}),
        }
        event["body"] = json!(STANDARD.encode(body));
        event["isBase64Encoded"] = json!(true);
        Event::json(event.to_string())
    }

    /// Returns the status, the content type and the body of the response that the client gets.
    #[track_caller]
    fn decode(self, response: &Response) -> (Value, Value, Value) {
        assert!(!response.failed(), "{self:?}: {:?}", response.error());
        match self {
            Self::Alb { multi_value } => {
                let mut document = alb::document(response);
                let content_type = match multi_value {
                    true => document["multiValueHeaders"]["content-type"][0].take(),
                    false => document["headers"]["content-type"].take(),
                };
                let body = serde_json::from_str(document["body"].as_str().unwrap()).unwrap();
                (document["statusCode"].take(), content_type, body)
            }
            // A Function URL sends a document without a prelude with status 200.
            Self::FunctionUrl if response.body_end() == BodyEnd::ContentLength => {
                (json!(200), json!(response.content_type()), response.json())
            }
            Self::FunctionUrl | Self::RestApi => {
                let (mut prelude, body) = response.prelude();
                let body = serde_json::from_slice(body).unwrap();
                let content_type = prelude["headers"]["content-type"].take();
                (prelude["statusCode"].take(), content_type, body)
            }
        }
    }
}

/// Asserts that the handler received `order`.
#[track_caller]
fn assert_order(source: Source, response: &Response, order: &Value) {
    assert_eq!(
        source.decode(response),
        (json!(200), json!("application/json"), order.clone()),
        "{source:?}"
    );
}

/// Asserts that the client gets a 400 with this message, and that the runtime did not report an error.
#[track_caller]
fn assert_bad_request(source: Source, response: &Response, message: &str) {
    assert_eq!(response.kind(), ResponseKind::Response, "{response:?}");
    assert_eq!(
        source.decode(response),
        (json!(400), json!("application/json"), json!({ "message": message })),
        "{source:?}"
    );
}

/// Asserts that the function requested an event after each response, and posted no error.
#[track_caller]
fn assert_no_error_posts(lambda: &MockRuntimeApi, invocations: usize) {
    lambda.wait_for_next();
    let mut expected = ["next", "response"].repeat(invocations);
    expected.push("next");
    assert_eq!(lambda.calls(), expected);
}

#[test]
fn json_body_is_deserialized_for_each_source() {
    let (lambda, _function) = start(PAYLOAD);
    for source in SOURCES {
        let json = r#"{"item":"Grüner Tee","count":2}"#;
        let order = json!({"item": "Grüner Tee", "count": 2});
        let with_type = |media_type| source.event("POST", "/").header("Content-Type", media_type);
        let requests = [
            with_type("application/json").body(json),
            with_type(FORM).body(json),
            source.event("PUT", "/?item=coffee&count=7").body(json),
        ];
        for request in requests {
            assert_order(source, &lambda.invoke(request), &order);
        }
    }
    assert_no_error_posts(&lambda, 3 * SOURCES.len());
}

#[test]
fn base64_body_is_decoded() {
    let (lambda, _function) = start(PAYLOAD);
    for source in SOURCES {
        let response = lambda.invoke(source.base64_post(r#"{"item":"Grüner Tee"}"#));
        assert_order(source, &response, &json!({"item": "Grüner Tee", "count": 1}));
    }
}

#[test]
fn query_string_is_used_without_body() {
    let (lambda, _function) = start(PAYLOAD);
    let order = json!({"item": "Grüner Tee & more", "count": 2});
    for source in SOURCES {
        let target = "/orders?item=Gr%C3%BCner+Tee%20%26%20more&count=2";
        for request in [
            source.event("GET", target),
            source.event("POST", target).header("Content-Type", FORM).body(""),
        ] {
            assert_order(source, &lambda.invoke(request), &order);
        }
    }
    assert_no_error_posts(&lambda, 2 * SOURCES.len());
}

#[test]
fn event_that_is_not_http_is_the_payload() {
    let (lambda, _function) = start(PAYLOAD);
    let response = lambda.invoke(Event::json(r#"{"item":"tea","count":2}"#));
    assert!(!response.failed(), "{:?}", response.error());
    assert_eq!(response.content_type(), Some("application/json"));
    assert_eq!(response.json(), json!({"item": "tea", "count": 2}));
    // The field `body` alone does not make an event an HTTP event.
    let response = lambda.invoke(Event::json(r#"{"item":"tea","body":"{}"}"#));
    assert_eq!(response.json(), json!({"item": "tea", "count": 1}));
}

#[test]
fn invalid_body_gets_400_with_field_and_position() {
    let (lambda, _function) = start(PAYLOAD);
    let cases = [
        (
            r#"{"items":"tea"}"#,
            "failed to deserialize the request body: missing field `item` at line 1 column 15",
        ),
        (
            "{\"item\":\"tea\",\n\"count\":\"two\"}",
            "failed to deserialize the request body: count: invalid type: string \"two\", expected u32 at line 2 column 13",
        ),
        (
            "item=tea",
            "failed to deserialize the request body: expected value at line 1 column 1",
        ),
        (
            r#"{"item":"tea"} {}"#,
            "failed to deserialize the request body: trailing characters at line 1 column 16",
        ),
    ];
    for source in SOURCES {
        for (body, message) in cases {
            assert_bad_request(source, &lambda.invoke(source.post(body)), message);
            assert_bad_request(source, &lambda.invoke(source.base64_post(body)), message);
        }
        // The function continues with the next event.
        let response = lambda.invoke(source.post(r#"{"item":"tea"}"#));
        assert_order(source, &response, &json!({"item": "tea", "count": 1}));
    }
    assert_no_error_posts(&lambda, SOURCES.len() * (2 * cases.len() + 1));
}

#[test]
fn invalid_query_string_gets_400_with_field() {
    let (lambda, _function) = start(PAYLOAD);
    let cases = [
        (
            "/",
            "the request has no body, and its query string cannot be deserialized: missing field `item`",
        ),
        (
            "/?item=tea&count=two",
            "the request has no body, and its query string cannot be deserialized: count: invalid digit found in string",
        ),
    ];
    for source in SOURCES {
        for (target, message) in cases {
            assert_bad_request(source, &lambda.invoke(source.event("GET", target)), message);
        }
    }
    assert_no_error_posts(&lambda, SOURCES.len() * cases.len());
}

#[test]
fn invalid_event_posts_error() {
    let (lambda, _function) = start(PAYLOAD);
    let cases = [
        (
            r#"{"items":"tea"}"#,
            "failed to deserialize the event as `Order`: missing field `item` at line 1 column 15",
        ),
        (
            r#"{"item":"tea","count":"two"}"#,
            "failed to deserialize the event as `Order`: count: invalid type: string \"two\", expected u32 at line 1 column 27",
        ),
        (
            "{",
            "failed to deserialize the event as `Order`: EOF while parsing an object at line 1 column 1",
        ),
    ];
    for (event, message) in cases {
        let response = lambda.invoke(Event::json(event));
        let error = response.error();
        assert_eq!(
            (response.kind(), error.header_type.as_str(), error.error_type.as_str()),
            (ResponseKind::Error, "Function.InvalidEvent", "Function.InvalidEvent"),
            "{event}"
        );
        assert_eq!(error.message, message);
    }
    let response = lambda.invoke(Event::json(r#"{"item":"tea"}"#));
    assert_eq!(response.json(), json!({"item": "tea", "count": 1}));
}

#[test]
fn plain_event_error_for_http_event_names_payload() {
    let (lambda, _function) = start(env!("CARGO_BIN_EXE_sum"));
    for source in SOURCES {
        let response = lambda.invoke(source.post("[1,2]"));
        let error = response.error();
        assert_eq!(
            (response.kind(), error.header_type.as_str()),
            (ResponseKind::Error, "Function.InvalidEvent")
        );
        assert!(error.message.contains("Payload"), "{}", error.message);
    }
    let error = lambda.invoke(Event::json(r#"{"numbers":[1,2]}"#)).error();
    assert!(!error.message.contains("Payload"), "{}", error.message);
}

#[test]
fn local_mode_http_request_is_deserialized() {
    let server = HttpServer::local_mode_of(PAYLOAD);
    let send = |method: &str, target: &str, headers: &str, body: &str| {
        let length = body.len();
        let head =
            format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n{headers}\r\n");
        let mut connection = HttpConnection::open(&server.address);
        connection.send(format!("{head}{body}"));
        connection.read_response(method)
    };
    let order = json!({"item": "Grüner Tee", "count": 2});
    let body = r#"{"item":"Grüner Tee","count":2}"#;
    let form = format!("Content-Type: {FORM}\r\n");
    for response in [
        send("POST", "/", &form, body),
        send("POST", "/", "Content-Type: application/json\r\n", body),
        send("POST", "/", "", body),
        send("GET", "/?item=Gr%C3%BCner+Tee&count=2", "", ""),
        send("POST", "/?item=Gr%C3%BCner%20Tee&count=2", &form, ""),
    ] {
        assert_eq!((response.status(), response.json()), (200, order.clone()));
        assert_eq!(response.header("content-type"), Some("application/json"));
    }
    for (response, message) in [
        (
            send("POST", "/", &form, r#"{"items":"tea"}"#),
            "failed to deserialize the request body: missing field `item` at line 1 column 15",
        ),
        (
            send("GET", "/", "", ""),
            "the request has no body, and its query string cannot be deserialized: missing field `item`",
        ),
    ] {
        assert_eq!(
            (response.status(), response.json()),
            (400, json!({ "message": message }))
        );
        assert_eq!(response.header("content-type"), Some("application/json"));
    }
    assert_eq!(send("POST", "/", &form, body).json(), order);
}

#[test]
fn local_mode_event_argument_is_the_payload() {
    let run = |event: &str| {
        let mut command = Process::command(PAYLOAD);
        command.args(["--event", event]);
        let process = Process::spawn(command);
        (process.exit_code(), process.stdout(), process.stderr())
    };
    let (code, output, log) = run(r#"{"item":"tea","count":2}"#);
    assert_eq!((code, log.as_str()), (Some(0), ""));
    assert_eq!(
        serde_json::from_str::<Value>(&output).unwrap(),
        json!({"item": "tea", "count": 2})
    );
    let (code, output, log) = run(r#"{"items":"tea"}"#);
    assert_eq!((code, output.as_str()), (Some(1), ""));
    let message = "failed to deserialize the event as `Order`: missing field `item` at line 1 column 15";
    assert!(log.contains("Function.InvalidEvent") && log.contains(message), "{log}");
}
