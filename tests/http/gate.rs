//! A gate that holds back the response body of the function `http_bodies`.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// The time to wait until the function polls the body for the first time.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// A TCP server that sends the body one byte for each frame that it may produce, and one byte for what follows the frames.
pub(crate) struct Gate {
    address: SocketAddr,
    connections: Receiver<TcpStream>,
    body: Option<TcpStream>,
}

impl Gate {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, connections) = channel();
        thread::spawn(move || listener.accept().map(|(body, _)| sender.send(body)));
        Self {
            address,
            connections,
            body: None,
        }
    }

    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Lets one frame pass. The first call waits until the function polls the body.
    #[track_caller]
    pub(crate) fn pass(&mut self) {
        let connections = &self.connections;
        let body = self.body.get_or_insert_with(|| {
            let connection = connections.recv_timeout(CONNECT_TIMEOUT);
            connection.expect("a connection from the body")
        });
        body.write_all(b"!").unwrap();
    }
}
