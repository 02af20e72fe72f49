//! Connections to S3 that break, stall or deliver slowly, and callers that do.

use std::time::Duration;

use test_support::{BodyEnd, Event, FunctionError, HttpEvent, PendingInvocation, Response};

use crate::fake_s3::{S3Request, next, start};
use crate::{HttpResponse, MEMORY_LIMIT};

fn get() -> HttpEvent {
    Event::function_url("GET", "/key")
}

/// Sends the head of the whole object `helloworld` and its first half.
fn send_half(request: &mut S3Request) {
    request.send_head(200, "Content-Length: 10\nETag: \"v1\"");
    request.send("hello");
}

#[track_caller]
fn assert_complete(pending: &PendingInvocation, body: &str) {
    let response = pending.wait();
    assert_eq!(HttpResponse::of(&response).text(), body);
    assert_eq!((response.body_end(), response.failed()), (BodyEnd::LastChunk, false));
}

/// Asserts that the response has this body and then an error, and returns the error.
#[track_caller]
fn mid_stream_error(response: &Response, body: &str) -> FunctionError {
    let http = HttpResponse::of(response);
    assert_eq!((http.status, http.text()), (200, body));
    response.error()
}

#[test]
fn chunk_is_sent_when_it_arrives() {
    let (lambda, _function, requests) = start(&[]);
    let pending = lambda.queue(get());
    let mut request = next(&requests);
    request.send_head(200, "Content-Length: 11");
    // The prelude is sent before S3 sends a byte of the object.
    pending.wait_for_body(|body| body.ends_with(&[0; 8]));
    for (chunk, body) in [("one", "one"), ("two", "onetwo"), ("three", "onetwothree")] {
        request.send(chunk);
        pending.wait_for_body(|received| received.ends_with(body.as_bytes()));
    }
    assert_complete(&pending, "onetwothree");
}

#[test]
fn broken_connection_is_continued_with_a_range() {
    let (lambda, function, requests) = start(&[]);
    let pending = lambda.queue(get());
    let mut request = next(&requests);
    assert_eq!(request.headers("range"), [""; 0]);
    send_half(&mut request);
    drop(request);
    let mut request = next(&requests);
    assert_eq!(
        (request.headers("range"), request.headers("if-match")),
        (vec!["bytes=5-9"], vec!["\"v1\""])
    );
    request.send_head(206, "Content-Range: bytes 5-9/10\nContent-Length: 5\nETag: \"v1\"");
    request.send("wor");
    drop(request);
    let request = next(&requests);
    assert_eq!(request.headers("range"), ["bytes=8-9"]);
    request.respond(206, "Content-Range: bytes 8-9/10\nETag: \"v1\"", "ld");
    assert_complete(&pending, "helloworld");
    function.wait_for_stderr(|log| log.matches("the connection to S3 failed: continuing").count() == 2);
}

#[test]
fn broken_range_is_continued_within_the_range() {
    let (lambda, _function, requests) = start(&[]);
    let pending = lambda.queue(get().header("Range", "bytes=-10"));
    let mut request = next(&requests);
    assert_eq!(request.headers("range"), ["bytes=-10"]);
    request.send_head(
        206,
        "Content-Range: bytes 990-999/1000\nContent-Length: 10\nETag: \"v1\"",
    );
    request.send("hello");
    drop(request);
    let request = next(&requests);
    assert_eq!(request.headers("range"), ["bytes=995-999"]);
    request.respond(206, "Content-Range: bytes 995-999/1000\nETag: \"v1\"", "world");
    let response = pending.wait();
    let http = HttpResponse::of(&response);
    assert_eq!(
        (http.status, http.header("content-range")),
        (206, Some("bytes 990-999/1000"))
    );
    assert_eq!((http.text(), response.failed()), ("helloworld", false));
}

#[test]
fn object_replaced_during_transfer_is_mid_stream_error() {
    let (lambda, _function, requests) = start(&[]);
    let pending = lambda.queue(get());
    send_half(&mut next(&requests));
    next(&requests).respond(412, "", "");
    let error = mid_stream_error(&pending.wait(), "hello");
    assert_eq!(error.error_type, "Function.IncompleteObject");
    assert_eq!(error.message, "the object ended after 5 bytes: the object was replaced");
}

#[test]
fn other_range_than_requested_is_mid_stream_error() {
    let (lambda, _function, requests) = start(&[]);
    for (status, head, body) in [(200, "", "helloworld"), (206, "Content-Range: bytes 4-9/10", "oworld")] {
        let pending = lambda.queue(get());
        send_half(&mut next(&requests));
        next(&requests).respond(status, head, body);
        let error = mid_stream_error(&pending.wait(), "hello");
        assert_eq!(error.message, "the object ended after 5 bytes: S3 sent another range");
    }
    let pending = lambda.queue(get());
    send_half(&mut next(&requests));
    next(&requests).respond(206, "Content-Range: bytes 5-7/10", "wor");
    let error = mid_stream_error(&pending.wait(), "hellowor");
    assert_eq!(error.message, "the object ended after 8 bytes: S3 sent too few bytes");
}

#[test]
fn failed_request_for_the_rest_is_mid_stream_error() {
    let (lambda, function, requests) = start(&[]);
    let pending = lambda.queue(get());
    send_half(&mut next(&requests));
    let xml = "<Error><Code>AccessDenied</Code><Message>about my-bucket</Message></Error>";
    next(&requests).respond(403, "Content-Type: application/xml", xml);
    let error = mid_stream_error(&pending.wait(), "hello");
    // The reason names the bucket. It is in the log only.
    assert_eq!(
        error.message,
        "the object ended after 5 bytes: the request for the rest failed"
    );
    function.wait_for_stderr(|log| log.contains("about my-bucket"));
}

#[test]
fn connection_that_breaks_without_progress_is_mid_stream_error() {
    let (lambda, _function, requests) = start(&[]);
    let pending = lambda.queue(get());
    send_half(&mut next(&requests));
    for _ in 0..3 {
        next(&requests).send_head(206, "Content-Range: bytes 5-9/10\nContent-Length: 5\nETag: \"v1\"");
    }
    let error = mid_stream_error(&pending.wait(), "hello");
    assert_eq!(error.error_type, "Function.IncompleteObject");
    assert!(
        error.message.starts_with("the object ended after 5 bytes: "),
        "{}",
        error.message
    );
}

#[test]
fn broken_connection_without_etag_is_mid_stream_error() {
    let (lambda, _function, requests) = start(&[]);
    let pending = lambda.queue(get());
    let mut request = next(&requests);
    request.send_head(200, "Content-Length: 10");
    request.send("hello");
    drop(request);
    let error = mid_stream_error(&pending.wait(), "hello");
    assert!(
        error.message.starts_with("the object ended after 5 bytes: "),
        "{}",
        error.message
    );
    for detail in ["127.0.0.1", "my-bucket"] {
        assert!(!error.message.contains(detail), "{}", error.message);
    }
}

#[test]
fn stalled_connection_is_continued_with_a_range() {
    let (lambda, _function, requests) = start(&[("STALL_TIMEOUT_SECONDS", "1")]);
    let pending = lambda.queue(get());
    let mut stalled = next(&requests);
    send_half(&mut stalled);
    let request = next(&requests);
    assert_eq!(request.headers("range"), ["bytes=5-9"]);
    // The function closed the first connection, and this test did not.
    stalled.wait_until_closed();
    request.respond(206, "Content-Range: bytes 5-9/10\nETag: \"v1\"", "world");
    assert_complete(&pending, "helloworld");
}

#[test]
fn idle_connection_closed_by_s3_is_replaced() {
    let (lambda, _function, requests) = start(&[]);
    for _ in 0..3 {
        let pending = lambda.queue(get());
        let mut request = next(&requests);
        // The function keeps the connection for the next request.
        request.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntext");
        assert_complete(&pending, "text");
        drop(request);
    }
}

#[test]
fn checksum_mismatch_is_mid_stream_error() {
    let (lambda, _function, requests) = start(&[]);
    let pending = lambda.queue(get());
    let request = next(&requests);
    assert_eq!(request.headers("x-amz-checksum-mode"), ["enabled"]);
    request.respond(200, "ETag: \"v1\"\nx-amz-checksum-crc32: AAAAAA==", "hello");
    let error = mid_stream_error(&pending.wait(), "hello");
    assert_eq!(error.error_type, "Function.IncompleteObject");
    assert!(error.message.contains("checksum mismatch"), "{}", error.message);
    // CRC-32 of `hello`. The function requests nothing else in between.
    let pending = lambda.queue(get());
    next(&requests).respond(200, "ETag: \"v1\"\nx-amz-checksum-crc32: NhCmhg==", "hello");
    assert_complete(&pending, "hello");
}

#[test]
fn if_range_requests_the_range_of_the_same_version() {
    let (lambda, _function, requests) = start(&[]);
    let ranged = |if_range: &str| get().header("Range", "bytes=5-9").header("If-Range", if_range);

    let pending = lambda.queue(ranged("\"v1\""));
    let request = next(&requests);
    assert_eq!(
        (request.headers("range"), request.headers("if-match")),
        (vec!["bytes=5-9"], vec!["\"v1\""])
    );
    request.respond(206, "Content-Range: bytes 5-9/10\nETag: \"v1\"", "world");
    let response = pending.wait();
    assert_eq!(
        (HttpResponse::of(&response).status, HttpResponse::of(&response).text()),
        (206, "world")
    );

    // Another version: the whole object.
    let pending = lambda.queue(ranged("\"v0\""));
    next(&requests).respond(412, "", "");
    let request = next(&requests);
    assert_eq!(
        (request.headers("range"), request.headers("if-match")),
        (vec![], vec![])
    );
    request.respond(200, "ETag: \"v1\"", "helloworld");
    assert_complete(&pending, "helloworld");

    // A date and a weak tag do not identify a version.
    for if_range in ["Wed, 21 Oct 2099 07:28:00 GMT", "W/\"v1\""] {
        let pending = lambda.queue(ranged(if_range));
        let request = next(&requests);
        assert_eq!(
            (request.headers("range"), request.headers("if-match")),
            (vec![], vec![])
        );
        request.respond(200, "ETag: \"v1\"", "helloworld");
        assert_complete(&pending, "helloworld");
    }
}

#[test]
fn header_with_utf_8_is_passed_to_the_caller() {
    let (lambda, _function, requests) = start(&[]);
    let pending = lambda.queue(get());
    next(&requests).respond(200, "Content-Disposition: attachment; filename=\"ü.txt\"", "text");
    let response = pending.wait();
    let http = HttpResponse::of(&response);
    assert_eq!(
        http.header("content-disposition"),
        Some("attachment; filename=\"ü.txt\"")
    );
    assert_eq!(http.text(), "text");
}

#[test]
fn deadline_during_transfer_closes_the_connection_to_s3() {
    let (lambda, _function, requests) = start(&[]);
    let pending = lambda.queue(get().event().deadline_in(Duration::from_secs(1)));
    let mut request = next(&requests);
    send_half(&mut request);
    let error = mid_stream_error(&pending.wait(), "hello");
    assert_eq!(error.error_type, "Function.Timeout");
    request.wait_until_closed();
}

#[test]
fn rejected_response_closes_the_connection_to_s3() {
    let (lambda, _function, requests) = start(&[]);
    let event = get()
        .event()
        .rejected_early(1000, 413, "RequestEntityTooLarge", "too large");
    let pending = lambda.queue(event);
    let mut request = next(&requests);
    request.send_head(200, "Content-Length: 1000000000000\nETag: \"v1\"");
    request.flood_until_closed();
    assert_eq!(pending.wait().status(), Some(413));
}

#[test]
#[cfg(target_os = "linux")]
fn slow_caller_slows_s3_in_bounded_memory() {
    const LENGTH: usize = 48_000_000;
    let (lambda, function, requests) = start(&[]);
    let pending = lambda.queue(get().event().read_slowly(12_000_000));
    let mut request = next(&requests);
    request.send_head(200, &format!("Content-Length: {LENGTH}\nETag: \"v1\""));
    let part = vec![b'x'; 1_000_000];
    for _ in 0..LENGTH / part.len() {
        request.send(&part);
    }
    let response = pending.wait();
    let body = HttpResponse::of(&response).body;
    assert!(body.len() == LENGTH && body.iter().all(|byte| *byte == b'x'));
    assert_eq!((response.body_end(), response.failed()), (BodyEnd::LastChunk, false));
    let peak = function.resources().peak_memory().unwrap();
    assert!(peak < MEMORY_LIMIT, "{peak} KiB");
}
