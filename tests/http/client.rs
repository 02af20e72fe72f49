//! One HTTP/1.1 request over a socket of its own, and its answer by the letter of RFC 9112. Follows and decodes nothing.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use crate::requests::Request;
use crate::seen::Seen;

/// An answer that stays away is a failure, not a hang.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends the request and reads its answer to the end.
pub(crate) fn ask(address: &str, request: &Request) -> Seen {
    let mut connection = Connection::open(address, request);
    let head = connection.head();
    let mut seen = parsed(&head);
    let framing = |name: &str| seen.headers.get(name).and_then(|values| values.first()).cloned();
    seen.body = if request.method == "HEAD" || matches!(seen.status, 204 | 304) {
        Vec::new()
    } else if let Some(coding) = framing("transfer-encoding") {
        assert_eq!(coding, "chunked", "{head}");
        connection.chunked()
    } else {
        let length = framing("content-length").unwrap_or_else(|| panic!("a body without a length\n{head}"));
        connection.take(length.parse().unwrap())
    };
    connection.expect_no_more();
    seen
}

/// A connection with its request sent; what is read of the answer is taken off its front.
pub(crate) struct Connection {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(address: &str, request: &Request) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut bytes = format!("{} {} HTTP/1.1\r\n", request.method, request.target).into_bytes();
        for (name, value) in request.headers() {
            bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(request.body.as_deref().unwrap_or_default());
        stream.write_all(&bytes).unwrap();
        Self {
            stream,
            unread: Vec::new(),
        }
    }

    /// Status line and headers, without the empty line.
    pub(crate) fn head(&mut self) -> String {
        let head = self.through(b"\r\n\r\n");
        String::from_utf8(head).unwrap()
    }

    /// The data of one chunk; none of the last.
    pub(crate) fn chunk(&mut self) -> Option<Vec<u8>> {
        let size = String::from_utf8(self.through(b"\r\n")).unwrap();
        let size = usize::from_str_radix(&size, 16).unwrap_or_else(|_| panic!("{size:?} is no chunk size"));
        let data = self.take(size);
        assert_eq!(self.take(2), b"\r\n");
        (size > 0).then_some(data)
    }

    fn chunked(&mut self) -> Vec<u8> {
        std::iter::from_fn(|| self.chunk()).flatten().collect()
    }

    /// The server must be done with this request: nothing is left that the next answer would begin with.
    fn expect_no_more(mut self) {
        // A server may have closed already, even with a reset: neither is a byte.
        let _ = self.stream.shutdown(Shutdown::Write);
        let _ = self.stream.read_to_end(&mut self.unread);
        assert_eq!(self.unread.escape_ascii().to_string(), "", "bytes past the answer");
    }

    fn through(&mut self, end: &[u8]) -> Vec<u8> {
        loop {
            if let Some(at) = self.unread.windows(end.len()).position(|bytes| bytes == end) {
                let mut taken = self.take(at + end.len());
                taken.truncate(at);
                return taken;
            }
            self.read();
        }
    }

    fn take(&mut self, length: usize) -> Vec<u8> {
        while self.unread.len() < length {
            self.read();
        }
        let rest = self.unread.split_off(length);
        std::mem::replace(&mut self.unread, rest)
    }

    fn read(&mut self) {
        let mut buffer = vec![0; 64 * 1024];
        let size = self.stream.read(&mut buffer).unwrap();
        assert_ne!(size, 0, "the connection ended after \"{}\"", self.unread.escape_ascii());
        self.unread.extend_from_slice(&buffer[..size]);
    }
}

fn parsed(head: &str) -> Seen {
    let mut lines = head.split("\r\n");
    let status_line = lines.next().unwrap();
    let status = status_line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    let status = status.unwrap_or_else(|| panic!("no status line: {status_line}"));
    let headers = lines.map(|line| line.split_once(':').unwrap_or_else(|| panic!("no header: {line}")));
    Seen::new(
        status.parse().unwrap(),
        headers.map(|(name, value)| (name, value.trim())),
        Vec::new(),
    )
}
