//! An upstream on a raw socket. The test decides which bytes it sends, and when.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use test_support::read_request;

/// The time after which a wait is a failure. No test depends on it.
const WAIT_TIMEOUT: Duration = Duration::from_secs(20);

pub(crate) struct FakeUpstream {
    address: SocketAddr,
    exchanges: Receiver<Exchange>,
}

impl FakeUpstream {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, exchanges) = channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                if sender.send(Exchange::read(stream.unwrap())).is_err() {
                    return;
                }
            }
        });
        Self { address, exchanges }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Waits for the next request.
    #[track_caller]
    pub(crate) fn accept(&self) -> Exchange {
        self.exchanges.recv_timeout(WAIT_TIMEOUT).unwrap()
    }
}

/// A request, and the connection on which the test responds to it. Dropping it closes the connection.
pub(crate) struct Exchange {
    stream: TcpStream,
    /// The request line and the headers, in lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Exchange {
    fn read(mut stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(WAIT_TIMEOUT)).unwrap();
        let request = String::from_utf8(read_request(&mut stream)).unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        Self {
            stream,
            head: head.to_lowercase(),
            body: body.to_owned(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Sends these bytes, and ignores that the gateway may have closed the connection.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(bytes.as_ref());
    }

    /// Sends a whole response. Each header is a line without its end.
    pub(crate) fn respond(mut self, status: u16, headers: &[&str], body: impl AsRef<[u8]>) {
        let body = body.as_ref();
        let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        let head = format!(
            "HTTP/1.1 {status} Any\r\n{headers}Content-Length: {}\r\n\r\n",
            body.len()
        );
        self.send([head.as_bytes(), body].concat());
    }

    /// Sends a whole JSON document.
    pub(crate) fn respond_json(self, status: u16, body: &Value) {
        self.respond(status, &["Content-Type: application/json"], body.to_string());
    }

    /// Starts a stream of events.
    pub(crate) fn start_events(&mut self) {
        self.send(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n",
        );
    }

    /// Sends a part of the body.
    pub(crate) fn part(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        let size = format!("{:x}\r\n", bytes.len());
        self.send([size.as_bytes(), bytes, b"\r\n"].concat());
    }

    pub(crate) fn event(&mut self, data: impl ToString) {
        self.part(format!("data: {}\n\n", data.to_string()));
    }

    /// Sends a chunk of a completion with this text.
    pub(crate) fn token(&mut self, text: &str) {
        self.event(token(text));
    }

    /// Ends the body without `[DONE]`.
    pub(crate) fn end(mut self) {
        self.send("0\r\n\r\n");
    }

    /// Ends the completion.
    pub(crate) fn done(mut self) {
        self.event("[DONE]");
        self.end();
    }

    /// Waits until the gateway closes the connection.
    #[track_caller]
    pub(crate) fn wait_for_close(mut self) {
        match self.stream.read(&mut [0; 64]) {
            Ok(0) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            other => panic!("expected the end of the connection, not {other:?}"),
        }
    }

    /// Makes a write fail if the gateway reads nothing for this time.
    pub(crate) fn limit_writes(&mut self, time: Duration) {
        self.stream.set_write_timeout(Some(time)).unwrap();
    }

    /// Sends parts until a write fails, or `limit` bytes. Returns how many bytes were sent.
    pub(crate) fn flood(mut self, part: &[u8], limit: usize) -> usize {
        let size = format!("{:x}\r\n", part.len());
        let part = [size.as_bytes(), part, b"\r\n"].concat();
        let mut sent = 0;
        while sent < limit && self.stream.write_all(&part).is_ok() {
            sent += part.len();
        }
        sent
    }
}

/// A chunk of a completion with this text.
pub(crate) fn token(text: &str) -> Value {
    json!({
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "upstream-small",
        "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}],
    })
}

/// The last chunk of a completion whose usage was asked for.
pub(crate) fn usage() -> Value {
    json!({
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "upstream-small",
        "choices": [],
        "usage": {"prompt_tokens": 11, "completion_tokens": 22, "total_tokens": 33},
    })
}

/// A completion that is not streamed.
pub(crate) fn completion(message: &Value) -> Value {
    json!({
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "upstream-small",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 22, "total_tokens": 33},
    })
}
