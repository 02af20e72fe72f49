//! `proxy`: forwarded requests and responses, against an upstream server on raw sockets.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use serde_json::json;
use test_support::{BodyEnd, Event, MockRuntimeApi, Process, Response, read_request};

use crate::{HttpResponse, start};

const WAIT_TIMEOUT: Duration = Duration::from_secs(20);

/// Starts an upstream server. It reads each request, calls `respond`, and closes the connection. Returns its address and
/// the requests.
fn upstream(respond: impl Fn(&mut TcpStream) + Send + 'static) -> (SocketAddr, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, requests) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.set_nodelay(true).unwrap();
            let _ = sender.send(read_request(&mut stream));
            respond(&mut stream);
        }
    });
    (address, requests)
}

/// Starts an upstream server that sends these bytes as each response, and the proxy to it.
fn start_with_upstream(response: impl AsRef<[u8]>) -> (MockRuntimeApi, Process, Receiver<Vec<u8>>) {
    let response = response.as_ref().to_vec();
    let (address, requests) = upstream(move |stream| {
        let _ = stream.write_all(&response);
    });
    let (lambda, function) = start("proxy", "UPSTREAM", format!("http://{address}"));
    (lambda, function, requests)
}

/// Returns the proxy's response to a GET if the upstream server sends these bytes.
fn proxied(upstream: impl AsRef<[u8]>) -> Response {
    let (lambda, _function, _requests) = start_with_upstream(upstream);
    lambda.invoke(Event::function_url("GET", "/"))
}

#[test]
fn request_is_forwarded_without_hop_by_hop_headers() {
    let (lambda, _function, requests) = start_with_upstream("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let body = [0, 255, b'\r', b'\n', 0x80];
    let event = Event::function_url("PUT", "/a%20b//%C3%BC/../c?x=1&x=%26&y")
        .header("Content-Type", "application/octet-stream")
        .header("Content-Length", "5")
        .header("Accept-Encoding", "br")
        .header("Authorization", "Bearer one")
        .header("X-Mine", "1")
        .header("X-Mine", "2")
        .header("Connection", "close, X-Of-This-Hop")
        .header("X-Of-This-Hop", "1")
        .header("Keep-Alive", "timeout=5")
        .header("Proxy-Connection", "keep-alive")
        .header("TE", "trailers")
        .header("Trailer", "x-sum")
        .header("Transfer-Encoding", "chunked")
        .header("Upgrade", "h2c")
        .cookie("a=1")
        .cookie("b=2")
        .body(body);
    assert_eq!(HttpResponse::of(&lambda.invoke(event)).status, 200);
    let request = requests.recv_timeout(WAIT_TIMEOUT).unwrap();
    let end = request.windows(4).position(|end| end == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(request[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    assert_eq!(lines.next(), Some("PUT /a%20b//c?x=1&x=%26&y HTTP/1.1"));
    let mut headers: Vec<String> = lines.map(str::to_lowercase).collect();
    headers.retain(|line| !line.starts_with("host: 127.0.0.1:"));
    headers.sort();
    assert_eq!(
        headers,
        [
            "accept-encoding: br",
            "accept: */*",
            "authorization: bearer one",
            "content-length: 5",
            "content-type: application/octet-stream",
            "cookie: a=1; b=2",
            "via: 1.1 lambda-stream-proxy",
            "x-mine: 1,2",
        ]
    );
    assert_eq!(head.matches("ost: ").count(), 1);
    assert_eq!(&request[end + 4..], body);
}

#[test]
fn response_is_forwarded_without_hop_by_hop_headers() {
    let body: Vec<u8> = (0..300_000_u32).map(|n| (n % 253) as u8).collect();
    let mut upstream = b"HTTP/1.1 418 Teapot\r\nContent-Type: text/tea\r\nX-Two: a\r\nX-Two: b\r\n\
        Set-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\nContent-Encoding: br\r\nX-Of-This-Hop: 1\r\n\
        Connection: close, x-of-this-hop\r\nKeep-Alive: timeout=5\r\nTrailer: x-sum\r\nUpgrade: h2c\r\n\
        Proxy-Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        .to_vec();
    for chunk in body.chunks(70_001) {
        upstream.extend(format!("{:x}\r\n", chunk.len()).bytes());
        upstream.extend_from_slice(chunk);
        upstream.extend(b"\r\n");
    }
    upstream.extend(b"0\r\nx-sum: 5\r\n\r\n");
    let response = proxied(upstream);
    let http = HttpResponse::of(&response);
    assert_eq!(http.status, 418);
    assert_eq!(
        http.headers,
        json!({"content-type": "text/tea", "x-two": "a, b", "content-encoding": "br"})
    );
    assert_eq!(http.cookies, json!(["a=1; Path=/", "b=2"]));
    assert!(http.body == body, "{} bytes", http.body.len());
    assert_eq!((response.body_end(), response.failed()), (BodyEnd::LastChunk, false));
}

#[test]
fn each_chunk_is_forwarded_when_it_arrives() {
    let (next_chunk, may_send): (Sender<()>, _) = channel();
    let (address, _requests) = upstream(move |stream| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            .unwrap();
        for chunk in ["one", "two", "three"] {
            may_send.recv_timeout(WAIT_TIMEOUT).unwrap();
            write!(stream, "{:x}\r\n{chunk}\r\n", chunk.len()).unwrap();
        }
        may_send.recv_timeout(WAIT_TIMEOUT).unwrap();
        stream.write_all(b"0\r\n\r\n").unwrap();
    });
    let (lambda, _function) = start("proxy", "UPSTREAM", format!("http://{address}"));
    let pending = lambda.queue(Event::function_url("GET", "/"));
    // The prelude is sent before the upstream server sends a chunk.
    pending.wait_for_body(|body| body.ends_with(&[0; 8]));
    for expected in ["one", "onetwo", "onetwothree"] {
        next_chunk.send(()).unwrap();
        pending.wait_for_body(|body| body.ends_with(expected.as_bytes()));
    }
    next_chunk.send(()).unwrap();
    assert_eq!(pending.wait().body_end(), BodyEnd::LastChunk);
}

#[test]
fn truncated_upstream_response_is_mid_stream_error() {
    for head in ["Content-Length: 100", "Transfer-Encoding: chunked"] {
        let body = if head.ends_with("chunked") {
            "3\r\nhal\r\n"
        } else {
            "hal"
        };
        let response = proxied(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}"));
        assert_eq!(HttpResponse::of(&response).body, b"hal");
        let error = response.error();
        assert!(error.error_type.starts_with("Function."), "{head}: {error:?}");
        assert!(!error.message.is_empty(), "{head}: {error:?}");
    }
}

#[test]
fn unreachable_or_invalid_upstream_returns_502() {
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let (lambda, _function) = start("proxy", "UPSTREAM", format!("http://{address}"));
    let unreachable = lambda.invoke(Event::function_url("GET", "/secret"));
    let responses = [
        unreachable,
        proxied(""),
        proxied("HTTP/1.1 2"),
        proxied("What?\r\n\r\n"),
    ];
    for response in responses {
        let http = HttpResponse::of(&response);
        assert_eq!((http.status, response.failed()), (502, false));
        assert_eq!(http.header("content-type"), Some("text/plain; charset=utf-8"));
        let text = std::str::from_utf8(http.body).unwrap();
        assert!(text.starts_with("the upstream did not respond: "), "{text}");
        assert!(text.len() > "the upstream did not respond: \n".len(), "{text}");
        assert!(!text.contains("127.0.0.1") && !text.contains("secret"), "{text}");
    }
}

#[test]
fn redirect_and_bodiless_response_are_forwarded() {
    for (status, method) in [(302, "GET"), (204, "GET"), (304, "GET"), (200, "HEAD")] {
        let (lambda, _function, requests) = start_with_upstream(format!(
            "HTTP/1.1 {status} It\r\nLocation: http://127.0.0.1:1/\r\n{}\r\n",
            if status == 204 { "" } else { "Content-Length: 0\r\n" }
        ));
        let response = lambda.invoke(Event::function_url(method, "/"));
        let http = HttpResponse::of(&response);
        assert_eq!((http.status, http.body.len()), (status, 0));
        assert_eq!(http.header("location"), Some("http://127.0.0.1:1/"));
        assert_eq!(response.body_end(), BodyEnd::LastChunk);
        let request = requests.recv_timeout(WAIT_TIMEOUT).unwrap();
        assert!(request.starts_with(method.as_bytes()));
    }
}

#[test]
fn each_invocation_opens_a_new_connection() {
    let (address, _requests) = upstream(|stream| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            .unwrap();
        // Keeps the connection open. A second request on it would get no response.
        let mut stream = stream.try_clone().unwrap();
        thread::spawn(move || stream.read(&mut [0; 4096]));
    });
    let (lambda, _function) = start("proxy", "UPSTREAM", format!("http://{address}"));
    for _ in 0..3 {
        let response = lambda.invoke(Event::function_url("GET", "/"));
        assert_eq!(HttpResponse::of(&response).status, 200);
    }
}

/// Sends a response with a body of `length` bytes as fast as the proxy reads it.
fn flood(stream: &mut TcpStream, length: usize) {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let part = vec![b'x'; 1_000_000];
    for _ in 0..length / part.len() {
        stream.write_all(&part).unwrap();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn slow_reader_slows_upstream_in_bounded_memory() {
    const LENGTH: usize = 40_000_000;
    let (address, _requests) = upstream(|stream| flood(stream, LENGTH));
    let (lambda, function) = start("proxy", "UPSTREAM", format!("http://{address}"));
    let response = lambda.invoke(Event::function_url("GET", "/").event().read_slowly(12_000_000));
    let http = HttpResponse::of(&response);
    assert!(http.body.len() == LENGTH && http.body.iter().all(|byte| *byte == b'x'));
    assert_eq!(response.body_end(), BodyEnd::LastChunk);
    let peak = function.resources().peak_memory().unwrap();
    assert!(peak < 16 * 1024, "{peak} KiB");
}

#[test]
fn invalid_upstream_address_fails_init_with_reason() {
    for address in [
        "",
        "10.0.0.1:80",
        "https://10.0.0.1",
        "http://10.0.0.1/path",
        "http://10.0.0.1/?x",
        "http://",
        "::",
    ] {
        let (lambda, function) = start("proxy", "UPSTREAM", address);
        let error = lambda.wait_for_init_error().error();
        assert!(error.message.contains("UPSTREAM"), "{}", error.message);
        assert_eq!(function.exit_code(), Some(1));
    }
}
