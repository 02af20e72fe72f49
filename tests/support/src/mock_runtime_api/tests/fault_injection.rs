//! The injected connection faults, as the runtime observes them.

use super::*;

#[test]
fn reset_sends_rst() {
    let (_lambda, pending, mut runtime) = delivered(event().fault_after_body_bytes(2, ConnectionFault::reset()));
    runtime.send(response("6\r\nabcdef\r\n6\r\nghijkl\r\n"));
    let mut byte = [0];
    let error = runtime.0.read(&mut byte).expect_err("a reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    let recorded = pending.wait();
    assert_eq!((recorded.text(), recorded.body_end()), ("ab", BodyEnd::Truncated));
}

/// Reads to the end of the connection. Returns the bytes, and the error if the connection was not closed cleanly.
fn read_to_end(runtime: &mut Runtime) -> (String, Option<ErrorKind>) {
    let mut bytes = Vec::new();
    let ended = runtime.0.read_to_end(&mut bytes);
    (
        String::from_utf8(bytes).expect("UTF-8"),
        ended.err().map(|error| error.kind()),
    )
}

#[test]
fn fault_replaces_the_response() {
    for (fault, error) in [
        (ConnectionFault::closed(), None),
        (ConnectionFault::half_closed(), None),
        (ConnectionFault::reset(), Some(ErrorKind::ConnectionReset)),
    ] {
        let event = event().fault_after_response(fault.clone().after_sending("HTTP/1.1 20"));
        let (lambda, pending, mut runtime) = delivered(event);
        runtime.send(response("0\r\n\r\n"));
        let (bytes, ended) = read_to_end(&mut runtime);
        assert_eq!(ended, error, "{fault:?}");
        // A reset can discard bytes that were sent before it.
        assert!(bytes == "HTTP/1.1 20" || error.is_some(), "{fault:?}: {bytes}");
        drop(runtime);
        assert_eq!(
            (pending.wait().body_end(), pending.wait().status()),
            (BodyEnd::LastChunk, None)
        );

        lambda.fail_next(fault.clone().after_sending("HTTP/1.1 20"));
        let mut runtime = Runtime::connect(&lambda);
        runtime.send(NEXT);
        assert_eq!(read_to_end(&mut runtime).1, error, "{fault:?}");

        lambda.fail_init_error(fault.clone());
        let mut runtime = Runtime::connect(&lambda);
        runtime.send(post("init/error", "Content-Length: 2\r\n", "{}"));
        assert_eq!(read_to_end(&mut runtime).1, error, "{fault:?}");
        drop(runtime);
        assert_eq!(lambda.wait_for_init_error().body(), b"{}");
    }
}

#[test]
fn half_closed_connection_still_reads() {
    let (_lambda, pending, mut runtime) = delivered(event().fault_after_body_bytes(2, ConnectionFault::half_closed()));
    runtime.send(response("2\r\nab\r\n"));
    assert_eq!(read_to_end(&mut runtime), (String::new(), None));
    // More than the socket buffers hold.
    for _ in 0..1000 {
        runtime.send([b'x'; 64 * 1024]);
    }
    drop(runtime);
    assert_eq!(pending.wait().text(), "ab");
}

#[test]
fn stall_lasts_until_the_peer_closes() {
    let (lambda, pending, mut runtime) =
        delivered(event().fault_after_response(ConnectionFault::stalled().after_sending("HTTP/1.1 ")));
    runtime.send(response("0\r\n\r\n"));
    runtime.expect("HTTP/1.1 ");
    assert!(!lambda.summary().contains("status 202"));
    drop(runtime);
    assert_eq!(
        (pending.wait().body_end(), pending.wait().status()),
        (BodyEnd::LastChunk, None)
    );

    // Within a request, a stall blocks the writes of the peer.
    let (_lambda, pending, mut runtime) = delivered(event().fault_after_body_bytes(1, ConnectionFault::stalled()));
    runtime.send(response("10000000\r\n"));
    runtime
        .0
        .set_write_timeout(Some(Duration::from_millis(200)))
        .expect("a write timeout");
    let full = std::iter::repeat_with(|| runtime.0.write(&[0; 64 * 1024])).find_map(Result::err);
    assert_eq!(full.map(|error| error.kind()), Some(ErrorKind::WouldBlock));
    assert_eq!(pending.first_bytes().len(), 1);
}

#[test]
fn delivery_pauses_before_the_fault() {
    let pause = Duration::from_millis(50);
    let lambda = MockRuntimeApi::start();
    let pending = lambda.queue(
        event()
            .pause_delivery_after(20, pause)
            .fault_after_delivery(ConnectionFault::reset()),
    );
    let mut runtime = Runtime::connect(&lambda);
    runtime.send(NEXT);
    runtime.expect("HTTP/1.1 200 OK\r\n");
    let delivered_at = pending.wait_for_delivery();
    let (_, ended) = read_to_end(&mut runtime);
    assert_eq!(ended, Some(ErrorKind::ConnectionReset));
    assert!(delivered_at.elapsed() >= pause);
}

#[test]
fn refused_connections_leave_open_ones_open() {
    let (lambda, pending, mut runtime) = delivered(event());
    lambda.refuse_connections();
    let refused = TcpStream::connect(lambda.address()).expect_err("a refused connection");
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    runtime.send(response("0\r\n\r\n"));
    runtime.expect(ACCEPTED);
    assert_eq!(pending.wait().status(), Some(202));
}

#[test]
fn discarded_body_has_its_length() {
    let (_lambda, pending, mut runtime) = delivered(event().discard_body());
    runtime.send(response(""));
    for _ in 0..100 {
        runtime.send(format!("10000\r\n{}\r\n", "x".repeat(0x10000)));
    }
    pending.wait_for_length(6_553_600);
    runtime.send("0\r\n\r\n");
    runtime.expect(ACCEPTED);
    assert_eq!(
        (pending.wait().body(), pending.wait().body_end()),
        (&[][..], BodyEnd::LastChunk)
    );
}
