//! A Runtime API that responds with HTTP/1.0: requests are still sent as HTTP/1.1, with chunked bodies and trailers.

use serde_json::json;
use test_support::{BodyEnd, ResponseKind};

use crate::{assert_loop_continues, kill_and_read_log, script, start_scripted};

#[test]
fn response_after_http_1_0_event_is_chunked() {
    let (lambda, function) = start_scripted();
    for _ in 0..3 {
        let steps = json!([{"write": "one"}, {"sleep_ms": 20}, {"write": " two"}]);
        let response = lambda.invoke(script(steps).http_1_0());
        assert_eq!(response.header("Transfer-Encoding"), Some("chunked"));
        assert_eq!((response.text(), response.body_end()), ("one two", BodyEnd::LastChunk));
        assert!(String::from_utf8_lossy(response.raw()).contains("/response HTTP/1.1\r\n"));
    }
    assert_loop_continues(&lambda);
    assert_eq!(kill_and_read_log(&function), "");
}

#[test]
fn error_after_http_1_0_event_is_sent_as_trailers() {
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(script(json!([{"write": "one"}, {"fail": "no luck"}])).http_1_0());
    assert_eq!((response.text(), response.error().message.as_str()), ("one", "no luck"));
    let response = lambda.invoke(script(json!([{"fail": "no luck"}])).http_1_0());
    assert_eq!(response.kind(), ResponseKind::Error);
    assert_loop_continues(&lambda);
}
