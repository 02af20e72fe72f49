//! Pages of other sites in the user's browser, and who can reach the function at all.

use test_support::{Process, example};

use crate::echo_function::{EchoFunction, head};
#[cfg(target_os = "linux")]
use test_support::{connect, exchange};

fn with_host(host: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
}

#[test]
fn a_page_that_rebinds_its_name_to_this_machine_gets_nothing() {
    let function = EchoFunction::start();
    for host in [
        "evil.example",
        "evil.example:9000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "192.168.1.5",
    ] {
        function.rejects(with_host(host), 403, "call it as localhost");
        let said = format!("refused: the request is for the host `{host}`");
        function.process.wait_for_stderr(|text| text.contains(&said));
    }
}

#[test]
fn a_name_in_the_request_line_is_no_way_around_the_host() {
    let function = EchoFunction::start();
    function.rejects(head("GET http://evil.example/", &[]), 403, "evil.example");
    assert_eq!(function.event(head("GET http://localhost:81/a", &[]))["rawPath"], "/a");
}

#[test]
fn every_name_of_this_machine_is_served_at_any_port() {
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
        function.event(with_host(host));
    }
}

#[test]
fn a_page_of_another_site_cannot_invoke_the_function() {
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
            function.rejects(
                head(&format!("{method} /"), &[&origin]),
                403,
                "open the page from http://localhost",
            );
        }
    }
}

#[test]
fn a_page_that_hides_its_site_cannot_either() {
    let function = EchoFunction::start();
    for origin in ["null", "", "file://", "not an origin", "https://a https://b"] {
        function.rejects(
            head("GET /", &[&format!("Origin: {origin}")]),
            403,
            "only pages of the machine",
        );
    }
    let twice = ["Origin: http://localhost", "Origin: https://evil.example"];
    function.rejects(head("GET /", &twice), 400, "more than once");
}

#[test]
fn a_refusal_tells_a_page_nothing_and_its_author_everything() {
    let function = EchoFunction::start();
    // That there are no CORS headers in it, `refuses` checks.
    let origin = "Origin: https://evil.example/\u{202e}";
    function.rejects(head("GET /", &[origin]), 403, "evil.example");
    let said = "refused: the request is from a page of `https://evil.example/\\xe2\\x80\\xae`";
    function.process.wait_for_stderr(|text| text.contains(said));
}

#[test]
fn a_web_socket_of_another_site_is_refused() {
    let function = EchoFunction::start();
    let upgrade = [
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Origin: https://evil.example",
    ];
    function.rejects(head("GET /", &upgrade), 403, "evil.example");
}

#[test]
fn a_front_end_in_development_may_call_the_function() {
    let function = EchoFunction::start();
    for origin in [
        "http://localhost:5173",
        "http://127.0.0.1:3000",
        "https://app.localhost",
        "http://[::1]:8080",
    ] {
        let origin = format!("Origin: {origin}");
        // As on a real Function URL without a CORS configuration, the preflight is the function's business too.
        let preflight = [
            "Access-Control-Request-Method: PUT",
            "Sec-Fetch-Site: same-site",
            &origin,
        ];
        for request in [
            head("OPTIONS /", &preflight),
            head("PUT /", &["Sec-Fetch-Site: same-site", &origin]),
            head("POST /", &["Sec-Fetch-Site: cross-site", &origin]),
        ] {
            let event = function.event(request);
            assert_eq!(event["headers"]["origin"], origin["Origin: ".len()..]);
        }
    }
}

#[test]
fn an_image_a_script_a_frame_and_a_form_of_another_site_are_refused() {
    let function = EchoFunction::start();
    let cross = "Sec-Fetch-Site: cross-site";
    for (first, mode, dest) in [
        ("GET /", "no-cors", "image"),
        ("GET /", "no-cors", "script"),
        ("GET /", "navigate", "iframe"),
        ("POST /", "navigate", "document"),
    ] {
        let (mode, dest) = (format!("Sec-Fetch-Mode: {mode}"), format!("Sec-Fetch-Dest: {dest}"));
        function.rejects(head(first, &[cross, &mode, &dest]), 403, "use the same host");
    }
}

#[test]
fn a_link_and_pages_of_the_same_site_are_served() {
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
        function.event(head("GET /", &headers));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn the_runtime_api_inside_answers_the_function_alone() {
    let function = EchoFunction::start();
    let (outer, inner): (Vec<_>, Vec<_>) = function
        .process
        .resources()
        .listening_addresses()
        .unwrap()
        .into_iter()
        .partition(|address| function.url.ends_with(address));
    assert_eq!((outer.len(), inner.len()), (1, 1));
    assert!(inner[0].starts_with("127.0.0.1:"), "{inner:?}");
    let runtime = "/2018-06-01/runtime";
    for first in [
        &format!("GET {runtime}/invocation/next"),
        &format!("POST {runtime}/init/error"),
        &format!("GET /secret{runtime}/invocation/next"),
        &format!("GET //{runtime}/invocation/next"),
        "GET /",
        "OPTIONS *",
    ] {
        for headers in [
            &[][..],
            &["Origin: https://evil.example"],
            &["Origin: http://localhost"],
        ] {
            let answer = exchange(connect(&inner[0]), head(first, headers));
            let answer = String::from_utf8(answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 403 "), "{first}: {answer}");
            assert!(answer.contains("this port is for the function alone"), "{answer}");
            assert!(!answer.to_lowercase().contains("access-control"), "{answer}");
        }
    }
    function.event(head("GET /", &[]));
}

#[test]
#[cfg(target_os = "linux")]
fn strangers_at_the_runtime_api_inside_do_not_disturb_the_function() {
    let function = EchoFunction::start();
    function.event(head("GET /", &[]));
    let inner = function.process.resources().listening_addresses().unwrap();
    let inner = inner.iter().find(|address| !function.url.ends_with(*address));
    // More than may be open: what gives way is never the function's own connection.
    let _strangers: Vec<_> = (0..600).map(|_| connect(inner.unwrap())).collect();
    function.event(head("GET /", &[]));
    let said = function.process.stderr();
    assert_eq!(said.matches("lambda-stream:").count(), 1, "{said}");
}

#[test]
#[cfg(target_os = "linux")]
fn nobody_but_this_machine_reaches_it_unless_asked() {
    let function = EchoFunction::start();
    for address in function.process.resources().listening_addresses().unwrap() {
        assert!(address.starts_with("127.0.0.1:"), "{address}");
    }
    assert!(!function.process.stderr().contains("warning"));
}

#[test]
#[cfg(target_os = "linux")]
fn with_host_the_network_reaches_it_by_address_and_the_user_is_warned() {
    let function = EchoFunction::start_with(&["--host", "0.0.0.0"]);
    let warning = "warning: because of --host 0.0.0.0, anyone who can reach this machine over the network can invoke";
    function.process.wait_for_stderr(|text| text.contains(warning));
    let port = function.url.strip_prefix("http://127.0.0.1:").unwrap();
    let mut listeners = function.process.resources().listening_addresses().unwrap();
    listeners.sort();
    assert_eq!(listeners.len(), 2);
    assert_eq!(listeners[0], format!("0.0.0.0:{port}"));
    assert!(listeners[1].starts_with("127.0.0.1:"), "{listeners:?}");

    // Another address of this machine, where nobody listens without `--host`.
    let url = format!("http://127.0.0.2:{port}");
    function.rejects_at(&url, with_host("evil.example"), 403, "call it by an IP address");
    for host in ["127.0.0.2", "192.168.1.5:9000", "[2001:db8::1]", "localhost"] {
        function.event(with_host(host));
    }
    let page = |origin: &str| {
        let host = "192.168.1.5:9000";
        format!("GET / HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nConnection: close\r\n\r\n")
    };
    function.event(page("http://192.168.1.5:5173"));
    for origin in ["http://192.168.1.6:5173", "https://evil.example", "null"] {
        function.rejects(page(origin), 403, "only pages of the machine");
    }
}

#[test]
fn with_a_loopback_host_nobody_is_warned_and_the_network_stays_out() {
    let function = EchoFunction::start_with(&["--host", "localhost"]);
    function.rejects(with_host("192.168.1.5"), 403, "start it with --host");
    assert!(!function.process.stderr().contains("warning"));
}

#[test]
fn a_host_that_cannot_be_listened_on_is_an_error_that_says_so() {
    let run = |arguments: &[&str]| {
        let mut command = Process::command(example("hello"));
        command.args(arguments);
        let function = Process::spawn(command);
        (function.exit_code(), function.stderr())
    };
    // RFC 5737: an address that no machine has.
    let (status, said) = run(&["--host", "192.0.2.1", "--port", "0"]);
    assert_eq!(status, Some(1), "{said}");
    assert!(
        said.contains("cannot listen on 192.0.2.1:0") && said.contains("an address that this machine has"),
        "{said}"
    );
    for (arguments, named) in [
        (&["--host", "my-laptop"][..], "`my-laptop`"),
        (&["--host", "0.0.0.0:80"], "`0.0.0.0:80`"),
        (&["--host"], "--host needs a value"),
        (&["--host", "0.0.0.0", "--event", "{}"], "--event"),
    ] {
        let (status, said) = run(arguments);
        assert_eq!(status, Some(2), "{said}");
        assert!(said.contains(named), "{said}");
    }
}
