//! `proxy`: what goes up and what comes down, against an upstream on raw sockets.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use serde_json::json;
use test_support::{BodyEnd, Event, MockRuntimeApi, Process, Response, read_request};

use crate::{HttpResponse, start};

const PATIENCE: Duration = Duration::from_secs(20);

/// Answers every request by `answer`, and closes its connection then.
fn upstream(answer: impl Fn(&mut TcpStream) + Send + 'static) -> (SocketAddr, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, requests) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.set_nodelay(true).unwrap();
            let _ = sender.send(read_request(&mut stream));
            answer(&mut stream);
        }
    });
    (address, requests)
}

/// An upstream that always answers with these bytes, and the proxy to it.
fn answering(answer: impl AsRef<[u8]>) -> (MockRuntimeApi, Process, Receiver<Vec<u8>>) {
    let answer = answer.as_ref().to_vec();
    let (address, requests) = upstream(move |stream| {
        let _ = stream.write_all(&answer);
    });
    let (lambda, function) = start("proxy", "UPSTREAM", format!("http://{address}"));
    (lambda, function, requests)
}

/// What a caller gets for a GET where the upstream answers with these bytes.
fn answer_to(upstream: impl AsRef<[u8]>) -> Response {
    let (lambda, _function, _requests) = answering(upstream);
    lambda.invoke(Event::function_url("GET", "/"))
}

#[test]
fn the_request_goes_up_without_what_was_of_its_connection() {
    let (lambda, _function, requests) = answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
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
    let request = requests.recv_timeout(PATIENCE).unwrap();
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
fn the_answer_comes_down_without_what_was_of_its_connection() {
    let body: Vec<u8> = (0..300_000_u32).map(|n| (n % 253) as u8).collect();
    let mut upstream = b"HTTP/1.1 418 Teapot\r\nContent-Type: text/tea\r\nX-Two: a\r\nX-Two: b\r\n\
        Set-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\nContent-Encoding: br\r\nX-Of-This-Hop: 1\r\n\
        Connection: close, x-of-this-hop\r\nKeep-Alive: timeout=5\r\nTrailer: x-sum\r\nUpgrade: h2c\r\n\
        Proxy-Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        .to_vec();
    for piece in body.chunks(70_001) {
        upstream.extend(format!("{:x}\r\n", piece.len()).bytes());
        upstream.extend_from_slice(piece);
        upstream.extend(b"\r\n");
    }
    upstream.extend(b"0\r\nx-sum: 5\r\n\r\n");
    let answer = answer_to(upstream);
    let response = HttpResponse::of(&answer);
    assert_eq!(response.status, 418);
    assert_eq!(
        response.headers,
        json!({"content-type": "text/tea", "x-two": "a, b", "content-encoding": "br"})
    );
    assert_eq!(response.cookies, json!(["a=1; Path=/", "b=2"]));
    assert!(response.body == body, "{} bytes", response.body.len());
    assert_eq!((answer.body_end(), answer.failed()), (BodyEnd::LastChunk, false));
}

#[test]
fn each_piece_passes_when_it_comes() {
    let (go_on, told): (Sender<()>, _) = channel();
    let (address, _requests) = upstream(move |stream| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            .unwrap();
        for piece in ["one", "two", "three"] {
            told.recv_timeout(PATIENCE).unwrap();
            write!(stream, "{:x}\r\n{piece}\r\n", piece.len()).unwrap();
        }
        told.recv_timeout(PATIENCE).unwrap();
        stream.write_all(b"0\r\n\r\n").unwrap();
    });
    let (lambda, _function) = start("proxy", "UPSTREAM", format!("http://{address}"));
    let pending = lambda.queue(Event::function_url("GET", "/"));
    // Status and headers do not wait for the body.
    pending.wait_for_body(|body| body.ends_with(&[0; 8]));
    for so_far in ["one", "onetwo", "onetwothree"] {
        go_on.send(()).unwrap();
        pending.wait_for_body(|body| body.ends_with(so_far.as_bytes()));
    }
    go_on.send(()).unwrap();
    assert_eq!(pending.wait().body_end(), BodyEnd::LastChunk);
}

#[test]
fn an_upstream_that_breaks_off_is_an_error_in_mid_stream() {
    for head in ["Content-Length: 100", "Transfer-Encoding: chunked"] {
        let body = if head.ends_with("chunked") {
            "3\r\nhal\r\n"
        } else {
            "hal"
        };
        let answer = answer_to(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}"));
        assert_eq!(HttpResponse::of(&answer).body, b"hal");
        let error = answer.error();
        assert!(error.error_type.starts_with("Function."), "{head}: {error:?}");
        assert!(!error.message.is_empty(), "{head}: {error:?}");
    }
}

#[test]
fn an_upstream_that_does_not_answer_is_a_bad_gateway() {
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    let (lambda, _function) = start("proxy", "UPSTREAM", format!("http://{address}"));
    let down = lambda.invoke(Event::function_url("GET", "/secret"));
    for answer in [down, answer_to(""), answer_to("HTTP/1.1 2"), answer_to("What?\r\n\r\n")] {
        let response = HttpResponse::of(&answer);
        assert_eq!((response.status, answer.failed()), (502, false));
        assert_eq!(response.header("content-type"), Some("text/plain; charset=utf-8"));
        let text = std::str::from_utf8(response.body).unwrap();
        assert!(text.starts_with("the upstream did not answer: "), "{text}");
        assert!(text.len() > "the upstream did not answer: \n".len(), "{text}");
        assert!(!text.contains("127.0.0.1") && !text.contains("secret"), "{text}");
    }
}

#[test]
fn redirects_and_answers_without_a_body_are_the_callers() {
    for (status, method) in [(302, "GET"), (204, "GET"), (304, "GET"), (200, "HEAD")] {
        let (lambda, _function, requests) = answering(format!(
            "HTTP/1.1 {status} It\r\nLocation: http://127.0.0.1:1/\r\n{}\r\n",
            if status == 204 { "" } else { "Content-Length: 0\r\n" }
        ));
        let answer = lambda.invoke(Event::function_url(method, "/"));
        let response = HttpResponse::of(&answer);
        assert_eq!((response.status, response.body.len()), (status, 0));
        assert_eq!(response.header("location"), Some("http://127.0.0.1:1/"));
        assert_eq!(answer.body_end(), BodyEnd::LastChunk);
        assert!(requests.recv_timeout(PATIENCE).unwrap().starts_with(method.as_bytes()));
    }
}

#[test]
fn no_connection_is_kept_from_one_invocation_to_the_next() {
    let (address, _requests) = upstream(|stream| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            .unwrap();
        // What was kept would be asked again here, and not answered.
        let mut stream = stream.try_clone().unwrap();
        thread::spawn(move || stream.read(&mut [0; 4096]));
    });
    let (lambda, _function) = start("proxy", "UPSTREAM", format!("http://{address}"));
    for _ in 0..3 {
        let answer = lambda.invoke(Event::function_url("GET", "/"));
        assert_eq!(HttpResponse::of(&answer).status, 200);
    }
}

/// Writes so many bytes as fast as they are taken.
fn flood(stream: &mut TcpStream, bytes: usize) {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {bytes}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let piece = vec![b'x'; 1_000_000];
    for _ in 0..bytes / piece.len() {
        stream.write_all(&piece).unwrap();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_fast_upstream_waits_for_a_slow_caller() {
    const LENGTH: usize = 40_000_000;
    let (address, _requests) = upstream(|stream| flood(stream, LENGTH));
    let (lambda, function) = start("proxy", "UPSTREAM", format!("http://{address}"));
    let answer = lambda.invoke(Event::function_url("GET", "/").event().read_slowly(12_000_000));
    let response = HttpResponse::of(&answer);
    assert!(response.body.len() == LENGTH && response.body.iter().all(|byte| *byte == b'x'));
    assert_eq!(answer.body_end(), BodyEnd::LastChunk);
    let peak = function.resources().peak_memory().unwrap();
    assert!(peak < 16 * 1024, "{peak} KiB");
}

#[test]
fn an_upstream_that_cannot_be_is_said_at_the_start() {
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
