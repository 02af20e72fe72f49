//! What the body of the function `http_bodies` waits for: a byte for each frame, and one for what comes after them.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// How long a body may take to be asked for its first frame.
const PATIENCE: Duration = Duration::from_secs(20);

/// Opened by the test, a frame at a time.
pub(crate) struct Gate {
    address: SocketAddr,
    arriving: Receiver<TcpStream>,
    body: Option<TcpStream>,
}

impl Gate {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, arriving) = channel();
        thread::spawn(move || listener.accept().map(|(body, _)| sender.send(body)));
        Self {
            address,
            arriving,
            body: None,
        }
    }

    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Lets one frame pass; first waits until the body is asked for one.
    #[track_caller]
    pub(crate) fn pass(&mut self) {
        let arriving = &self.arriving;
        let body = self.body.get_or_insert_with(|| {
            let arrived = arriving.recv_timeout(PATIENCE);
            arrived.expect("the body is asked for a frame")
        });
        body.write_all(b"!").unwrap();
    }
}
