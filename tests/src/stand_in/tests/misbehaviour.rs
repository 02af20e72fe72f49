//! The stand-in misbehaves as it is told to.

use super::*;
use crate::broken::Broken;

#[test]
fn a_reset_is_a_reset() {
    let (_lambda, pending, mut runtime) = under_way(event().reset_after(2));
    runtime.send(response("6\r\nabcdef\r\n6\r\nghijkl\r\n"));
    let mut answer = [0];
    let error = runtime.0.read(&mut answer).expect_err("a reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    let answer = pending.wait();
    assert_eq!((answer.text(), answer.ending()), ("ab", Ending::Truncated));
}

/// What a peer that reads to the end gets: the bytes, and the error if the end is none.
fn read_out(runtime: &mut Runtime) -> (String, Option<ErrorKind>) {
    let mut bytes = Vec::new();
    let ended = runtime.0.read_to_end(&mut bytes);
    (
        String::from_utf8(bytes).expect("UTF-8"),
        ended.err().map(|error| error.kind()),
    )
}

#[test]
fn an_answer_breaks_off_as_scripted() {
    for (broken, error) in [
        (Broken::closed(), None),
        (Broken::half_closed(), None),
        (Broken::reset(), Some(ErrorKind::ConnectionReset)),
    ] {
        let event = event().answered_by(broken.clone().after("HTTP/1.1 20"));
        let (lambda, pending, mut runtime) = under_way(event);
        runtime.send(response("0\r\n\r\n"));
        let (bytes, ended) = read_out(&mut runtime);
        assert_eq!(ended, error, "{broken:?}");
        // A reset may overtake what was sent before it.
        assert!(bytes == "HTTP/1.1 20" || error.is_some(), "{broken:?}: {bytes}");
        drop(runtime);
        assert_eq!(
            (pending.wait().ending(), pending.wait().status()),
            (Ending::Clean, None)
        );

        lambda.break_next(broken.clone().after("HTTP/1.1 20"));
        let mut runtime = Runtime::of(&lambda);
        runtime.send(NEXT);
        assert_eq!(read_out(&mut runtime).1, error, "{broken:?}");

        lambda.break_init_error(broken.clone());
        let mut runtime = Runtime::of(&lambda);
        runtime.send(post("init/error", "Content-Length: 2\r\n", "{}"));
        assert_eq!(read_out(&mut runtime).1, error, "{broken:?}");
        drop(runtime);
        assert_eq!(lambda.init_error().body(), b"{}");
    }
}

#[test]
fn a_half_closed_connection_takes_what_comes() {
    let (_lambda, pending, mut runtime) = under_way(event().broken_after(2, Broken::half_closed()));
    runtime.send(response("2\r\nab\r\n"));
    assert_eq!(read_out(&mut runtime), (String::new(), None));
    // More than the sockets hold.
    for _ in 0..1000 {
        runtime.send([b'x'; 64 * 1024]);
    }
    drop(runtime);
    assert_eq!(pending.wait().text(), "ab");
}

#[test]
fn a_stall_lasts_until_the_peer_gives_up() {
    let (lambda, pending, mut runtime) = under_way(event().answered_by(Broken::stalled().after("HTTP/1.1 ")));
    runtime.send(response("0\r\n\r\n"));
    runtime.expect("HTTP/1.1 ");
    assert!(!lambda.report().contains("answered 202"));
    drop(runtime);
    assert_eq!(
        (pending.wait().ending(), pending.wait().status()),
        (Ending::Clean, None)
    );

    // In the midst of a request it is a peer that cannot go on writing.
    let (_lambda, pending, mut runtime) = under_way(event().broken_after(1, Broken::stalled()));
    runtime.send(response("10000000\r\n"));
    runtime
        .0
        .set_write_timeout(Some(Duration::from_millis(200)))
        .expect("a bound");
    let full = std::iter::repeat_with(|| runtime.0.write(&[0; 64 * 1024])).find_map(Result::err);
    assert_eq!(full.map(|error| error.kind()), Some(ErrorKind::WouldBlock));
    assert_eq!(pending.first_bytes().len(), 1);
}

#[test]
fn an_event_may_pause_and_its_connection_end_behind_it() {
    let pause = Duration::from_millis(50);
    let lambda = StandIn::start();
    let pending = lambda.queue(event().pausing(20, pause).and_then(Broken::reset()));
    let mut runtime = Runtime::of(&lambda);
    runtime.send(NEXT);
    runtime.expect("HTTP/1.1 200 OK\r\n");
    let handed_out = pending.wait_for_delivery();
    let (_, ended) = read_out(&mut runtime);
    assert_eq!(ended, Some(ErrorKind::ConnectionReset));
    assert!(handed_out.elapsed() >= pause);
}

#[test]
fn connections_are_refused_and_those_that_there_are_go_on() {
    let (lambda, pending, mut runtime) = under_way(event());
    lambda.refuse_connections();
    let refused = TcpStream::connect(lambda.address()).expect_err("a refusal");
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    runtime.send(response("0\r\n\r\n"));
    runtime.expect(ACCEPTED);
    assert_eq!(pending.wait().status(), Some(202));
}

#[test]
fn a_body_that_is_forgotten_is_as_long_as_it_was() {
    let (_lambda, pending, mut runtime) = under_way(event().forgetting());
    runtime.send(response(""));
    for _ in 0..100 {
        runtime.send(format!("10000\r\n{}\r\n", "x".repeat(0x10000)));
    }
    pending.wait_for_length(6_553_600);
    runtime.send("0\r\n\r\n");
    runtime.expect(ACCEPTED);
    assert_eq!(
        (pending.wait().body(), pending.wait().ending()),
        (&[][..], Ending::Clean)
    );
}
