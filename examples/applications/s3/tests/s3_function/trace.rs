//! The trace id of the invocation in the requests to S3.

use test_support::{Event, ResponseKind};

use crate::HttpResponse;
use crate::fake_s3::{next, start};

const FIRST: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a5dbcd21:0";
const SECOND: &str = "Root=1-5759e989-000000000000000000000002;Parent=0000000000000002;Sampled=0";

fn traced_event(method: &str, path: &str, trace_id: &str) -> Event {
    let event = Event::function_url(method, path).event();
    event.header("Lambda-Runtime-Trace-Id", trace_id)
}

#[test]
fn request_carries_trace_id_of_its_invocation() {
    // The SDK itself would send the value of the environment variable.
    let (lambda, _function, requests) = start(&[("_X_AMZN_TRACE_ID", "Root=1-stale")]);
    for trace_id in [FIRST, SECOND] {
        let expected = [trace_id.to_ascii_lowercase()];
        let pending = lambda.queue(traced_event("GET", "/two", trace_id));
        let mut request = next(&requests);
        assert_eq!(request.headers("x-amzn-trace-id"), expected);
        assert!(request.headers("authorization")[0].starts_with("aws4-hmac-sha256"));
        request.send_head(200, "Content-Length: 2\nETag: \"1\"");
        request.send("a");
        drop(request);
        // The request for the rest, which is sent after the handler has returned, carries it too.
        let rest = next(&requests);
        assert_eq!(rest.headers("x-amzn-trace-id"), expected);
        rest.respond(206, "Content-Range: bytes 1-1/2\nETag: \"1\"", "b");
        let response = pending.wait();
        assert_eq!(response.kind(), ResponseKind::Response, "{response:?}");
        assert_eq!(HttpResponse::of(&response).text(), "ab");

        let pending = lambda.queue(traced_event("HEAD", "/two", trace_id));
        let request = next(&requests);
        assert_eq!(
            (request.method.as_str(), request.headers("x-amzn-trace-id")),
            ("HEAD", vec![expected[0].as_str()])
        );
        request.respond(200, "ETag: \"1\"", "");
        assert_eq!(HttpResponse::of(&pending.wait()).status, 200);
    }
}

#[test]
fn concurrent_invocations_send_their_own_trace_ids() {
    let (lambda, _function, requests) = start(&[("AWS_LAMBDA_MAX_CONCURRENCY", "2")]);
    lambda.wait_for_next_calls(2);
    let pending = [
        lambda.queue(traced_event("GET", "/first", FIRST)),
        lambda.queue(traced_event("GET", "/second", SECOND)),
    ];
    // Neither request is responded to before both have arrived, so the invocations are concurrent.
    for request in [next(&requests), next(&requests)] {
        let expected = match request.path.as_str() {
            "/my-bucket/public/first" => FIRST,
            "/my-bucket/public/second" => SECOND,
            other => panic!("unexpected path {other}"),
        };
        assert_eq!(request.headers("x-amzn-trace-id"), [expected.to_ascii_lowercase()]);
        request.respond(200, "", "text");
    }
    for pending in pending {
        assert_eq!(HttpResponse::of(&pending.wait()).text(), "text");
    }
}

#[test]
fn event_without_trace_id_sends_no_trace_header() {
    let (lambda, _function, requests) = start(&[]);
    let event = Event::function_url("GET", "/one").event();
    let pending = lambda.queue(event.without_header("Lambda-Runtime-Trace-Id"));
    let request = next(&requests);
    assert_eq!(request.headers("x-amzn-trace-id"), [""; 0]);
    request.respond(200, "", "text");
    assert_eq!(HttpResponse::of(&pending.wait()).text(), "text");
}
