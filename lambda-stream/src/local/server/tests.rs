//! Tests of slow and idle clients, on tokio's paused clock.

use super::rejection::drain_body;
use super::*;
use http_body_util::Full;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::Instant;

use super::limits::LINGER_TIMEOUT;
use super::request_body::MemoryBudget;

/// Connects to a front-end server that responds with the request body.
fn connect() -> DuplexStream {
    let (socket, server) = duplex(MAX_BUFFER_BYTES);
    let peer = Peer {
        address: ([127, 0, 0, 1], 1).into(),
        connection: Arc::default(),
    };
    let budget = MemoryBudget::new(None);
    let handler = move |request, _| echo(request, budget.clone());
    tokio::spawn(serve_connection(
        server,
        peer,
        ServerKind::FrontEnd,
        handler,
        ShutdownToken::never(),
    ));
    socket
}

async fn echo(request: Request<Incoming>, budget: MemoryBudget) -> Response<Full<Bytes>> {
    let mut body = request.into_body();
    match budget.read_body(&mut body).await {
        Ok(body) => Response::new(Full::new(Bytes::copy_from_slice(body.as_ref()))),
        Err(error) => {
            drain_body(body);
            error.to_response().into_response()
        }
    }
}

/// Reads until the server closes the connection. Returns the received text and the elapsed time.
async fn read_to_end(mut socket: DuplexStream) -> (String, Duration) {
    let start = Instant::now();
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes).await.unwrap();
    (String::from_utf8(bytes).unwrap(), start.elapsed())
}

fn assert_closed_after_timeout(result: &(String, Duration), status: &str, text: &str) {
    let (response, elapsed) = result;
    assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{response}");
    assert!(response.contains(text), "{response}");
    // The client does not close its side, so the server keeps reading for `LINGER_TIMEOUT`. The additional 50 ms allow
    // for the resolution of tokio's clock, which is 1 ms.
    assert!(
        (REQUEST_TIMEOUT..=REQUEST_TIMEOUT + LINGER_TIMEOUT + Duration::from_millis(50)).contains(elapsed),
        "{elapsed:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn incomplete_head_gets_408_after_timeout() {
    let mut socket = connect();
    socket.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n").await.unwrap();
    assert_closed_after_timeout(
        &read_to_end(socket).await,
        "408",
        "the request head was not complete after 30 seconds",
    );
}

#[tokio::test(start_paused = true)]
async fn trickling_head_gets_408_after_timeout() {
    let (mut reader, mut writer) = tokio::io::split(connect());
    let start = Instant::now();
    let trickle = tokio::spawn(async move {
        writer.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
        while writer.write_all(b"a: b\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    let mut response = String::new();
    reader.read_to_string(&mut response).await.unwrap();
    assert_closed_after_timeout(&(response, start.elapsed()), "408", "the request head");
    trickle.abort();
}

#[tokio::test(start_paused = true)]
async fn incomplete_body_gets_408_after_timeout() {
    let mut socket = connect();
    let head = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n12345678";
    socket.write_all(head).await.unwrap();
    assert_closed_after_timeout(
        &read_to_end(socket).await,
        "408",
        "the request body was not complete after 30 seconds",
    );
}

#[tokio::test(start_paused = true)]
async fn trickling_body_gets_408_after_timeout() {
    let (mut reader, mut writer) = tokio::io::split(connect());
    let start = Instant::now();
    let trickle = tokio::spawn(async move {
        let head = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
        writer.write_all(head).await.unwrap();
        while writer.write_all(b"1\r\nx\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    let mut response = String::new();
    reader.read_to_string(&mut response).await.unwrap();
    assert_closed_after_timeout(&(response, start.elapsed()), "408", "the request body");
    trickle.abort();
}

#[tokio::test(start_paused = true)]
async fn idle_connection_closes_without_response() {
    let (response, elapsed) = read_to_end(connect()).await;
    assert_eq!(response, "");
    assert!(
        (REQUEST_TIMEOUT..=REQUEST_TIMEOUT + LINGER_TIMEOUT).contains(&elapsed),
        "{elapsed:?}"
    );

    let mut socket = connect();
    socket.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let (response, elapsed) = read_to_end(socket).await;
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
    assert_eq!(response.matches("HTTP/1.1").count(), 1, "{response}");
    assert!(
        (REQUEST_TIMEOUT..=REQUEST_TIMEOUT + LINGER_TIMEOUT).contains(&elapsed),
        "{elapsed:?}"
    );
}
