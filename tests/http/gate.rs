//! What the body of the function `http_bodies` waits for: a byte for each frame, and one for what comes after them.

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener, TcpStream};

/// Opened by the test, a frame at a time.
pub(crate) struct Gate {
    listener: TcpListener,
    body: Option<TcpStream>,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self {
            listener: TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap(),
            body: None,
        }
    }

    pub(crate) fn address(&self) -> String {
        self.listener.local_addr().unwrap().to_string()
    }

    /// Lets one frame pass; first waits until the body is asked for one.
    pub(crate) fn pass(&mut self) {
        let listener = &self.listener;
        let body = self.body.get_or_insert_with(|| listener.accept().unwrap().0);
        body.write_all(b"!").unwrap();
    }
}
