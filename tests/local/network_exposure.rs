//! Network exposure: the addresses that the server listens on, `--host`, and access to the internal Runtime API.

use crate::echo_function::EchoFunction;
#[cfg(target_os = "linux")]
use crate::echo_function::request_head;
#[cfg(target_os = "linux")]
use test_support::{connect, exchange};

#[test]
#[cfg(target_os = "linux")]
fn default_host_listens_on_loopback_only() {
    let function = EchoFunction::start();
    for address in function.process.resources().listening_addresses().unwrap() {
        assert!(address.starts_with("127.0.0.1:"), "{address}");
    }
    assert!(!function.process.stderr().contains("warning"));
}

#[test]
fn loopback_host_rejects_network_without_warning() {
    let function = EchoFunction::start_with(&["--host", "localhost"]);
    let request = "GET / HTTP/1.1\r\nHost: 192.168.1.5\r\nConnection: close\r\n\r\n";
    function.assert_rejects(request, 403, "start it with --host");
    assert!(!function.process.stderr().contains("warning"));
}

#[test]
#[cfg(target_os = "linux")]
fn wildcard_host_accepts_ip_addresses_and_warns() {
    let function = EchoFunction::start_with(&["--host", "0.0.0.0"]);
    let warning = "warning: because of --host 0.0.0.0, anyone who can reach this machine over the network can invoke";
    function.process.wait_for_stderr(|text| text.contains(warning));
    let port = function.url.strip_prefix("http://127.0.0.1:").unwrap();
    let mut addresses = function.process.resources().listening_addresses().unwrap();
    addresses.sort();
    assert_eq!(addresses.len(), 2);
    assert_eq!(addresses[0], format!("0.0.0.0:{port}"));
    assert!(addresses[1].starts_with("127.0.0.1:"), "{addresses:?}");

    let request_to_host = |host: &str| format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    // Without `--host`, the server does not listen on this address.
    let url = format!("http://127.0.0.2:{port}");
    function.assert_rejects_at(
        &url,
        request_to_host("evil.example"),
        403,
        "call the function by an IP address",
    );
    for host in ["127.0.0.2", "192.168.1.5:9000", "[2001:db8::1]", "localhost"] {
        function.invoke(request_to_host(host));
    }
    let request_from_origin = |origin: &str| {
        let host = "192.168.1.5:9000";
        format!("GET / HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nConnection: close\r\n\r\n")
    };
    function.invoke(request_from_origin("http://192.168.1.5:5173"));
    for origin in ["http://192.168.1.6:5173", "https://evil.example", "null"] {
        function.assert_rejects(request_from_origin(origin), 403, "only pages of the machine");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn runtime_api_rejects_other_processes() {
    let function = EchoFunction::start();
    let (public, internal): (Vec<_>, Vec<_>) = function
        .process
        .resources()
        .listening_addresses()
        .unwrap()
        .into_iter()
        .partition(|address| function.url.ends_with(address));
    assert_eq!((public.len(), internal.len()), (1, 1));
    assert!(internal[0].starts_with("127.0.0.1:"), "{internal:?}");
    let runtime = "/2018-06-01/runtime";
    for method_and_target in [
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
            let response = exchange(connect(&internal[0]), request_head(method_and_target, headers));
            let response = String::from_utf8(response).unwrap();
            assert!(response.starts_with("HTTP/1.1 403 "), "{method_and_target}: {response}");
            assert!(
                response.contains("this port is only for the function itself"),
                "{response}"
            );
            assert!(!response.to_lowercase().contains("access-control"), "{response}");
        }
    }
    function.invoke(request_head("GET /", &[]));
}

#[test]
#[cfg(target_os = "linux")]
fn runtime_api_overload_keeps_function_connected() {
    let function = EchoFunction::start();
    function.invoke(request_head("GET /", &[]));
    let addresses = function.process.resources().listening_addresses().unwrap();
    let internal = addresses.iter().find(|address| !function.url.ends_with(*address));
    // The number exceeds the connection limit, so the server closes idle connections, but never the function's own.
    let _idle: Vec<_> = (0..600).map(|_| connect(internal.unwrap())).collect();
    function.invoke(request_head("GET /", &[]));
    let stderr = function.process.stderr();
    assert_eq!(stderr.matches("lambda-stream:").count(), 1, "{stderr}");
}
