//! A server on raw sockets in place of S3. The test sends each response, so it decides when and how a connection ends.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use test_support::{MockRuntimeApi, Process, read_request};

use crate::WAIT_TIMEOUT;

/// A request that has not been responded to. Dropping it closes the connection.
pub(crate) struct S3Request {
    pub(crate) method: String,
    /// The path, without the query.
    pub(crate) path: String,
    /// The head, in lower case.
    head: String,
    socket: TcpStream,
}

impl S3Request {
    fn read(mut socket: TcpStream) -> Self {
        let request = String::from_utf8(read_request(&mut socket)).unwrap();
        let mut words = request.split([' ', '?']);
        Self {
            method: words.next().unwrap().to_owned(),
            path: words.next().unwrap().to_owned(),
            head: request.to_ascii_lowercase(),
            socket,
        }
    }

    /// Returns the values of a header, in lower case.
    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        let values = self.head.lines().filter_map(|line| line.split_once(": "));
        values
            .filter(|(header, _)| *header == name)
            .map(|(_, value)| value)
            .collect()
    }

    /// Sends bytes.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.socket.write_all(bytes.as_ref()).unwrap();
    }

    /// Sends a head with these lines. The connection ends with the response.
    pub(crate) fn send_head(&mut self, status: u16, lines: &str) {
        let lines = lines.lines().filter(|line| !line.is_empty());
        let lines: String = lines.map(|line| format!("{line}\r\n")).collect();
        self.send(format!("HTTP/1.1 {status} It\r\n{lines}Connection: close\r\n\r\n"));
    }

    /// Sends a complete response.
    pub(crate) fn respond(mut self, status: u16, lines: &str, body: impl AsRef<[u8]>) {
        let body = body.as_ref();
        self.send_head(status, &format!("{lines}\nContent-Length: {}", body.len()));
        self.send(body);
    }

    /// Sends bytes until the function closes the connection.
    pub(crate) fn flood_until_closed(mut self) {
        let part = vec![b'x'; 1_000_000];
        self.socket.set_write_timeout(Some(WAIT_TIMEOUT)).unwrap();
        let error = loop {
            match self.socket.write_all(&part) {
                Ok(()) => {}
                Err(error) => break error,
            }
        };
        assert!(
            matches!(
                error.kind(),
                std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::BrokenPipe
            ),
            "{error}"
        );
    }

    /// Waits until the function closes the connection.
    #[track_caller]
    pub(crate) fn wait_until_closed(mut self) {
        self.socket.set_read_timeout(Some(WAIT_TIMEOUT)).unwrap();
        assert!(matches!(self.socket.read(&mut [0]), Ok(0)), "an open connection");
    }
}

/// Starts the server and the function. Each connection carries one request.
pub(crate) fn start(variables: &[(&str, &str)]) -> (MockRuntimeApi, Process, Receiver<S3Request>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, requests) = channel();
    thread::spawn(move || {
        for socket in listener.incoming() {
            let (socket, sender) = (socket.unwrap(), sender.clone());
            socket.set_nodelay(true).unwrap();
            thread::spawn(move || sender.send(S3Request::read(socket)));
        }
    });
    let (lambda, function) = crate::start(&format!("http://{address}"), variables);
    (lambda, function, requests)
}

/// Waits for the next request.
#[track_caller]
pub(crate) fn next(requests: &Receiver<S3Request>) -> S3Request {
    requests.recv_timeout(WAIT_TIMEOUT).unwrap()
}
