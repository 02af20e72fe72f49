//! The limits of Lambda.

use std::net::SocketAddr;

use super::super::super::platform_limits::{
    BYTES_PER_SECOND, MAX_BUFFERED_BYTES, MAX_STREAMED_BYTES, UNTHROTTLED_BYTES,
};
use super::super::super::settings::{LimitSettings, Settings};
use super::super::super::test_client::{RuntimeApiClient, read_to_end, send, start};
use super::{INTEGRATION_RESPONSE, get};
use crate::protocol::MAX_EVENT_LENGTH;

fn start_with_limits(limits: LimitSettings) -> (RuntimeApiClient, SocketAddr) {
    start(Settings {
        limits,
        ..Settings::default()
    })
}

#[test]
fn event_over_limit_is_accepted_without_size_limit() {
    let (function, url) = start_with_limits(LimitSettings {
        size: false,
        ..LimitSettings::default()
    });
    let length = MAX_EVENT_LENGTH + 1;
    let mut request =
        format!("POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n")
            .into_bytes();
    request.resize(request.len() + length, b'x');
    let caller = std::thread::spawn(move || read_to_end(send(url, &request)));
    let id = function.next_id();
    let payload = "y".repeat(MAX_BUFFERED_BYTES + 1);
    let reply = function.post(&format!("invocation/{id}/response"), "", &payload);
    assert!(reply.starts_with("HTTP/1.1 202 "), "{reply}");
    let response = caller.join().unwrap();
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(response.ends_with(&payload));

    // The memory for requests stays limited.
    let request = b"POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 999999999999\r\n\r\n";
    let response = read_to_end(send(url, request));
    assert!(response.starts_with("HTTP/1.1 429 "), "{response}");
}

#[test]
fn prelude_over_limit_is_accepted_without_prelude_limit() {
    let (function, url) = start_with_limits(LimitSettings {
        prelude: false,
        ..LimitSettings::default()
    });
    let caller = get(url);
    let mut response = function.start_response(&function.next_id(), INTEGRATION_RESPONSE);
    response.chunk(format!("{{\"headers\":{{\"a\":\"{}\"}}}}", "x".repeat(20_000)));
    response.chunk("\0\0\0\0\0\0\0\0");
    response.end();
    assert!(read_to_end(caller).starts_with("HTTP/1.1 200 OK\r\n"));
}

#[test]
fn stream_over_200_mib_is_rejected() {
    const MIB: usize = 1024 * 1024;
    for (size, status) in [(true, "413"), (false, "202")] {
        let (function, url) = start_with_limits(LimitSettings {
            size,
            ..LimitSettings::default()
        });
        let mut caller = get(url);
        let function = std::thread::spawn(move || {
            let mut response = function.start_response(&function.next_id(), "text/plain");
            let chunk = vec![b'x'; 4 * MIB];
            for _ in 0..MAX_STREAMED_BYTES / chunk.len() {
                response.chunk(&chunk);
            }
            response.chunk("x");
            response.end()
        });
        let mut received = 0;
        let mut buffer = vec![0; MIB];
        let mut end = [0; 5];
        loop {
            let count = std::io::Read::read(&mut caller, &mut buffer).unwrap();
            if count == 0 {
                break;
            }
            received += count;
            if count >= end.len() {
                end.copy_from_slice(&buffer[count - 5..count]);
            }
        }
        let reply = function.join().unwrap();
        assert!(reply.starts_with(&format!("HTTP/1.1 {status} ")), "{reply}");
        assert!(received >= MAX_STREAMED_BYTES - MIB, "{received}");
        assert_eq!(&end == b"0\r\n\r\n", !size, "{end:?}");
    }
}

#[test]
fn bandwidth_limit_delays_the_function() {
    let (function, url) = start_with_limits(LimitSettings {
        bandwidth: true,
        ..LimitSettings::default()
    });
    let caller = get(url);
    let start = std::time::Instant::now();
    let function = std::thread::spawn(move || {
        let mut response = function.start_response(&function.next_id(), "text/plain");
        response.chunk(vec![b'x'; UNTHROTTLED_BYTES + BYTES_PER_SECOND]);
        let reply = response.end();
        (reply, start.elapsed())
    });
    let response = read_to_end(caller);
    let (reply, elapsed) = function.join().unwrap();
    assert!(reply.starts_with("HTTP/1.1 202 "), "{reply}");
    let (_, body) = response.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.matches('x').count(), UNTHROTTLED_BYTES + BYTES_PER_SECOND);
    // One second for the part over the first 6 MiB, except for its last chunk.
    assert!(elapsed.as_millis() >= 900, "{elapsed:?}");
}
