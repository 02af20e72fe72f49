//! The origin check: `Host`, `Origin` and `Sec-Fetch-*` decide whether a request comes from this machine.

use test_support::{connect, exchange, send_request};

use crate::echo_function::{EchoFunction, request_head};

/// Returns a GET request with this `Host`.
fn request_to_host(host: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
}

/// A page can make the name of its site resolve to this machine (DNS rebinding).
#[test]
fn foreign_host_is_rejected() {
    let function = EchoFunction::start();
    for host in [
        "evil.example",
        "evil.example:9000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "192.168.1.5",
    ] {
        function.assert_rejects(request_to_host(host), 403, "call the function as localhost");
        let message = format!("request rejected: the request is for the host `{host}`");
        function.process.wait_for_stderr(|text| text.contains(&message));
    }
}

#[test]
fn foreign_host_in_request_target_is_rejected() {
    let function = EchoFunction::start();
    function.assert_rejects(request_head("GET http://evil.example/", &[]), 403, "evil.example");
    let event = function.invoke(request_head("GET http://localhost:81/a", &[]));
    assert_eq!(event["rawPath"], "/a");
}

#[test]
fn loopback_host_is_accepted_at_any_port() {
    let function = EchoFunction::start();
    for host in [
        "localhost",
        "localhost:5000",
        "LOCALHOST",
        "app.localhost:9000",
        "127.0.0.1",
        "127.1.2.3:1",
        "[::1]:9000",
    ] {
        function.invoke(request_to_host(host));
    }
}

#[test]
fn cross_site_origin_is_rejected() {
    let function = EchoFunction::start();
    for origin in [
        "https://evil.example",
        "http://evil.example:9000",
        "http://localhost.evil.example",
        "http://192.168.1.5",
        "chrome-extension://abcdefgh",
        "https://localhost@evil.example",
    ] {
        let origin = format!("Origin: {origin}");
        for method in ["GET", "POST", "PUT", "OPTIONS"] {
            function.assert_rejects(
                request_head(&format!("{method} /"), &[&origin]),
                403,
                "open the page from http://localhost",
            );
        }
    }
}

#[test]
fn opaque_invalid_or_repeated_origin_is_rejected() {
    let function = EchoFunction::start();
    for origin in [
        "null",
        "",
        "file://",
        "not an origin",
        "https://a https://b",
        "http://user@localhost",
        "http://localhost:abc",
        "http://localhost:99999999",
    ] {
        function.assert_rejects(
            request_head("GET /", &[&format!("Origin: {origin}")]),
            403,
            "only pages of the machine",
        );
    }
    let repeated = ["Origin: http://localhost", "Origin: https://evil.example"];
    function.assert_rejects(request_head("GET /", &repeated), 400, "more than once");
}

#[test]
fn rejected_origin_is_logged_and_gets_no_cors() {
    let function = EchoFunction::start();
    // `assert_rejects` checks that the response has no CORS headers.
    let origin = "Origin: https://evil.example/\u{202e}";
    function.assert_rejects(request_head("GET /", &[origin]), 403, "evil.example");
    let message = "request rejected: the request comes from a page of `https://evil.example/\\xe2\\x80\\xae`";
    function.process.wait_for_stderr(|text| text.contains(message));
}

#[test]
fn cross_site_websocket_upgrade_is_rejected() {
    let function = EchoFunction::start();
    let upgrade = [
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Origin: https://evil.example",
    ];
    function.assert_rejects(request_head("GET /", &upgrade), 403, "evil.example");
}

/// A frontend development server runs on this machine at another port.
#[test]
fn local_origin_at_another_port_is_accepted() {
    let function = EchoFunction::start();
    for origin in [
        "http://localhost:5173",
        "http://127.0.0.1:3000",
        "https://app.localhost",
        "http://[::1]:8080",
    ] {
        let origin = format!("Origin: {origin}");
        // Without a CORS configuration, a Function URL on Lambda passes preflight requests to the function too.
        let preflight = [
            "Access-Control-Request-Method: PUT",
            "Sec-Fetch-Site: same-site",
            &origin,
        ];
        for request in [
            request_head("OPTIONS /", &preflight),
            request_head("PUT /", &["Sec-Fetch-Site: same-site", &origin]),
            request_head("POST /", &["Sec-Fetch-Site: cross-site", &origin]),
        ] {
            let event = function.invoke(request);
            assert_eq!(event["headers"]["origin"], origin["Origin: ".len()..]);
        }
    }
}

#[test]
fn cross_site_subresources_and_forms_are_rejected() {
    let function = EchoFunction::start();
    for (method_and_target, mode, destination) in [
        ("GET /", "no-cors", "image"),
        ("GET /", "no-cors", "script"),
        ("GET /", "navigate", "iframe"),
        ("POST /", "navigate", "document"),
    ] {
        let headers = [
            "Sec-Fetch-Site: cross-site",
            &format!("Sec-Fetch-Mode: {mode}"),
            &format!("Sec-Fetch-Dest: {destination}"),
        ];
        function.assert_rejects(request_head(method_and_target, &headers), 403, "use the same host");
    }
}

#[test]
fn links_and_same_site_requests_are_accepted() {
    let function = EchoFunction::start();
    for headers in [
        [
            "Sec-Fetch-Site: cross-site",
            "Sec-Fetch-Mode: navigate",
            "Sec-Fetch-Dest: document",
        ],
        [
            "Sec-Fetch-Site: none",
            "Sec-Fetch-Mode: navigate",
            "Sec-Fetch-Dest: document",
        ],
        [
            "Sec-Fetch-Site: same-origin",
            "Sec-Fetch-Mode: no-cors",
            "Sec-Fetch-Dest: image",
        ],
        [
            "Sec-Fetch-Site: same-site",
            "Sec-Fetch-Mode: no-cors",
            "Sec-Fetch-Dest: image",
        ],
    ] {
        function.invoke(request_head("GET /", &headers));
    }
}

/// One line for each reason and second, and one for the number of the others.
#[test]
fn repeated_rejections_are_summarized_in_log() {
    const REQUESTS: usize = 3000;
    let function = EchoFunction::start();
    let rejected = request_to_host("evil.example").replace("Connection: close\r\n", "");
    let last = request_to_host("evil.example");
    let responses = exchange(connect(&function.url), rejected.repeat(REQUESTS - 1) + &last);
    let responses = String::from_utf8(responses).unwrap();
    assert_eq!(responses.matches("HTTP/1.1 403 ").count(), REQUESTS);
    // Each request is either logged or counted.
    let counted = |text: &str| {
        let summaries = text.lines().filter_map(|line| {
            let (count, _) = line
                .strip_prefix("lambda-stream: ")?
                .split_once(" more requests rejected")?;
            count.parse::<usize>().ok()
        });
        text.matches("request rejected: ").count() + summaries.sum::<usize>()
    };
    let log = function.process.wait_for_stderr(|text| counted(text) == REQUESTS);
    assert!(log.lines().count() < REQUESTS / 20, "{log}");

    // Different reasons are limited too: a client can put any text into `Host`.
    for number in 0..500 {
        let host = format!("evil{number}.example");
        assert_eq!(send_request(&function.url, request_to_host(&host)).status(), 403);
    }
    let log = function.process.wait_for_stderr(|text| counted(text) == REQUESTS + 500);
    assert!(log.lines().count() < REQUESTS / 10, "{log}");
}
