//! The parameters of both operations: names, qualifiers, contexts, and invalid values.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use test_support::send_request;

use crate::event_stream::decode_all;
use crate::{ALL_PARAMETERS, INVOKE, RESPONSE_STREAM, SCRIPTED, assert_error, post, serve};

const MIB: usize = 1024 * 1024;

/// Returns the parameters that the function received, for each operation.
#[track_caller]
fn received(url: &str, name_and_query: (&str, &str), headers: &[&str], body: &[u8]) -> [Value; 2] {
    let (name, query) = name_and_query;
    let invoke = format!("/2015-03-31/functions/{name}/invocations{query}");
    let response = send_request(url, post(&invoke, headers, body));
    assert_eq!(response.status(), 200, "{}", response.text());
    assert_eq!(
        response.header("x-amzn-requestid"),
        response.json()["request_id"].as_str()
    );
    let stream = format!("/2021-11-15/functions/{name}/response-streaming-invocations{query}");
    let streamed = send_request(url, post(&stream, headers, body));
    assert_eq!(streamed.status(), 200, "{}", streamed.text());
    let (payload, completion) = decode_all(&streamed.body);
    assert_eq!(completion, json!({}));
    [response.json(), serde_json::from_slice(&payload).unwrap()]
}

#[test]
fn any_name_invokes_function_with_its_qualifier() {
    let (_function, url) = serve(ALL_PARAMETERS, &[]);
    let name = "my-function";
    let arn = "arn:aws:lambda:eu-central-1:123456789012:function:my-function";
    for (name, query, qualifier) in [
        (name.to_owned(), "", ""),
        (format!("{name}:1"), "", ":1"),
        (name.to_owned(), "?Qualifier=prod", ":prod"),
        (format!("{name}:prod"), "?Qualifier=prod", ":prod"),
        (format!("123456789012:function:{name}"), "", ""),
        (arn.replace(':', "%3A"), "", ""),
        (
            format!("{arn}:$LATEST").replace(':', "%3A").replace('$', "%24"),
            "",
            ":$LATEST",
        ),
    ] {
        for parameters in received(&url, (&name, query), &[], b"{}") {
            let arn = parameters["arn"].as_str().unwrap();
            assert!(
                arn.ends_with(&format!(":function:all_parameters{qualifier}")),
                "{name}{query}: {arn}"
            );
        }
    }
}

#[test]
fn event_arrives_verbatim_and_may_be_missing() {
    let (_function, url) = serve(ALL_PARAMETERS, &[]);
    for (body, event) in [("", "{}"), ("null", "null"), ("[1,  \"é\"]", "[1,  \"é\"]")] {
        for parameters in received(&url, ("a", ""), &[], body.as_bytes()) {
            assert_eq!(parameters["raw"], event);
        }
    }
}

#[test]
fn contexts_are_passed_to_function() {
    let (_function, url) = serve(ALL_PARAMETERS, &[]);
    let context = "{\"custom\": {\"user\": \"Zoë 😀\"}}";
    let trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    let headers = [
        format!("X-Amz-Client-Context: {}", STANDARD.encode(context)),
        "X-Amz-Tenant-Id: tenant/1 @ example.org".to_owned(),
        format!("X-Amzn-Trace-Id: {trace}"),
    ];
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    for parameters in received(&url, ("a", ""), &headers, b"{}") {
        assert_eq!(
            parameters["client_context"],
            serde_json::from_str::<Value>(context).unwrap()
        );
        assert_eq!(parameters["tenant_id"], "tenant/1 @ example.org");
        assert_eq!(parameters["trace_id"], trace);
    }
    for parameters in received(&url, ("a", ""), &[], b"{}") {
        assert_eq!(
            (&parameters["client_context"], &parameters["tenant_id"]),
            (&Value::Null, &Value::Null)
        );
        assert!(parameters["trace_id"].as_str().unwrap().starts_with("Root=1-"));
    }
}

#[test]
fn invalid_parameter_returns_error_of_lambda() {
    let (_function, url) = serve(ALL_PARAMETERS, &[]);
    let content = "InvalidRequestContentException";
    for (headers, body, error_type, reason) in [
        (
            "X-Amz-Invocation-Type: Evnt",
            "{}",
            "ValidationException",
            "'Evnt' at 'invocationType'",
        ),
        (
            "X-Amz-Log-Type: tail",
            "{}",
            "ValidationException",
            "'tail' at 'logType'",
        ),
        (
            "X-Amz-Tenant-Id: a,b",
            "{}",
            "ValidationException",
            "'a,b' at 'tenantId'",
        ),
        ("X-Amz-Client-Context: e30", "{}", content, "Base64-encoded JSON object"),
        (
            "X-Amz-Client-Context: W10=",
            "{}",
            content,
            "Base64-encoded JSON object",
        ),
        ("A: b", "{", content, "Could not parse request body into json: EOF"),
        (
            "A: b",
            "text",
            content,
            "Could not parse request body into json: expected",
        ),
    ] {
        for path in [INVOKE, RESPONSE_STREAM] {
            let response = send_request(&url, post(path, &[headers], body));
            let message = assert_error(&response, 400, error_type);
            assert!(message.contains(reason), "{message}");
        }
    }
    let stream = post(RESPONSE_STREAM, &["X-Amz-Invocation-Type: Event"], "{}");
    let message = assert_error(&send_request(&url, stream), 400, "ValidationException");
    assert!(message.ends_with("[RequestResponse, DryRun]"), "{message}");
    for (name, error_type) in [
        ("a%20b", "ValidationException"),
        ("a:b:c", "ValidationException"),
        ("a:1", "InvalidParameterValueException"),
    ] {
        let path = format!("/2015-03-31/functions/{name}/invocations?Qualifier=2");
        assert_error(&send_request(&url, post(&path, &[], "{}")), 400, error_type);
    }
    // No request has invoked the function.
    assert_eq!(received(&url, ("a", ""), &[], b"{}")[0]["invocation"], 1);
}

#[test]
fn event_over_limit_gets_413() {
    let (_function, url) = serve(ALL_PARAMETERS, &[]);
    let json = |length: usize| format!("\"{}\"", "x".repeat(length - 2));
    for (path, headers, limit) in [
        (INVOKE, "A: b", 6 * MIB),
        (RESPONSE_STREAM, "A: b", 6 * MIB),
        (INVOKE, "X-Amz-Invocation-Type: Event", MIB),
    ] {
        let response = send_request(&url, post(path, &[headers], json(limit + 1)));
        let message = assert_error(&response, 413, "RequestTooLargeException");
        assert!(message.contains(&format!("smaller than {limit} bytes")), "{message}");
    }
    let response = send_request(&url, post(INVOKE, &["X-Amz-Invocation-Type: Event"], json(MIB)));
    assert_eq!(response.status(), 202);
    // The response of this function contains the event, so it is larger than the limit.
    let response = send_request(&url, post(INVOKE, &[], json(6 * MIB)));
    assert_eq!(
        (response.status(), response.header("x-amz-function-error")),
        (200, Some("Unhandled"))
    );
    assert_eq!(response.json()["errorType"], "Function.ResponseSizeTooLarge");
}

#[test]
fn other_operation_gets_error_that_names_operations() {
    let (_function, url) = serve(SCRIPTED, &[]);
    for request in [
        "GET /2015-03-31/functions/",
        "GET /2015-03-31/functions/a",
        "GET /2015-03-31/functions/a/invocations",
        "DELETE /2015-03-31/functions/a/url",
        "POST /2021-11-15/functions/a/invocations",
    ] {
        let request = format!("{request} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let message = assert_error(&send_request(&url, request), 404, "UnknownOperationException");
        for part in ["/2015-03-31/functions/NAME/invocations", "InvokeWithResponseStream"] {
            assert!(message.contains(part), "{message}");
        }
    }
}

#[test]
fn page_of_another_site_cannot_invoke() {
    let (_function, url) = serve(ALL_PARAMETERS, &[]);
    for path in [INVOKE, RESPONSE_STREAM] {
        for header in ["Origin: https://evil.example", "Sec-Fetch-Site: cross-site"] {
            let headers = [header, "Content-Type: text/plain", "X-Amz-Invocation-Type: Event"];
            assert_eq!(send_request(&url, post(path, &headers, "{}")).status(), 403);
        }
        let rebound = String::from_utf8(post(path, &[], "{}")).unwrap();
        let rebound = rebound.replace("Host: localhost", "Host: evil.example");
        assert_eq!(send_request(&url, rebound).status(), 403);
    }
    assert_eq!(received(&url, ("a", ""), &[], b"{}")[0]["invocation"], 1);
}
