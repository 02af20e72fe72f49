//! Functions that violate the protocol of the Runtime API: the caller gets what Lambda sends, and the log explains the
//! violation once.

use test_support::{Process, send_request};

use crate::echo_function::request_head;
use crate::serve;

const FUNCTION: &str = env!("CARGO_BIN_EXE_protocol_violations");

/// Sends a request with this path. Asserts the status, and that standard error explains the violation once, with these
/// words about the reason and about what to do. Returns the body.
#[track_caller]
fn assert_explained((process, url): &(Process, String), path: &str, status: u16, words: [&str; 2]) -> String {
    let response = send_request(url, request_head(&format!("GET {path}"), &[]));
    assert_eq!(
        response.status(),
        status,
        "{path}: {}",
        String::from_utf8_lossy(&response.body)
    );
    let stderr = process.wait_for_stderr(|text| text.contains(words[0]));
    // The function has polled again, so the log is complete.
    let valid = send_request(url, request_head("GET /valid", &[]));
    assert_eq!(valid.text(), "\"valid\"");
    assert_eq!(stderr.matches(words[0]).count(), 1, "{path}: {stderr}");
    assert!(stderr.contains(words[1]), "{path}: {:?} is not in {stderr}", words[1]);
    String::from_utf8_lossy(&response.body).into_owned()
}

#[test]
fn repeated_and_misdirected_responses_are_explained() {
    let function = serve(FUNCTION);
    for (path, reason, remedy) in [
        (
            "/second-response",
            "403 InvalidStateTransition",
            "send one response or one error for each event",
        ),
        (
            "/unknown-request-id",
            "400 InvalidRequestID",
            "send the `Lambda-Runtime-Aws-Request-Id` of an event",
        ),
    ] {
        assert_eq!(assert_explained(&function, path, 200, [reason, remedy]), "1");
    }
    let function = serve(FUNCTION);
    let words = [
        "403 InvalidStateTransition",
        "report an error after the start of a streaming response in its trailers",
    ];
    assert_eq!(assert_explained(&function, "/error-after-start", 200, words), "body");
}

#[test]
fn invalid_responses_get_502_and_are_explained() {
    let function = serve(FUNCTION);
    for (path, reason, remedy) in [
        (
            "/response-mode",
            "invalid response mode `stream`",
            "send `streaming`, or omit the header",
        ),
        (
            "/buffered-too-large",
            "413 RequestEntityTooLarge",
            "stream the response",
        ),
        (
            "/no-delimiter",
            "ended before the eight NUL bytes",
            "start the stream with a JSON object",
        ),
        (
            "/prelude-not-json",
            "failed to deserialize the prelude",
            "send one JSON object",
        ),
        (
            "/prelude-too-large",
            "do not fit in the first 16384 bytes",
            "put fewer or shorter headers",
        ),
        ("/forbidden-header", "the header `content-length`", "remove the header"),
    ] {
        let body = assert_explained(&function, path, 502, [reason, remedy]);
        assert!(body.starts_with("{\"errorMessage\":"), "{body}");
    }
    let words = ["does not accept `multiValueHeaders`", "join the values in `headers`"];
    assert_explained(&function, "/multi-value-headers", 500, words);
}

#[test]
fn invalid_ends_of_streams_are_explained() {
    let function = serve(FUNCTION);
    for (path, reason, remedy) in [
        (
            "/no-final-chunk",
            "the body ended early",
            "must end a chunked body with a chunk of length zero",
        ),
        (
            "/oversized-trailers",
            "Lambda reads at most 4096",
            "shorten the error body",
        ),
    ] {
        assert_eq!(
            assert_explained(&function, path, 200, [reason, remedy]),
            "body",
            "{path}"
        );
    }
    for (path, reason, remedy) in [
        (
            "/undeclared-trailers",
            "the trailer `lambda-runtime-function-error-type` is ignored",
            "declare it before the body",
        ),
        (
            "/error-body-not-base64",
            "it is not valid base64",
            "as base64 with padding",
        ),
    ] {
        assert_eq!(
            assert_explained(&function, path, 200, [reason, remedy]),
            "body",
            "{path}"
        );
    }
    let words = [
        "the trailer `lambda-runtime-function-error-body` is ignored, so",
        "also send the trailer",
    ];
    assert_eq!(assert_explained(&function, "/no-error-type", 200, words), "body");
}
