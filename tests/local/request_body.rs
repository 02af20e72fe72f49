//! Request bodies: size limits, memory use, `Content-Length`, and chunked encoding.

use std::fmt::Write as _;
#[cfg(target_os = "linux")]
use std::io::Write;

#[cfg(target_os = "linux")]
use test_support::{connect, read_to_end};

use crate::MIB;
use crate::echo_function::{EchoFunction, chunked_post, post, request_head};

#[test]
fn oversized_content_length_gets_413_before_body() {
    let function = EchoFunction::start();
    for length in [
        "6291457",
        "100000000000",
        "18446744073709551613",
        "18446744073709551614",
        "18446744073709551615",
    ] {
        let length = format!("Content-Length: {length}");
        // The first response to `Expect: 100-continue` has to be the 413.
        for headers in [&[length.as_str()][..], &[&length, "Expect: 100-continue"]] {
            function.assert_rejects(post(headers, ""), 413, "larger than 6291456 bytes");
        }
    }
}

#[test]
fn oversized_chunked_body_gets_413() {
    let function = EchoFunction::start();
    let mut body = String::new();
    for _ in 0..100 {
        let _ = write!(body, "10000\r\n{}\r\n", "x".repeat(0x10000));
    }
    function.assert_rejects(chunked_post(body), 413, "larger than 6291456 bytes");
}

#[test]
fn body_with_oversized_event_gets_413() {
    let function = EchoFunction::start();
    // In the event, the first body is 6.7 million characters of base64, and the second 24 million characters of JSON.
    for (content_type, byte) in [("application/octet-stream", "x"), ("text/plain", "\u{1}")] {
        let body = byte.repeat(5_000_000);
        let length = format!("Content-Length: {}", body.len());
        let headers = [length.as_str(), &format!("Content-Type: {content_type}")];
        function.assert_rejects(
            post(&headers, body),
            413,
            "the event for this request is larger than 6291456 bytes",
        );
    }
}

#[test]
fn body_below_size_limit_is_accepted() {
    let function = EchoFunction::start();
    let body = "x".repeat(6 * MIB - 4096);
    let length = format!("Content-Length: {}", body.len());
    let event = function.invoke(post(&[&length, "Content-Type: text/plain"], &body));
    assert!(event["body"] == *body);
}

#[test]
#[cfg(target_os = "linux")]
fn endless_body_gets_413_with_bounded_memory() {
    let function = EchoFunction::start();
    let mut socket = connect(&function.url);
    socket.write_all(&chunked_post("")).unwrap();
    let mut reader = socket.try_clone().unwrap();
    let writer = std::thread::spawn(move || {
        let chunk = format!("100000\r\n{}\r\n", "x".repeat(MIB));
        // Ends when the server closes the connection.
        while socket.write_all(chunk.as_bytes()).is_ok() {}
    });
    let response = String::from_utf8(read_to_end(&mut reader)).unwrap();
    assert!(response.starts_with("HTTP/1.1 413 "), "{response}");
    writer.join().unwrap();
    let peak = function.process.resources().peak_memory().unwrap() / 1024;
    assert!(peak < 64, "{peak} MiB");
    function.invoke(request_head("GET /", &[]));
}

#[test]
#[cfg(target_os = "linux")]
fn one_byte_chunks_use_bounded_memory() {
    let function = EchoFunction::start();
    function.invoke(request_head("GET /", &[]));
    let peak_memory = || function.process.resources().peak_memory().unwrap() / 1024;
    let before = peak_memory();
    // The malformed chunk at the end prevents an invocation, which would use memory for the event.
    let body = "1\r\nx\r\n".repeat(300_000) + "nonsense";
    function.assert_rejects(chunked_post(body), 400, "failed to read the request body");
    let growth = peak_memory() - before;
    assert!(growth < 8, "{growth} MiB for 300,000 bytes");
}

#[test]
fn conflicting_content_lengths_get_400() {
    let function = EchoFunction::start();
    let lengths = ["Content-Length: 1", "Content-Length: 2"];
    function.assert_rejects(post(&lengths, "ab"), 400, "invalid content-length");
}

#[test]
fn malformed_content_length_gets_400() {
    let function = EchoFunction::start();
    for length in ["-1", "+1", "0x1", "1, 2", "1 1", "", "99999999999999999999"] {
        let length = format!("Content-Length: {length}");
        function.assert_rejects(post(&[&length], "ab"), 400, "invalid content-length");
    }
}

/// RFC 9112, section 6.3: a server may process such a request by its chunks, but must then close the connection.
/// Otherwise, a proxy that used `Content-Length` could forward a second request, hidden after the chunks.
#[test]
fn content_length_with_chunked_closes_connection() {
    let function = EchoFunction::start();
    for headers in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 4",
    ] {
        // `request_head` is not used here because it sends `Connection: close`.
        let head = format!("POST / HTTP/1.1\r\nHost: localhost\r\n{headers}\r\nContent-Type: text/plain\r\n\r\n");
        let smuggled = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let event = function.invoke(format!("{head}3\r\nabc\r\n0\r\n\r\n{smuggled}"));
        assert_eq!(event["body"], "abc");
        assert_eq!(event["headers"].get("content-length"), None);
    }
    // `invoke` asserts the number of invocations, so a smuggled request would fail here.
    function.invoke(request_head("GET /", &[]));
}

#[test]
fn transfer_encoding_without_final_chunked_gets_400() {
    let function = EchoFunction::start();
    for encoding in ["gzip", "chunked, gzip", "xchunked", "identity"] {
        let encoding = format!("Transfer-Encoding: {encoding}");
        function.assert_rejects(post(&[&encoding], "0\r\n\r\n"), 400, "transfer-encoding");
    }
    // HTTP/1.0 has no `Transfer-Encoding`.
    let http_1_0 = "POST / HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    function.assert_rejects(http_1_0, 400, "transfer-encoding");
}

#[test]
fn malformed_chunks_get_400() {
    let function = EchoFunction::start();
    for body in [
        "g\r\nx\r\n0\r\n\r\n",
        "-1\r\nx\r\n0\r\n\r\n",
        "0x1\r\nx\r\n0\r\n\r\n",
        "\r\nx\r\n0\r\n\r\n",
        "1\nx\n0\n\n",
        "1\r\nxy\r\n0\r\n\r\n",
        "1 2\r\nx\r\n0\r\n\r\n",
        "1;a\nb\r\nx\r\n0\r\n\r\n",
        "10000000000000000\r\nx\r\n0\r\n\r\n",
        "0\r\nno colon\r\n\r\n",
    ] {
        function.assert_rejects(chunked_post(body), 400, "failed to read the request body");
    }
}

#[test]
fn oversized_chunk_extensions_and_trailers_get_400() {
    let function = EchoFunction::start();
    let long = "a".repeat(MIB);
    let extension = format!("1;{long}\r\nx\r\n0\r\n\r\n");
    function.assert_rejects(chunked_post(extension), 400, "chunk");
    let long_trailer = format!("0\r\nX-Long: {long}\r\n\r\n");
    function.assert_rejects(chunked_post(long_trailer), 400, "trailers");
    let many_trailers = format!("0\r\n{}\r\n", "a: b\r\n".repeat(200));
    function.assert_rejects(chunked_post(many_trailers), 400, "trailers");
}

#[test]
fn trailers_do_not_become_headers() {
    let function = EchoFunction::start();
    let event = function.invoke(chunked_post("1\r\nx\r\n0\r\nX-Late: a\r\nHost: evil.example\r\n\r\n"));
    assert_eq!(event["headers"].get("x-late"), None);
    assert_eq!(event["headers"]["host"], "localhost");
}
