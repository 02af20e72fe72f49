//! For tests: the function's side of the Runtime API and a caller's side of a front end, as bytes on sockets.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use super::cross_site::Reach;
use super::{FrontEnd, Session, launch};

/// A function without a handler: the test says what it does.
#[derive(Clone)]
pub(super) struct FakeRuntime {
    address: String,
    secret: String,
}

/// A served function, and the address that callers use.
pub(super) fn served() -> (FakeRuntime, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = listener.local_addr().unwrap();
    let session = launch(FrontEnd::FunctionUrl(listener, Reach::Machine)).unwrap();
    (FakeRuntime::of(&session), url)
}

/// Sends a request, all of it.
pub(super) fn send(address: impl ToString, request: &[u8]) -> TcpStream {
    let mut socket = TcpStream::connect(address.to_string()).unwrap();
    // Long enough for any machine: it turns a hang into a failure, and decides nothing else.
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    socket.write_all(request).unwrap();
    socket
}

/// Reads all that is left.
pub(super) fn rest(mut socket: TcpStream) -> String {
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads until `end` has come, and not a byte further.
pub(super) fn until(socket: &mut TcpStream, end: &str) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(end.as_bytes()) {
        let mut byte = [0];
        let read = socket.read(&mut byte).unwrap();
        let so_far = String::from_utf8_lossy(&bytes);
        assert_eq!(read, 1, "ended before {end:?}: {so_far}");
        bytes.push(byte[0]);
    }
    String::from_utf8(bytes).unwrap()
}

impl FakeRuntime {
    pub(super) fn of(session: &Session) -> Self {
        let (address, secret) = session.runtime_api().split_once('/').unwrap();
        Self {
            address: address.to_owned(),
            secret: secret.to_owned(),
        }
    }

    /// Sends the head of a request, `headers` with the line ends behind them.
    pub(super) fn ask(&self, method: &str, path: &str, headers: &str) -> TcpStream {
        let secret = &self.secret;
        let head = format!("{method} /{secret}/2018-06-01/runtime/{path} HTTP/1.1\r\nhost: a\r\n{headers}\r\n");
        send(&self.address, head.as_bytes())
    }

    /// Polls, and gives the whole answer: head and event.
    pub(super) fn poll(&self) -> String {
        rest(self.ask("GET", "invocation/next", "connection: close\r\n"))
    }

    /// Polls, and gives the request id.
    pub(super) fn next(&self) -> String {
        let answer = self.poll();
        let (_, id) = answer.split_once("lambda-runtime-aws-request-id: ").unwrap();
        id.lines().next().unwrap().to_owned()
    }

    /// Posts a counted body, and gives the whole answer.
    pub(super) fn post(&self, path: &str, headers: &str, body: &str) -> String {
        let length = body.len();
        let headers = format!("connection: close\r\ncontent-length: {length}\r\n{headers}");
        let mut socket = self.ask("POST", path, &headers);
        socket.write_all(body.as_bytes()).unwrap();
        rest(socket)
    }

    /// Begins a streamed response.
    pub(super) fn stream(&self, id: &str, content_type: &str) -> Upload {
        self.stream_with(
            id,
            &format!(
                "content-type: {content_type}\r\n\
                 trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n"
            ),
        )
    }

    pub(super) fn stream_with(&self, id: &str, headers: &str) -> Upload {
        let headers = format!(
            "connection: close\r\nlambda-runtime-function-response-mode: streaming\r\n\
             transfer-encoding: chunked\r\n{headers}"
        );
        Upload(self.ask("POST", &format!("invocation/{id}/response"), &headers))
    }
}

/// A streamed response under way.
pub(super) struct Upload(TcpStream);

impl Upload {
    pub(super) fn chunk(&mut self, data: impl AsRef<[u8]>) {
        let data = data.as_ref();
        let mut chunk = format!("{:x}\r\n", data.len()).into_bytes();
        chunk.extend_from_slice(data);
        chunk.extend_from_slice(b"\r\n");
        self.0.write_all(&chunk).unwrap();
    }

    /// Ends cleanly, and gives the whole answer.
    pub(super) fn end(self) -> String {
        self.end_with("")
    }

    /// Ends with an error, as trailers.
    pub(super) fn fail(self) -> String {
        // {"errorType":"Boom","errorMessage":"bang"}
        self.end_with(
            "Lambda-Runtime-Function-Error-Type: Function.Boom\r\n\
             Lambda-Runtime-Function-Error-Body: eyJlcnJvclR5cGUiOiJCb29tIiwiZXJyb3JNZXNzYWdlIjoiYmFuZyJ9\r\n",
        )
    }

    pub(super) fn end_with(mut self, trailers: &str) -> String {
        write!(self.0, "0\r\n{trailers}\r\n").unwrap();
        rest(self.0)
    }

    /// Stops without the zero chunk.
    pub(super) fn abandon(self) {
        self.0.shutdown(Shutdown::Write).unwrap();
    }
}
