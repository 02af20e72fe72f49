//! Errors before the first byte of the response.

use std::time::Duration;

use serde_json::json;
use test_support::{Event, ResponseKind};

use crate::HttpResponse;
use crate::fake_s3::{next, start};

fn xml(code: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>about my-bucket</Message>\
         <BucketName>my-bucket</BucketName><Key>public/key</Key><RequestId>4442587FB7D0A2F9</RequestId></Error>"
    )
}

#[test]
fn errors_of_s3_become_statuses_without_details() {
    let (lambda, function, requests) = start(&[]);
    for (status, code, expected) in [
        (404, "NoSuchKey", 404),
        (403, "AccessDenied", 404),
        (404, "NoSuchBucket", 502),
        (403, "InvalidAccessKeyId", 502),
        (403, "SignatureDoesNotMatch", 502),
        (403, "InvalidObjectState", 502),
        (301, "PermanentRedirect", 502),
        (400, "InvalidArgument", 502),
        (412, "PreconditionFailed", 412),
    ] {
        let pending = lambda.queue(Event::function_url("GET", "/key"));
        let head = "Content-Type: application/xml\nx-amz-request-id: 4442587FB7D0A2F9\nx-amz-bucket-region: eu-west-1";
        next(&requests).respond(status, head, xml(code));
        let response = pending.wait();
        let http = HttpResponse::of(&response);
        assert_eq!((http.status, response.failed()), (expected, false), "{code}");
        assert_eq!(
            http.headers,
            json!({"content-type": "text/plain; charset=utf-8"}),
            "{code}"
        );
        let text = http.text();
        for detail in ["my-bucket", "public", "4442", code, "127.0.0.1"] {
            assert!(!text.contains(detail), "{code}: {text}");
        }
        if expected == 502 {
            // The reason is in the log.
            function.wait_for_stderr(|log| log.contains(code));
        }
    }
    function.wait_for_stderr(|log| log.contains("S3 denied access"));
    let log = function.stderr();
    assert!(!log.contains("secret"), "{log}");
}

#[test]
fn head_without_error_code_becomes_status() {
    let (lambda, _function, requests) = start(&[]);
    for (status, expected) in [(404, 404), (403, 404), (400, 502), (412, 412)] {
        let pending = lambda.queue(Event::function_url("HEAD", "/key"));
        let request = next(&requests);
        assert_eq!(request.method, "HEAD");
        request.respond(status, "", "");
        let response = pending.wait();
        let http = HttpResponse::of(&response);
        assert_eq!((http.status, http.body), (expected, &b""[..]), "{status}");
    }
}

#[test]
fn overloaded_s3_returns_503_after_three_attempts() {
    let (lambda, _function, requests) = start(&[]);
    let pending = lambda.queue(Event::function_url("GET", "/key"));
    for _ in 0..3 {
        next(&requests).respond(503, "", xml("SlowDown"));
    }
    let response = pending.wait();
    let http = HttpResponse::of(&response);
    assert_eq!((http.status, http.header("retry-after")), (503, Some("1")));
}

#[test]
fn connection_closed_before_response_returns_502_after_three_attempts() {
    let (lambda, _function, requests) = start(&[]);
    let pending = lambda.queue(Event::function_url("GET", "/key"));
    for _ in 0..3 {
        drop(next(&requests));
    }
    let response = pending.wait();
    let http = HttpResponse::of(&response);
    assert_eq!((http.status, http.text()), (502, "the storage failed\n"));
}

#[test]
fn silent_s3_returns_504_after_three_attempts() {
    let (lambda, _function, requests) = start(&[("STALL_TIMEOUT_SECONDS", "1")]);
    let pending = lambda.queue(Event::function_url("GET", "/key"));
    // The connections stay open.
    let _silent = [next(&requests), next(&requests), next(&requests)];
    let response = pending.wait();
    let http = HttpResponse::of(&response);
    assert_eq!(
        (http.status, http.text()),
        (504, "the storage did not respond in time\n")
    );
}

#[test]
fn deadline_before_response_fails_invocation() {
    let (lambda, _function, requests) = start(&[]);
    let event = Event::function_url("GET", "/key").event();
    let pending = lambda.queue(event.deadline_in(Duration::from_secs(1)));
    let request = next(&requests);
    let response = pending.wait();
    assert_eq!(response.kind(), ResponseKind::Error);
    assert_eq!(response.error().error_type, "Function.Timeout");
    request.wait_until_closed();
}

#[test]
fn path_outside_of_prefix_sends_no_request() {
    let (lambda, _function, requests) = start(&[]);
    for path in [
        "/",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/a/..%2F..%2fsecret.txt",
        "/%FF",
    ] {
        let response = lambda.invoke(Event::function_url("GET", path));
        assert_eq!(HttpResponse::of(&response).status, 404, "{path}");
    }
    let response = lambda.invoke(Event::function_url("PUT", "/key").body("text"));
    let http = HttpResponse::of(&response);
    assert_eq!((http.status, http.header("allow")), (405, Some("GET, HEAD")));
    // The first request to S3 is the one for this object.
    let pending = lambda.queue(Event::function_url("GET", "/key"));
    let request = next(&requests);
    assert_eq!(request.path, "/my-bucket/public/key");
    request.respond(200, "", "text");
    pending.wait();
}
