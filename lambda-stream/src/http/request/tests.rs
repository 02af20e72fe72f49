use serde_json::json;

use super::*;

fn context() -> Context {
    let mut headers = HeaderMap::new();
    headers.insert("lambda-runtime-aws-request-id", HeaderValue::from_static("id-1"));
    Context::from_headers(headers).unwrap()
}

fn convert(event: &[u8]) -> Result<Request<Bytes>, Error> {
    let event = Bytes::copy_from_slice(event);
    from_event(&event, EventInfo::from_event(&event), &context())
}

fn to_request(event: &Value) -> Request<Bytes> {
    convert(event.to_string().as_bytes()).unwrap()
}

fn error_message(event: &Value) -> String {
    let error = convert(event.to_string().as_bytes()).unwrap_err();
    assert_eq!(error.error_type(), "Function.InvalidEvent");
    error.to_string()
}

/// Returns an event of payload format 2.0 with these fields changed.
fn payload_v2(changes: Value) -> Value {
    let event = json!({
        "version": "2.0",
        "rawPath": "/",
        "rawQueryString": "",
        "headers": {},
        "requestContext": {
            "accountId": "1", "apiId": "a", "stage": "$default", "domainName": "a.lambda-url.eu-west-1.on.aws",
            "time": "", "timeEpoch": 0, "http": {"method": "GET", "path": "/", "protocol": "HTTP/1.1"},
        },
        "isBase64Encoded": false,
    });
    merge(event, changes)
}

/// Returns an event of a REST API with these fields changed.
fn payload_v1(changes: Value) -> Value {
    let event = json!({
        "resource": "/{proxy+}", "path": "/", "httpMethod": "GET", "headers": null, "multiValueHeaders": null,
        "queryStringParameters": null, "multiValueQueryStringParameters": null, "pathParameters": null,
        "stageVariables": null, "body": null, "isBase64Encoded": false,
        "requestContext": {"httpMethod": "GET", "stage": "prod", "path": "/prod/", "domainName": "a.execute-api.eu-west-1.amazonaws.com"},
    });
    merge(event, changes)
}

/// Returns an event of a load balancer with these fields changed.
fn alb(changes: Value) -> Value {
    let event = json!({
        "requestContext": {"elb": {"targetGroupArn": "arn"}}, "httpMethod": "GET", "path": "/",
        "headers": {"host": "lb.example"}, "queryStringParameters": {}, "body": "", "isBase64Encoded": false,
    });
    merge(event, changes)
}

/// Replaces the fields of `event` that `changes` has; of `requestContext`, only the fields that `changes` has there.
fn merge(mut event: Value, changes: Value) -> Value {
    let Value::Object(changes) = changes else {
        panic!("not an object: {changes}");
    };
    for (key, change) in changes {
        match (&mut event[&key], change) {
            (field @ Value::Object(_), change @ Value::Object(_)) if key == "requestContext" => {
                *field = merge(field.take(), change);
            }
            (field, change) => *field = change,
        }
    }
    event
}

fn header_lines(request: &Request<Bytes>) -> Vec<String> {
    let lines = request.headers().iter();
    lines
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
        .collect()
}

struct Case {
    event: Value,
    method: &'static str,
    uri: &'static str,
    headers: &'static [&'static str],
    body: &'static [u8],
}

#[test]
fn event_becomes_the_client_request() {
    let cases = [
        Case {
            event: payload_v2(json!({})),
            method: "GET",
            uri: "https://a.lambda-url.eu-west-1.on.aws/",
            headers: &[],
            body: b"",
        },
        Case {
            event: payload_v2(json!({
                "rawPath": "/a%20b/%C3%BC", "rawQueryString": "b=2&a=1&a=%26&c",
                "headers": {"host": "api.example:8443", "accept": "a,b", "cookie": "folded"},
                "cookies": ["x=1", "y=\"2\""],
                "requestContext": {"http": {"method": "POST"}},
                "body": "SGkA/w==", "isBase64Encoded": true,
            })),
            method: "POST",
            uri: "https://api.example:8443/a%20b/%C3%BC?b=2&a=1&a=%26&c",
            headers: &["accept: a,b", "cookie: x=1; y=\"2\"", "host: api.example:8443"],
            body: b"Hi\0\xff",
        },
        // An HTTP API decodes the path and prepends the stage.
        Case {
            event: payload_v2(json!({
                "rawPath": "/prod/a b/ü", "headers": {"x-forwarded-proto": "http", "x-text": "grün"},
                "requestContext": {
                    "stage": "prod", "domainName": "a.execute-api.eu-west-1.amazonaws.com", "http": {"method": "PURGE"},
                },
                "body": "text",
            })),
            method: "PURGE",
            uri: "http://a.execute-api.eu-west-1.amazonaws.com/a%20b/%C3%BC",
            headers: &["x-forwarded-proto: http", "x-text: grün"],
            body: b"text",
        },
        // A path that is only the stage, and a path whose first segment merely starts with its name.
        Case {
            event: payload_v2(json!({
                "rawPath": "/prod",
                "requestContext": {
                    "stage": "prod", "domainName": "a.execute-api.eu-west-1.amazonaws.com", "http": {"method": "GET"},
                },
            })),
            method: "GET",
            uri: "https://a.execute-api.eu-west-1.amazonaws.com/",
            headers: &[],
            body: b"",
        },
        Case {
            event: payload_v2(json!({
                "rawPath": "/production/a",
                "requestContext": {
                    "stage": "prod", "domainName": "a.execute-api.eu-west-1.amazonaws.com", "http": {"method": "GET"},
                },
            })),
            method: "GET",
            uri: "https://a.execute-api.eu-west-1.amazonaws.com/production/a",
            headers: &[],
            body: b"",
        },
        // A custom domain: the path does not contain the stage.
        Case {
            event: payload_v2(json!({
                "rawPath": "/prod/a",
                "requestContext": {"stage": "prod", "domainName": "api.example", "http": {"method": "GET"}},
            })),
            method: "GET",
            uri: "https://api.example/prod/a",
            headers: &[],
            body: b"",
        },
        // An invalid host.
        Case {
            event: payload_v2(json!({
                "headers": {"host": "a b"},
                "requestContext": {"domainName": null, "http": {"method": "GET"}},
            })),
            method: "GET",
            uri: "/",
            headers: &["host: a b"],
            body: b"",
        },
        Case {
            event: payload_v1(json!({
                "httpMethod": "PUT", "path": "/prod/x", "body": "{}",
                "headers": {"Accept": "b", "Host": "api.example"},
                "multiValueHeaders": {"Accept": ["a", "b"], "Host": ["api.example"], "Cookie": ["x=1; y=2"]},
                "queryStringParameters": {"k": "2", "a b": "&="},
                "multiValueQueryStringParameters": {"k": ["1", "2"], "a b": ["&="]},
                "requestContext": {"path": "/prod/prod/x"},
            })),
            method: "PUT",
            uri: "https://api.example/prod/x?a%20b=%26%3D&k=1&k=2",
            headers: &["accept: a", "accept: b", "cookie: x=1; y=2", "host: api.example"],
            body: b"{}",
        },
        // Payload format 1.0 of an HTTP API: both paths contain the stage.
        Case {
            event: payload_v1(json!({
                "version": "1.0", "path": "/prod/x", "headers": {"host": "h.example"},
                "queryStringParameters": {"a": "ü"}, "requestContext": {"path": "/prod/x"},
            })),
            method: "GET",
            uri: "https://h.example/x?a=%C3%BC",
            headers: &["host: h.example"],
            body: b"",
        },
        // The local API of AWS SAM: header names with capitals, and an empty list of cookies.
        Case {
            event: payload_v2(json!({
                "rawPath": "/hello", "headers": {"Host": "127.0.0.1:3000", "X-Forwarded-Proto": "http"}, "cookies": [],
                "requestContext": {"stage": "$default", "domainName": "localhost"},
            })),
            method: "GET",
            uri: "http://127.0.0.1:3000/hello",
            headers: &["host: 127.0.0.1:3000", "x-forwarded-proto: http"],
            body: b"",
        },
        // A REST API without `Host`, domain name and path in the context, and without `body` and `isBase64Encoded`.
        Case {
            event: json!({
                "httpMethod": "GET", "path": "/hello", "headers": {"X-Forwarded-Proto": "https"},
                "queryStringParameters": {"name": "me"}, "requestContext": {"stage": "test", "httpMethod": "GET"},
            }),
            method: "GET",
            uri: "/hello?name=me",
            headers: &["x-forwarded-proto: https"],
            body: b"",
        },
        // A health check of a load balancer has no `Host`.
        Case {
            event: alb(json!({"path": "/health/", "headers": {"user-agent": "ELB-HealthChecker/2.0"}})),
            method: "GET",
            uri: "/health/",
            headers: &["user-agent: ELB-HealthChecker/2.0"],
            body: b"",
        },
        Case {
            event: alb(json!({
                "path": "/a%2Fb", "queryStringParameters": {"k": "%3Fa", "e": ""}, "body": "x",
                "headers": {"host": "lb.example", "x-forwarded-proto": "http"},
            })),
            method: "GET",
            uri: "http://lb.example/a%2Fb?e=&k=%3Fa",
            headers: &["host: lb.example", "x-forwarded-proto: http"],
            body: b"x",
        },
        Case {
            event: alb(json!({
                "httpMethod": "HEAD", "headers": null, "queryStringParameters": null,
                "multiValueHeaders": {"host": ["lb.example"], "cookie": ["a=1", "b=2"]},
                "multiValueQueryStringParameters": {"k": ["1", "2 3"]},
            })),
            method: "HEAD",
            uri: "https://lb.example/?k=1&k=2%203",
            headers: &["cookie: a=1", "cookie: b=2", "host: lb.example"],
            body: b"",
        },
    ];
    for Case {
        event,
        method,
        uri,
        headers,
        body,
    } in cases
    {
        let request = to_request(&event);
        assert_eq!(request.method(), method, "{event}");
        assert_eq!(request.uri(), uri, "{event}");
        let mut lines = header_lines(&request);
        lines.sort();
        assert_eq!(lines, headers, "{event}");
        assert_eq!(request.body(), body, "{event}");
        assert_eq!(request.extensions().get::<Context>().unwrap().request_id(), "id-1");
    }
}

#[test]
fn query_keys_keep_their_order() {
    let event =
        r#"{"httpMethod":"GET","path":"/","requestContext":{},"queryStringParameters":{"z":"1","a":"2","m":"3"}}"#;
    let request = convert(event.as_bytes()).unwrap();
    assert_eq!(request.uri(), "/?z=1&a=2&m=3");
}

#[test]
fn rest_of_event_becomes_extensions() {
    let request = to_request(&payload_v2(json!({
        "pathParameters": {"id": "7"}, "stageVariables": {"table": "t"},
        "requestContext": {
            "authorizer": {"jwt": {"claims": {"sub": "ada"}, "scopes": null}},
            "http": {"method": "GET", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "2001:db8::1", "userAgent": ""},
        },
    })));
    let extensions = request.extensions();
    assert_eq!(extensions.get::<PathParameters>().unwrap().0["id"], "7");
    assert_eq!(extensions.get::<StageVariables>().unwrap().0["table"], "t");
    let address: IpAddr = "2001:db8::1".parse().unwrap();
    assert_eq!(extensions.get(), Some(&SourceAddress(address)));
    let Some(RequestContext::ApiGatewayV2(source)) = extensions.get() else {
        panic!("{extensions:?}");
    };
    let jwt = source.authorizer.as_ref().unwrap().jwt.as_ref().unwrap();
    assert_eq!(jwt.claims["sub"], "ada");

    let request = to_request(&payload_v1(json!({
        "requestContext": {"identity": {"sourceIp": "192.0.2.1"}, "authorizer": {"principalId": "ada"}},
    })));
    let address: IpAddr = "192.0.2.1".parse().unwrap();
    assert_eq!(request.extensions().get(), Some(&SourceAddress(address)));
    let Some(RequestContext::ApiGatewayV1(source)) = request.extensions().get() else {
        panic!("{request:?}");
    };
    assert_eq!(source.authorizer.fields["principalId"], "ada");
    assert!(request.extensions().get::<PathParameters>().is_none());

    // The load balancer appends to the addresses that the client sent in the header.
    let headers = json!({"x-forwarded-for": "10.9.9.9, 203.0.113.5"});
    let request = to_request(&alb(json!({ "headers": headers })));
    let address: IpAddr = "203.0.113.5".parse().unwrap();
    assert_eq!(request.extensions().get(), Some(&SourceAddress(address)));
    assert!(matches!(request.extensions().get(), Some(RequestContext::Alb(_))));
}

#[test]
fn request_without_context_has_no_extensions() {
    let request = to_request(&json!({"httpMethod": "GET", "path": "/a", "headers": {"host": "a.example"}}));
    assert_eq!(request.uri(), "https://a.example/a");
    let extensions = request.extensions();
    assert!(extensions.get::<RequestContext>().is_none());
    assert!(extensions.get::<RawRequestContext>().is_none());
    assert!(extensions.get::<SourceAddress>().is_none());
    assert!(extensions.get::<Context>().is_some());
}

#[test]
fn unknown_context_form_is_ignored() {
    let request = to_request(&payload_v2(json!({"requestContext": {"authorizer": "new"}})));
    assert!(request.extensions().get::<RequestContext>().is_none());
    let RawRequestContext(context) = request.extensions().get().unwrap();
    assert_eq!(context["authorizer"], "new");
}

#[test]
fn invalid_request_is_an_error_with_reason() {
    assert!(error_message(&json!({"Records": []})).contains("Function URLs"));
    let message = json!({"requestContext": {"connectionId": "a", "eventType": "MESSAGE"}, "body": "hi"});
    assert!(error_message(&message).contains("Function URLs"));
    assert!(error_message(&payload_v2(json!({"headers": {"a b": "c"}}))).contains(r#"invalid header name "a b""#));
    assert!(error_message(&payload_v2(json!({"headers": {"a": "b\r\nc: d"}}))).contains("control character"));
    assert!(
        error_message(&payload_v2(json!({"body": "*", "isBase64Encoded": true}))).contains("its body is not base64")
    );
    let method = json!({"requestContext": {"http": {"method": "G E T"}}});
    assert!(error_message(&payload_v2(method)).contains(r#"method "G E T""#));
    assert!(error_message(&payload_v2(json!({"rawPath": 1}))).contains("expected a string"));
    assert!(error_message(&payload_v1(json!({"multiValueHeaders": {"a": [1]}}))).contains("line 1"));
    assert!(
        error_message(&payload_v2(json!({"headers": "a: b"})))
            .contains("expected an object of strings or lists of strings")
    );
}
