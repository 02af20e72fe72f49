use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use super::*;

fn context() -> Context {
    let mut headers = HeaderMap::new();
    headers.insert("lambda-runtime-aws-request-id", HeaderValue::from_static("id-1"));
    Context::from_headers(headers).unwrap()
}

fn request(event: &[u8], context: &Context) -> Result<Request<Bytes>, Error> {
    super::request(event, EventInfo::from_event(event), context)
}

fn of(event: &Value) -> Request<Bytes> {
    request(event.to_string().as_bytes(), &context()).unwrap()
}

fn fault(event: &Value) -> String {
    let error = request(event.to_string().as_bytes(), &context()).unwrap_err();
    assert_eq!(error.error_type(), "Function.InvalidEvent");
    error.to_string()
}

/// An event of payload format 2.0: `changes` over a bare one.
fn http2(changes: Value) -> Value {
    let bare = json!({
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
    merged(bare, changes)
}

/// An event of a REST API.
fn http1(changes: Value) -> Value {
    let bare = json!({
        "resource": "/{proxy+}", "path": "/", "httpMethod": "GET", "headers": null, "multiValueHeaders": null,
        "queryStringParameters": null, "multiValueQueryStringParameters": null, "pathParameters": null,
        "stageVariables": null, "body": null, "isBase64Encoded": false,
        "requestContext": {"httpMethod": "GET", "stage": "prod", "path": "/prod/", "domainName": "a.execute-api.eu-west-1.amazonaws.com"},
    });
    merged(bare, changes)
}

/// An event of a load balancer.
fn load_balancer(changes: Value) -> Value {
    let bare = json!({
        "requestContext": {"elb": {"targetGroupArn": "arn"}}, "httpMethod": "GET", "path": "/",
        "headers": {"host": "lb.example"}, "queryStringParameters": {}, "body": "", "isBase64Encoded": false,
    });
    merged(bare, changes)
}

fn merged(mut event: Value, changes: Value) -> Value {
    let Value::Object(changes) = changes else {
        panic!("{changes} is no object");
    };
    for (key, change) in changes {
        match (&mut event[&key], change) {
            (place @ Value::Object(_), change @ Value::Object(_)) if key == "requestContext" => {
                *place = merged(place.take(), change);
            }
            (place, change) => *place = change,
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
fn an_event_is_the_request_that_was_made() {
    let cases = [
        Case {
            event: http2(json!({})),
            method: "GET",
            uri: "https://a.lambda-url.eu-west-1.on.aws/",
            headers: &[],
            body: b"",
        },
        Case {
            event: http2(json!({
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
        // An HTTP API decodes the path, and puts the stage before it.
        Case {
            event: http2(json!({
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
        // Its stage alone, and a path that only begins like it.
        Case {
            event: http2(json!({
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
            event: http2(json!({
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
        // Behind a domain of one's own, the path is that of the caller.
        Case {
            event: http2(json!({
                "rawPath": "/prod/a",
                "requestContext": {"stage": "prod", "domainName": "api.example", "http": {"method": "GET"}},
            })),
            method: "GET",
            uri: "https://api.example/prod/a",
            headers: &[],
            body: b"",
        },
        // A host that is none.
        Case {
            event: http2(json!({
                "headers": {"host": "a b"},
                "requestContext": {"domainName": null, "http": {"method": "GET"}},
            })),
            method: "GET",
            uri: "/",
            headers: &["host: a b"],
            body: b"",
        },
        Case {
            event: http1(json!({
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
        // Payload format 1.0 of an HTTP API has the stage in both paths.
        Case {
            event: http1(json!({
                "version": "1.0", "path": "/prod/x", "headers": {"host": "h.example"},
                "queryStringParameters": {"a": "ü"}, "requestContext": {"path": "/prod/x"},
            })),
            method: "GET",
            uri: "https://h.example/x?a=%C3%BC",
            headers: &["host: h.example"],
            body: b"",
        },
        Case {
            event: load_balancer(json!({
                "path": "/a%2Fb", "queryStringParameters": {"k": "%3Fa", "e": ""}, "body": "x",
                "headers": {"host": "lb.example", "x-forwarded-proto": "http"},
            })),
            method: "GET",
            uri: "http://lb.example/a%2Fb?e=&k=%3Fa",
            headers: &["host: lb.example", "x-forwarded-proto: http"],
            body: b"x",
        },
        Case {
            event: load_balancer(json!({
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
        let request = of(&event);
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
fn keys_of_a_query_keep_their_order() {
    let event =
        r#"{"httpMethod":"GET","path":"/","requestContext":{},"queryStringParameters":{"z":"1","a":"2","m":"3"}}"#;
    let request = request(event.as_bytes(), &context()).unwrap();
    assert_eq!(request.uri(), "/?z=1&a=2&m=3");
}

#[test]
fn what_the_source_says_besides_is_an_extension() {
    let request = of(&http2(json!({
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

    let request = of(&http1(json!({
        "requestContext": {"identity": {"sourceIp": "192.0.2.1"}, "authorizer": {"principalId": "ada"}},
    })));
    let address: IpAddr = "192.0.2.1".parse().unwrap();
    assert_eq!(request.extensions().get(), Some(&SourceAddress(address)));
    let Some(RequestContext::ApiGatewayV1(source)) = request.extensions().get() else {
        panic!("{request:?}");
    };
    assert_eq!(source.authorizer.fields["principalId"], "ada");
    assert!(request.extensions().get::<PathParameters>().is_none());

    // What a caller puts into the header itself stands before the load balancer's own word.
    let headers = json!({"x-forwarded-for": "10.9.9.9, 203.0.113.5"});
    let request = of(&load_balancer(json!({ "headers": headers })));
    let address: IpAddr = "203.0.113.5".parse().unwrap();
    assert_eq!(request.extensions().get(), Some(&SourceAddress(address)));
    assert!(matches!(request.extensions().get(), Some(RequestContext::Alb(_))));
}

#[test]
fn a_context_of_a_new_form_is_no_reason_to_refuse_a_request() {
    let request = of(&http2(json!({"requestContext": {"authorizer": "new"}})));
    assert!(request.extensions().get::<RequestContext>().is_none());
}

#[test]
fn what_is_no_request_is_refused_with_a_reason() {
    assert!(fault(&json!({"Records": []})).contains("Function URLs"));
    let message = json!({"requestContext": {"connectionId": "a", "eventType": "MESSAGE"}, "body": "hi"});
    assert!(fault(&message).contains("Function URLs"));
    assert!(fault(&http2(json!({"headers": {"a b": "c"}}))).contains(r#""a b" is no name for a header"#));
    assert!(fault(&http2(json!({"headers": {"a": "b\r\nc: d"}}))).contains("control character"));
    assert!(fault(&http2(json!({"body": "*", "isBase64Encoded": true}))).contains("is said to be base64"));
    let method = json!({"requestContext": {"http": {"method": "G E T"}}});
    assert!(fault(&http2(method)).contains(r#"method "G E T""#));
    assert!(fault(&http2(json!({"rawPath": 1}))).contains("expected a string"));
    assert!(fault(&http1(json!({"multiValueHeaders": {"a": [1]}}))).contains("line 1"));
}

/// Events as they are published elsewhere, where a folder of them lies beside the checkout.
#[test]
fn published_events_are_the_requests_that_they_show() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/events");
    let two = "parameter1=value1&parameter1=value2&parameter2=value";
    let api = "https://id.execute-api.us-east-1.amazonaws.com";
    let balancer = "https://lambda-846800462-us-east-2.elb.amazonaws.com";
    let cases: [(&str, &str, String, &[u8]); 15] = [
        ("alb_health_check", "GET", "/".into(), b""),
        ("alb_multi_value_request", "GET", format!("{balancer}/?myKey=val1&myKey=val2&myOtherKey=val3&myOtherKey=val4"), b"request_body"),
        ("alb_multi_value_request_encoded_query_parameters", "GET", format!("{balancer}/?myKey=%3FshowAll%3Dtrue&myKey=%3FshowAll%3Dfalse"), b"request_body"),
        ("alb_no_host", "GET", "/v1/health/".into(), b""),
        ("alb_request", "GET", format!("{balancer}/?myKey=val2"), b"request_body"),
        ("alb_request_encoded_query_parameters", "GET", format!("{balancer}/?myKey=%3FshowAll%3Dtrue"), b"request_body"),
        ("apigw_multi_value_proxy_request", "POST", "https://gy415nuibc.execute-api.us-east-1.amazonaws.com/hello/world?name=me&multiValueName=you&multiValueName=me".into(), b"{\r\n\t\"a\": 1\r\n}"),
        ("apigw_no_host", "GET", "/hello?name=me".into(), b""),
        ("apigw_proxy_request", "GET", "https://wt6mne2s9k.execute-api.us-west-2.amazonaws.com/hello?name=me".into(), b""),
        ("apigw_request_path_with_space", "POST", format!("{api}/my/path-with%20space?{two}"), b"Hello from Lambda"),
        ("apigw_v2_proxy_request", "POST", format!("{api}/my/path?{two}"), b"Hello from Lambda"),
        ("apigw_v2_proxy_request_minimal", "GET", "https://xxx.execute-api.us-east-1.amazonaws.com/".into(), b""),
        ("apigw_v2_proxy_request_with_stage_in_path", "POST", format!("{api}/my/path?{two}"), b"Hello from Lambda"),
        ("apigw_v2_sam_local", "GET", "http://127.0.0.1:3000/hello".into(), b""),
        ("lambda_function_url_request", "GET", format!("https://id.lambda-url.eu-west-2.on.aws/my/path?{two}"), b""),
    ];
    for (name, method, uri, body) in cases {
        let Ok(event) = std::fs::read(folder.join(name).with_extension("json")) else {
            continue;
        };
        let request = request(&event, &context()).unwrap();
        assert_eq!(
            (request.method().as_str(), request.uri().to_string()),
            (method, uri),
            "{name}"
        );
        assert_eq!(request.body(), body, "{name}");
        assert!(request.extensions().get::<RequestContext>().is_some(), "{name}");
        let event: Value = serde_json::from_slice(&event).unwrap();
        assert_eq!(headers_of(&request), headers_in(&event), "{name}");
    }
}

fn headers_of(request: &Request<Bytes>) -> BTreeMap<String, Vec<String>> {
    let mut headers = BTreeMap::<String, Vec<String>>::new();
    for (name, value) in request.headers() {
        let values = headers.entry(name.as_str().to_owned()).or_default();
        values.push(value.to_str().unwrap().to_owned());
    }
    headers
}

/// Each header with all its values, and the cookies.
fn headers_in(event: &Value) -> BTreeMap<String, Vec<String>> {
    let lists = event["multiValueHeaders"]
        .as_object()
        .or(event["headers"].as_object())
        .unwrap();
    let strings = |value: &Value| match value {
        Value::Array(values) => values.iter().map(|value| value.as_str().unwrap().to_owned()).collect(),
        value => vec![value.as_str().unwrap().to_owned()],
    };
    let lists = lists
        .iter()
        .map(|(name, values)| (name.to_lowercase(), strings(values)));
    let mut headers: BTreeMap<_, _> = lists.collect();
    match event["cookies"].as_array() {
        Some(cookies) if !cookies.is_empty() => {
            let cookies: Vec<_> = cookies.iter().map(|cookie| cookie.as_str().unwrap()).collect();
            headers.insert("cookie".to_owned(), vec![cookies.join("; ")]);
        }
        _ => {}
    }
    headers
}
