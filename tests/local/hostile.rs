//! Input from outside that is hostile, or broken: what is refused, with which words, and that nothing else comes of it.

use std::fmt::Write as _;
use std::io::Write;
use std::net::Shutdown;

use serde_json::json;
use test_support::{connect, example, exchange, read_to_end, send_request};

use crate::echo_function::{EchoFunction, head, post, scripted};
use crate::serve;

const SCRIPTED: &str = env!("CARGO_BIN_EXE_scripted");
const MIB: usize = 1024 * 1024;

fn chunked(body: impl AsRef<[u8]>) -> Vec<u8> {
    post(&["Transfer-Encoding: chunked"], body)
}

// Too large.

#[test]
fn a_request_line_that_is_too_large_is_refused() {
    let function = EchoFunction::start();
    let path = "a".repeat(MIB);
    function.rejects(head(&format!("GET /{path}"), &[]), 431, "larger than 65536 bytes");
}

#[test]
fn a_header_that_is_too_large_is_refused() {
    let function = EchoFunction::start();
    let header = format!("X-Large: {}", "a".repeat(MIB));
    function.rejects(head("GET /", &[&header]), 431, "larger than 65536 bytes");
}

#[test]
fn too_many_headers_are_refused() {
    let function = EchoFunction::start();
    function.rejects(head("GET /", &["X-Many: a"; 101]), 431, "more than 100 headers");
}

#[test]
fn the_largest_head_that_is_allowed_passes() {
    let function = EchoFunction::start();
    let value = "a".repeat(60_000);
    let event = function.event(head("GET /", &[&format!("X-Large: {value}")]));
    assert_eq!(event["headers"]["x-large"], *value);
}

#[test]
fn a_body_that_is_announced_too_large_is_refused_before_it_is_sent() {
    let function = EchoFunction::start();
    for length in ["6291457", "100000000000", "18446744073709551613"] {
        let length = format!("Content-Length: {length}");
        // With the second header the caller waits to be told to go on: the first thing that it hears is the refusal.
        for headers in [&[length.as_str()][..], &[&length, "Expect: 100-continue"]] {
            function.rejects(post(headers, ""), 413, "larger than 6291456 bytes");
        }
    }
}

#[test]
fn a_body_that_grows_too_large_is_refused() {
    let function = EchoFunction::start();
    let mut body = String::new();
    for _ in 0..100 {
        let _ = write!(body, "10000\r\n{}\r\n", "x".repeat(0x10000));
    }
    function.rejects(chunked(body), 413, "larger than 6291456 bytes");
}

#[test]
fn a_body_whose_event_is_too_large_is_refused_as_on_lambda() {
    let function = EchoFunction::start();
    // As base64 it has 6.7 million characters, and as JSON text 24 million.
    for (content_type, byte) in [("application/octet-stream", "x"), ("text/plain", "\u{1}")] {
        let body = byte.repeat(5_000_000);
        let length = format!("Content-Length: {}", body.len());
        let headers = [length.as_str(), &format!("Content-Type: {content_type}")];
        function.rejects(post(&headers, body), 413, "an event larger than 6291456 bytes");
    }
}

#[test]
fn a_body_of_almost_six_mebibytes_passes() {
    let function = EchoFunction::start();
    let body = "x".repeat(6 * MIB - 4096);
    let length = format!("Content-Length: {}", body.len());
    let event = function.event(post(&[&length, "Content-Type: text/plain"], &body));
    assert!(event["body"] == *body);
}

#[test]
#[cfg(target_os = "linux")]
fn a_body_without_end_is_refused_and_costs_no_memory() {
    let function = EchoFunction::start();
    let mut socket = connect(&function.url);
    socket.write_all(&chunked("")).unwrap();
    let mut reader = socket.try_clone().unwrap();
    let endless = std::thread::spawn(move || {
        let chunk = format!("100000\r\n{}\r\n", "x".repeat(MIB));
        // This ends only if the function ends it.
        while socket.write_all(chunk.as_bytes()).is_ok() {}
    });
    let answer = String::from_utf8(read_to_end(&mut reader)).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    endless.join().unwrap();
    let peak = function.process.resources().peak_memory().unwrap() / 1024;
    assert!(peak < 64, "{peak} MiB");
    function.event(head("GET /", &[]));
}

#[test]
#[cfg(target_os = "linux")]
fn a_body_in_chunks_of_one_byte_costs_no_more_memory_than_its_bytes() {
    let function = EchoFunction::start();
    function.event(head("GET /", &[]));
    let peak_memory = || function.process.resources().peak_memory().unwrap() / 1024;
    let before = peak_memory();
    // It ends in an error, so that the function makes nothing of it.
    let body = "1\r\nx\r\n".repeat(300_000) + "nonsense";
    function.rejects(chunked(body), 400, "the request's body cannot be read");
    let grown = peak_memory() - before;
    assert!(grown < 8, "{grown} MiB for 300,000 bytes");
}

// Malformed.

#[test]
fn a_bad_request_line_is_refused() {
    let function = EchoFunction::start();
    for line in [
        "nonsense",
        "GET / HTTP/9.9",
        "GET / HTTP/1.1 more",
        "GET",
        "GET /",
        "G@T / HTTP/1.1",
        "GET /a\0b HTTP/1.1",
        "GET /a\u{7f}\u{1}b HTTP/1.1",
        "GET\t/ HTTP/1.1",
    ] {
        function.rejects(
            format!("{line}\r\nHost: localhost\r\n\r\n"),
            400,
            "the request's head cannot be read",
        );
    }
}

#[test]
fn another_protocol_is_told_to_speak_this_one() {
    let function = EchoFunction::start();
    let tls = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n";
    function.rejects(tls, 400, "send HTTP/1.1, without TLS");
    function.rejects(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "send HTTP/1.1, without TLS");
}

#[test]
fn a_bad_header_is_refused() {
    let function = EchoFunction::start();
    for header in [
        "no colon",
        "in valid: a",
        "Ex\0pect: a",
        ": a",
        "Space-Before : a",
        "\u{e9}: a",
        "A: \u{1}",
    ] {
        function.rejects(head("GET /", &[header]), 400, "the request's head cannot be read");
    }
}

#[test]
fn a_nul_in_a_header_is_refused() {
    let function = EchoFunction::start();
    function.rejects(head("GET /", &["X-Nul: a\0b"]), 400, "invalid HTTP header");
}

#[test]
fn a_bare_carriage_return_in_a_header_is_refused() {
    let function = EchoFunction::start();
    function.rejects(
        head("GET /", &["X-Split: a\rX-Injected: b"]),
        400,
        "invalid HTTP header",
    );
}

#[test]
fn a_folded_header_is_refused() {
    let function = EchoFunction::start();
    for fold in ["X-Folded: a\r\n b", "X-Folded: a\r\n\tb"] {
        function.rejects(head("GET /", &[fold]), 400, "invalid HTTP header");
    }
}

#[test]
fn two_different_lengths_are_refused() {
    let function = EchoFunction::start();
    let lengths = ["Content-Length: 1", "Content-Length: 2"];
    function.rejects(post(&lengths, "ab"), 400, "invalid content-length");
}

#[test]
fn a_length_that_is_no_number_is_refused() {
    let function = EchoFunction::start();
    for length in ["-1", "+1", "0x1", "1, 2", "1 1", "", "99999999999999999999"] {
        let length = format!("Content-Length: {length}");
        function.rejects(post(&[&length], "ab"), 400, "invalid content-length");
    }
}

/// RFC 9112, section 6.3: a server may answer it, and must then end the connection, so that whoever passed it on and
/// counted differently has nothing that it could be taken for.
#[test]
fn a_length_beside_chunks_is_not_believed_and_nothing_behind_the_chunks_is_read() {
    let function = EchoFunction::start();
    for headers in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 4",
    ] {
        // Not `head`, which asks for the end of the connection itself.
        let head = format!("POST / HTTP/1.1\r\nHost: localhost\r\n{headers}\r\nContent-Type: text/plain\r\n\r\n");
        let smuggled = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let event = function.event(format!("{head}3\r\nabc\r\n0\r\n\r\n{smuggled}"));
        assert_eq!(event["body"], "abc");
        assert_eq!(event["headers"].get("content-length"), None);
    }
    // Which counts the invocations.
    function.event(self::head("GET /", &[]));
}

#[test]
fn an_encoding_that_does_not_end_in_chunks_is_refused() {
    let function = EchoFunction::start();
    for encoding in ["gzip", "chunked, gzip", "xchunked", "identity"] {
        let encoding = format!("Transfer-Encoding: {encoding}");
        function.rejects(post(&[&encoding], "0\r\n\r\n"), 400, "transfer-encoding");
    }
    let old = "POST / HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    function.rejects(old, 400, "transfer-encoding");
}

#[test]
fn bad_chunks_are_refused() {
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
        function.rejects(chunked(body), 400, "the request's body cannot be read");
    }
}

#[test]
fn chunk_extensions_and_trailers_without_end_are_refused() {
    let function = EchoFunction::start();
    let long = "a".repeat(MIB);
    function.rejects(chunked(format!("1;{long}\r\nx\r\n0\r\n\r\n")), 400, "chunk");
    function.rejects(chunked(format!("0\r\nX-Long: {long}\r\n\r\n")), 400, "trailers");
    function.rejects(chunked(format!("0\r\n{}\r\n", "a: b\r\n".repeat(200))), 400, "trailers");
}

#[test]
fn trailers_do_not_become_headers() {
    let function = EchoFunction::start();
    let event = function.event(chunked("1\r\nx\r\n0\r\nX-Late: a\r\nHost: evil.example\r\n\r\n"));
    assert_eq!(event["headers"].get("x-late"), None);
    assert_eq!(event["headers"]["host"], "localhost");
}

#[test]
fn one_host_is_asked_for() {
    let function = EchoFunction::start();
    function.rejects("GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 400, "Host is missing");
    function.rejects(head("GET /", &["Host: localhost"]), 400, "more than once");
    for host in ["", "a b", "local\u{e9}host", "localhost:port:1", "http://localhost"] {
        function.rejects(
            format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
            400,
            "the header Host is",
        );
    }
    function.event("GET / HTTP/1.0\r\n\r\n");
}

#[test]
fn a_proxy_is_not_what_this_is() {
    let function = EchoFunction::start();
    function.rejects(head("CONNECT localhost:9000", &[]), 400, "CONNECT is for proxies");
}

#[test]
fn a_request_that_breaks_off_is_not_an_invocation() {
    let whole = post(&["Content-Length: 3"], "abc");
    let function = EchoFunction::start();
    for length in 0..whole.len() {
        let mut socket = connect(&function.url);
        socket.write_all(&whole[..length]).unwrap();
        socket.shutdown(Shutdown::Write).unwrap();
        let answer = String::from_utf8(read_to_end(&mut socket)).unwrap();
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 400 "),
            "{length}: {answer}"
        );
    }
    function.event(whole);
}

// What stays text.

#[test]
fn a_path_stays_the_text_that_it_is() {
    let function = EchoFunction::start();
    for path in [
        "/../../etc/passwd",
        "/..%2f..%2Fetc%2fpasswd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/a/./b//c/../",
        "/%00%0d%0aX-Injected:%20a",
        "/\\..\\windows",
        "//evil.example/a",
        "/%ff%fe",
    ] {
        let event = function.event(head(&format!("GET {path}?q={path}"), &[]));
        assert_eq!(event["rawPath"], path);
        assert_eq!(event["requestContext"]["http"]["path"], path);
        assert_eq!(event["rawQueryString"], format!("q={path}"));
    }
}

#[test]
fn text_that_is_not_utf_8_becomes_an_event_all_the_same() {
    let function = EchoFunction::start();
    let mut request = b"GET /?a=%ff&%fe=b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n".to_vec();
    request.extend_from_slice(b"X-Bytes: a\xff\xfe\xf0\x9f\r\nCookie: c\xff; d\r\nUser-Agent: \xc3\x28\r\n\r\n");
    let event = function.event(request);
    assert_eq!(event["headers"]["x-bytes"], "a\u{fffd}\u{fffd}\u{fffd}");
    assert_eq!(event["cookies"], json!(["c\u{fffd}", "d"]));
    assert_eq!(event["requestContext"]["http"]["userAgent"], "\u{fffd}(");
    assert_eq!(
        event["queryStringParameters"],
        json!({ "a": "\u{fffd}", "\u{fffd}": "b" })
    );

    function.rejects(b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "invalid URI");
}

#[test]
fn names_that_mean_something_to_json_or_to_a_program_are_text_too() {
    let function = EchoFunction::start();
    let event = function.event(head(
        "GET /?__proto__=1&%22%7D=2&a%5Bb%5D=3",
        &["X-Quote: \"},{\\\"a\\\":1", "__proto__: a", "constructor: b"],
    ));
    assert_eq!(
        event["queryStringParameters"],
        json!({ "__proto__": "1", "\"}": "2", "a[b]": "3" })
    );
    assert_eq!(event["headers"]["x-quote"], "\"},{\\\"a\\\":1");
    assert_eq!(event["headers"]["__proto__"], "a");
}

#[test]
fn a_status_or_header_that_would_split_the_response_is_an_error_instead() {
    let (_function, url) = serve(SCRIPTED);
    for http in [
        json!({ "status": 200, "headers": [["X-A", "a\r\nX-Injected: b"]] }),
        json!({ "status": 200, "headers": [["X-A: b\r\nX-Injected", "c"]] }),
        json!({ "status": 200, "cookies": ["a=b\r\nX-Injected: c"] }),
        json!({ "status": 100 }),
        json!({ "status": 99 }),
        json!({ "status": 200, "headers": [["X-Large", "a".repeat(20_000)]] }),
    ] {
        let answer = send_request(&url, scripted(json!([{ "prelude": http }, { "write": "x" }])));
        let head = answer.head.text.to_lowercase();
        assert_eq!(answer.status(), 502, "{http}: {head}");
        assert!(!head.contains("\r\nx-injected"), "{head}");
    }
}

#[test]
fn a_refusal_does_not_end_a_connection_that_is_sound() {
    let function = EchoFunction::start();
    let bad = "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n";
    let good = head("GET /", &[]);
    let answers = exchange(connect(&function.url), format!("{bad}{good}"));
    let answers = String::from_utf8(answers).unwrap();
    assert!(answers.starts_with("HTTP/1.1 403 "), "{answers}");
    assert!(answers.contains("HTTP/1.1 200 OK"), "{answers}");
}

#[test]
fn answers_before_a_malformed_request_arrive_whole() {
    let (_function, url) = serve(example("hello"));
    let good = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let answers = String::from_utf8(exchange(connect(&url), format!("{good}nonsense\r\n\r\n"))).unwrap();
    let (first, second) = answers.split_once("0\r\n\r\n").unwrap();
    assert!(
        first.starts_with("HTTP/1.1 200 OK\r\n") && first.contains("stream.\n"),
        "{answers}"
    );
    assert!(second.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answers}");
    assert!(second.contains("the request's head cannot be read"), "{answers}");
}

#[test]
fn one_caller_after_the_other_may_be_hostile() {
    let function = EchoFunction::start();
    for _ in 0..3 {
        function.rejects(head("GET /", &["bad"]), 400, "head cannot be read");
        function.rejects(head("GET /", &["Origin: https://evil.example"]), 403, "evil.example");
        function.rejects(post(&["Content-Length: 6291457"], ""), 413, "larger than");
        function.rejects(chunked("x"), 400, "body cannot be read");
    }
}
