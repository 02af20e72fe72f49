//! Request ids that are not UUIDs: they never change which call the runtime makes.

use serde_json::json;
use test_support::ResponseKind;

use crate::{assert_fatal, assert_loop_continues, script, start_scripted};

/// The request id is encoded as one segment of the path.
#[test]
fn request_id_is_one_path_segment() {
    let (lambda, _function) = start_scripted();
    for (request_id, segment) in [
        ("%2e%2e", "%252e%252e"),
        ("%2E", "%252E"),
        ("a/b", "a%2Fb"),
        ("../../init/error", "..%2F..%2Finit%2Ferror"),
        ("..\\x", "..%5Cx"),
        ("a?b", "a%3Fb"),
        ("a#b", "a%23b"),
        ("a b", "a%20b"),
        ("a%", "a%25"),
        ("...", "..."),
    ] {
        let response = lambda.invoke(script(json!([{"write": "hi"}])).request_id(request_id));
        assert_eq!(
            response.path(),
            format!("/2018-06-01/runtime/invocation/{segment}/response")
        );
        let response = lambda.invoke(script(json!([{"fail": "no luck"}])).request_id(request_id));
        assert_eq!(response.kind(), ResponseKind::Error);
        assert_eq!(
            response.path(),
            format!("/2018-06-01/runtime/invocation/{segment}/error")
        );
    }
    assert_loop_continues(&lambda);
}

/// A path cannot contain these segments, encoded or not.
#[test]
fn dot_segment_as_request_id_is_fatal() {
    for request_id in [".", ".."] {
        let (lambda, function) = start_scripted();
        lambda.queue(script(json!([{"write": "hi"}])).request_id(request_id));
        assert_fatal(
            &function,
            &["GET invocation/next", "Lambda-Runtime-Aws-Request-Id is `.` or `..`"],
        );
        assert_eq!(lambda.calls(), ["next"]);
    }
}
