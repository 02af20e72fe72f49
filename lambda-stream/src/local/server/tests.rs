//! Callers that are slow, on a clock that jumps to the next thing that is due once nothing else is left to do.

use super::*;
use http_body_util::{Either, Full};
use tokio::io::{DuplexStream, duplex};
use tokio::time::Instant;

use super::super::answer::ResponseBody;
use super::super::request_body::Room;

/// A conversation with a server that reads bodies as a front end does, and answers with them.
fn connected() -> DuplexStream {
    let (socket, server) = duplex(BUFFER);
    let caller = Caller {
        address: ([127, 0, 0, 1], 1).into(),
        connection: Arc::default(),
    };
    let room = Room::new();
    let handler = move |request, _| echo(request, room.clone());
    tokio::spawn(converse(server, caller, Callers::Anybody, handler, Closing::never()));
    socket
}

async fn echo(request: Request<Incoming>, room: Room) -> Response<ResponseBody> {
    let mut body = request.into_body();
    match room.take_in(&mut body).await {
        Ok(body) => Response::new(Either::Left(Full::new(Bytes::copy_from_slice(body.as_ref())))),
        Err(unusable) => {
            discard(body);
            unusable.response()
        }
    }
}

/// All that comes until the server ends the connection, and when it does.
async fn rest(mut socket: DuplexStream) -> (String, Duration) {
    let start = Instant::now();
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes).await.unwrap();
    (String::from_utf8(bytes).unwrap(), start.elapsed())
}

fn assert_ended(answer: &(String, Duration), status: &str, text: &str) {
    let (answer, after) = answer;
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert!(answer.contains(text), "{answer}");
    // To the millisecond of tokio's clock, plus what a caller that does not hang up is granted to read its answer.
    assert!(
        (PATIENCE..=PATIENCE + LINGER + Duration::from_millis(50)).contains(after),
        "{after:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_head_that_never_ends_is_refused_after_its_time() {
    let mut socket = connected();
    socket.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n").await.unwrap();
    assert_ended(
        &rest(socket).await,
        "408",
        "the request's head was not whole after 30 seconds",
    );
}

#[tokio::test(start_paused = true)]
async fn a_head_that_trickles_has_no_more_time() {
    let (mut reader, mut writer) = tokio::io::split(connected());
    let start = Instant::now();
    let trickle = tokio::spawn(async move {
        writer.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
        while writer.write_all(b"a: b\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    let mut answer = String::new();
    reader.read_to_string(&mut answer).await.unwrap();
    assert_ended(&(answer, start.elapsed()), "408", "the request's head");
    trickle.abort();
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_comes_is_refused_after_its_time() {
    let mut socket = connected();
    let head = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n12345678";
    socket.write_all(head).await.unwrap();
    assert_ended(
        &rest(socket).await,
        "408",
        "the request's body was not whole after 30 seconds",
    );
}

#[tokio::test(start_paused = true)]
async fn a_body_that_trickles_has_no_more_time() {
    let (mut reader, mut writer) = tokio::io::split(connected());
    let start = Instant::now();
    let trickle = tokio::spawn(async move {
        let head = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
        writer.write_all(head).await.unwrap();
        while writer.write_all(b"1\r\nx\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    let mut answer = String::new();
    reader.read_to_string(&mut answer).await.unwrap();
    assert_ended(&(answer, start.elapsed()), "408", "the request's body");
    trickle.abort();
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_silent_is_ended_without_a_word() {
    let (answer, after) = rest(connected()).await;
    assert_eq!(answer, "");
    assert!((PATIENCE..=PATIENCE + LINGER).contains(&after), "{after:?}");

    let mut socket = connected();
    socket.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let (answer, after) = rest(socket).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    assert!((PATIENCE..=PATIENCE + LINGER).contains(&after), "{after:?}");
}
