//! An HTTP client for tests that call a local server. It follows no redirect and decodes no content coding.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::Duration;

use crate::retry::retry_interrupted;

use serde_json::Value;

use super::body::{BodyDecoder, BodyPart};
use super::escape;
use super::head::{Framing, ResponseHead};

/// The time to wait for the server. No test depends on it: it turns a hang into a failure.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// The number of bytes that a panic message quotes.
const QUOTE_LIMIT: usize = 300;

/// A response, to its end or to the end of its connection.
#[derive(Clone, Debug)]
pub struct HttpResponse {
    /// The head.
    pub head: ResponseHead,
    /// The body, without chunk framing.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// Parses a response. The body may be incomplete.
    ///
    /// # Panics
    /// If `bytes` do not start with the head of a response, or the chunked coding is invalid.
    #[track_caller]
    pub fn parse(bytes: &[u8]) -> Self {
        let (head, size) = match ResponseHead::parse(bytes) {
            Ok(Some(parsed)) => parsed,
            Ok(None) => panic!("incomplete response head: \"{}\"", escape(bytes, QUOTE_LIMIT)),
            Err(violation) => panic!("{violation}"),
        };
        let mut rest = &bytes[size..];
        let mut decoder = BodyDecoder::new(head.framing);
        let mut body = Vec::new();
        loop {
            let (used, part) = match decoder.decode(rest) {
                Ok(decoded) => decoded,
                Err(violation) => panic!("{violation}\n{}", head.text),
            };
            rest = &rest[used..];
            match part {
                Some(BodyPart::Data { bytes, .. }) => body.extend_from_slice(bytes),
                Some(BodyPart::ChunkStart | BodyPart::Trailer { .. }) => {}
                Some(BodyPart::End) | None => return Self { head, body },
            }
        }
    }

    /// Returns the status code.
    pub fn status(&self) -> u16 {
        self.head.status
    }

    /// Returns the first header with this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name)
    }

    /// Returns the body as text.
    ///
    /// # Panics
    /// If it is not UTF-8.
    #[track_caller]
    pub fn text(&self) -> &str {
        match std::str::from_utf8(&self.body) {
            Ok(text) => text,
            Err(error) => panic!("{error}: \"{}\"", escape(&self.body, QUOTE_LIMIT)),
        }
    }

    /// Returns the body as JSON.
    ///
    /// # Panics
    /// If it is not JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(error) => panic!("{error}: {}\n{}", self.head.text, escape(&self.body, QUOTE_LIMIT)),
        }
    }
}

/// A connection on which responses are read part by part.
///
/// The methods panic if the server violates the protocol, closes the connection early or does not respond in time.
pub struct HttpConnection {
    stream: TcpStream,
    unread: Vec<u8>,
    decoder: BodyDecoder,
}

impl HttpConnection {
    /// Connects to `HOST:PORT` or to a URL of this form.
    #[track_caller]
    pub fn open(address: &str) -> Self {
        Self {
            stream: connect(address),
            unread: Vec::new(),
            decoder: BodyDecoder::Complete,
        }
    }

    /// Sends these bytes.
    #[track_caller]
    pub fn send(&mut self, request: impl AsRef<[u8]>) {
        self.stream.write_all(request.as_ref()).expect("a writable socket");
    }

    /// Reads the head of the next response.
    #[track_caller]
    pub fn read_head(&mut self) -> ResponseHead {
        loop {
            match ResponseHead::parse(&self.unread) {
                Ok(Some((head, size))) => {
                    self.unread.drain(..size);
                    self.decoder = BodyDecoder::new(head.framing);
                    return head;
                }
                Ok(None) => self.read(),
                Err(violation) => panic!("{violation}"),
            }
        }
    }

    /// Reads the next chunk of the body, or the whole body if it is not chunked. Returns `None` at its end.
    #[track_caller]
    pub fn read_chunk(&mut self) -> Option<Vec<u8>> {
        let mut chunk = Vec::new();
        while !matches!(self.decoder, BodyDecoder::Complete) {
            let (used, part) = match self.decoder.decode(&self.unread) {
                Ok(decoded) => decoded,
                Err(violation) => panic!("{violation}"),
            };
            let needs_input = part.is_none();
            let mut is_complete = false;
            if let Some(BodyPart::Data { bytes, ends_chunk }) = part {
                chunk.extend_from_slice(bytes);
                is_complete = ends_chunk;
            }
            self.unread.drain(..used);
            if is_complete {
                return Some(chunk);
            }
            if needs_input {
                self.read();
            }
        }
        (!chunk.is_empty()).then_some(chunk)
    }

    /// Reads a whole response to a request with this method.
    ///
    /// # Panics
    /// Also if the response has a body without `Content-Length` or chunked coding.
    #[track_caller]
    pub fn read_response(&mut self, method: &str) -> HttpResponse {
        let head = self.read_head();
        let has_body = method != "HEAD" && !matches!(head.status, 204 | 304);
        assert!(
            head.text.starts_with("HTTP/1.1 ") && !(has_body && head.framing == Framing::Connection),
            "not an HTTP/1.1 response with a framed body:\n{}",
            head.text
        );
        let mut body = Vec::new();
        if has_body {
            while let Some(chunk) = self.read_chunk() {
                body.extend_from_slice(&chunk);
            }
        }
        HttpResponse { head, body }
    }

    /// Asserts that the server sends nothing more, such as bytes that the next response would start with.
    #[track_caller]
    pub fn assert_no_more_bytes(mut self) {
        // The server may have closed or reset the connection already. Neither sends a byte.
        let _ = self.stream.shutdown(Shutdown::Write);
        let _ = self.stream.read_to_end(&mut self.unread);
        assert_eq!(self.unread.escape_ascii().to_string(), "", "bytes after the response");
    }

    #[track_caller]
    fn read(&mut self) {
        let mut buffer = vec![0; 64 * 1024];
        let size = retry_interrupted(|| self.stream.read(&mut buffer)).expect("a readable socket");
        assert_ne!(size, 0, "the connection ended after \"{}\"", self.unread.escape_ascii());
        self.unread.extend_from_slice(&buffer[..size]);
    }
}

/// Connects to `HOST:PORT` or to a URL of this form. Reads from the socket time out.
///
/// # Panics
/// If the connection fails.
#[track_caller]
pub fn connect(address: &str) -> TcpStream {
    let address = address.strip_prefix("http://").unwrap_or(address);
    let stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(READ_TIMEOUT)).expect("a read timeout");
    stream
}

/// Sends a request on a new connection and returns the response.
///
/// Reads to the end of the connection, or of a body with `Content-Length`.
///
/// # Panics
/// If the connection fails or the response is invalid.
#[track_caller]
pub fn send_request(address: &str, request: impl AsRef<[u8]>) -> HttpResponse {
    // The server may keep the connection of a rejected request open for a while, so that the client can read the response.
    let is_complete = |bytes: &[u8]| match ResponseHead::parse(bytes) {
        Ok(Some((head, size))) => {
            matches!(head.framing, Framing::ContentLength(length) if bytes.len() >= size + length)
        }
        _ => false,
    };
    HttpResponse::parse(&exchange_until(connect(address), request.as_ref(), is_complete))
}

/// Sends all bytes and, at the same time, reads to the end of the connection. Ignores bytes that the server does not
/// accept.
///
/// # Panics
/// If a read fails or times out.
#[track_caller]
pub fn exchange(stream: TcpStream, request: impl AsRef<[u8]>) -> Vec<u8> {
    exchange_until(stream, request.as_ref(), |_| false)
}

/// Reads to the end of the connection. A reset also ends it.
///
/// # Panics
/// If a read fails or times out.
#[track_caller]
pub fn read_to_end(stream: &mut TcpStream) -> Vec<u8> {
    read_until(stream, |_| false)
}

#[track_caller]
fn exchange_until(mut stream: TcpStream, request: &[u8], is_complete: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let request = request.to_vec();
    let mut reader = stream.try_clone().expect("a second handle of the socket");
    let writer = thread::spawn(move || stream.write_all(&request));
    let response = read_until(&mut reader, is_complete);
    // Unblocks the writer if the server stopped reading.
    let _ = reader.shutdown(Shutdown::Both);
    let _ = writer.join();
    response
}

#[track_caller]
fn read_until(stream: &mut TcpStream, is_complete: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    while !is_complete(&bytes) {
        match retry_interrupted(|| stream.read(&mut buffer)) {
            Ok(0) => break,
            Ok(size) => bytes.extend_from_slice(&buffer[..size]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
            Err(error) => panic!("{error} after \"{}\"", escape(&bytes, QUOTE_LIMIT)),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

    /// Starts a server that reads one request head and then writes `response` and closes the connection.
    fn serve(response: &'static str) -> String {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("a local address");
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            super::super::read_request(&mut stream);
            stream.write_all(response.as_bytes()).expect("a writable socket");
        });
        format!("http://{address}")
    }

    const GET: &str = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

    #[test]
    fn chunks_are_read_one_by_one() {
        let url = serve("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n");
        let mut connection = HttpConnection::open(&url);
        connection.send(GET);
        assert_eq!(connection.read_head().status, 200);
        assert_eq!(connection.read_chunk().as_deref(), Some(&b"one"[..]));
        assert_eq!(connection.read_chunk().as_deref(), Some(&b"two"[..]));
        assert_eq!(connection.read_chunk(), None);
        connection.assert_no_more_bytes();
    }

    #[test]
    fn response_to_head_has_no_body() {
        let url = serve("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n");
        let mut connection = HttpConnection::open(&url);
        connection.send(GET);
        let response = connection.read_response("HEAD");
        assert_eq!((response.status(), response.body.len()), (200, 0));
        connection.assert_no_more_bytes();
    }

    #[test]
    #[should_panic(expected = "bytes after the response")]
    fn bytes_after_the_response_are_noticed() {
        let url = serve("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}more");
        let mut connection = HttpConnection::open(&url);
        connection.send(GET);
        assert_eq!(connection.read_response("GET").json(), serde_json::json!({}));
        connection.assert_no_more_bytes();
    }

    #[test]
    fn each_framing_is_parsed() {
        for response in [
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n",
            "HTTP/1.0 200 OK\r\n\r\none",
        ] {
            let response = send_request(&serve(response), GET);
            assert_eq!((response.status(), response.text()), (200, "one"));
        }
    }
}
