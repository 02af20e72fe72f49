//! Request heads that the server rejects: oversized or malformed request lines and headers, `Host`, other protocols.

use crate::MIB;
use crate::echo_function::{EchoFunction, request_head};

#[test]
fn oversized_request_line_gets_431() {
    let function = EchoFunction::start();
    let path = "a".repeat(MIB);
    function.assert_rejects(
        request_head(&format!("GET /{path}"), &[]),
        431,
        "larger than 65536 bytes",
    );
}

#[test]
fn oversized_header_gets_431() {
    let function = EchoFunction::start();
    let header = format!("X-Large: {}", "a".repeat(MIB));
    function.assert_rejects(request_head("GET /", &[&header]), 431, "larger than 65536 bytes");
}

#[test]
fn too_many_headers_get_431() {
    let function = EchoFunction::start();
    function.assert_rejects(request_head("GET /", &["X-Many: a"; 101]), 431, "more than 100 headers");
}

#[test]
fn head_below_size_limit_is_accepted() {
    let function = EchoFunction::start();
    let value = "a".repeat(60_000);
    let event = function.invoke(request_head("GET /", &[&format!("X-Large: {value}")]));
    assert_eq!(event["headers"]["x-large"], *value);
}

#[test]
fn malformed_request_line_gets_400() {
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
        function.assert_rejects(
            format!("{line}\r\nHost: localhost\r\n\r\n"),
            400,
            "failed to read the request head",
        );
    }
}

#[test]
fn tls_or_http2_gets_400_naming_http1() {
    let function = EchoFunction::start();
    let tls = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n";
    function.assert_rejects(tls, 400, "send HTTP/1.1 without TLS");
    let http2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    function.assert_rejects(http2, 400, "send HTTP/1.1 without TLS");
}

#[test]
fn malformed_header_gets_400() {
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
        function.assert_rejects(request_head("GET /", &[header]), 400, "failed to read the request head");
    }
}

#[test]
fn nul_in_header_gets_400() {
    let function = EchoFunction::start();
    let head = request_head("GET /", &["X-Nul: a\0b"]);
    function.assert_rejects(head, 400, "invalid HTTP header");
}

#[test]
fn bare_cr_in_header_gets_400() {
    let function = EchoFunction::start();
    let head = request_head("GET /", &["X-Split: a\rX-Injected: b"]);
    function.assert_rejects(head, 400, "invalid HTTP header");
}

#[test]
fn folded_header_gets_400() {
    let function = EchoFunction::start();
    for folded in ["X-Folded: a\r\n b", "X-Folded: a\r\n\tb"] {
        function.assert_rejects(request_head("GET /", &[folded]), 400, "invalid HTTP header");
    }
}

#[test]
fn missing_repeated_or_invalid_host_gets_400() {
    let function = EchoFunction::start();
    function.assert_rejects(
        "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        400,
        "missing Host header",
    );
    function.assert_rejects(request_head("GET /", &["Host: localhost"]), 400, "more than once");
    for host in [
        "",
        "a b",
        "local\u{e9}host",
        "localhost:port:1",
        "http://localhost",
        "user@localhost",
        "user:password@localhost:80",
        "localhost@localhost",
        "@localhost",
        ":80",
        "localhost:abc",
        "localhost:+80",
        "localhost:-1",
        "localhost:65536",
        "localhost:99999999",
        "[::1]:abc",
        "[::1]x",
    ] {
        function.assert_rejects(
            format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
            400,
            "invalid Host header",
        );
    }
    for host in ["localhost:", "localhost:0", "localhost:00080", "localhost:65535"] {
        function.invoke(format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
    }
    // HTTP/1.0 does not require `Host`.
    function.invoke("GET / HTTP/1.0\r\n\r\n");
}

#[test]
fn invalid_host_in_request_target_gets_400() {
    let function = EchoFunction::start();
    for host in ["user@localhost", "localhost:abc", "localhost:99999999"] {
        function.assert_rejects(
            request_head(&format!("GET http://{host}/"), &[]),
            400,
            "in the request target",
        );
    }
}

#[test]
fn connect_method_gets_400() {
    let function = EchoFunction::start();
    function.assert_rejects(
        request_head("CONNECT localhost:9000", &[]),
        400,
        "CONNECT is only for proxies",
    );
}
