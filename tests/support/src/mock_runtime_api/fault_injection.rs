//! Connection faults that a test injects in place of a response of the Runtime API.

use std::io::Write as _;
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::Duration;

use socket2::SockRef;

/// A connection fault: optionally sends some bytes, then closes, resets or stalls the connection.
#[derive(Clone, Debug)]
pub struct ConnectionFault {
    delay: Duration,
    bytes: Vec<u8>,
    pub(crate) kind: FaultKind,
}

/// What happens to the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    Closed,
    HalfClosed,
    Reset,
    Stalled,
}

impl ConnectionFault {
    /// Closes the connection in both directions.
    pub fn closed() -> Self {
        Self::new(FaultKind::Closed)
    }

    /// Closes the sending direction of the mock, which keeps reading from the runtime.
    pub fn half_closed() -> Self {
        Self::new(FaultKind::HalfClosed)
    }

    /// Resets the connection: sends a TCP RST and no FIN.
    pub fn reset() -> Self {
        Self::new(FaultKind::Reset)
    }

    /// Sends nothing more and, if the request is incomplete, reads nothing more.
    pub fn stalled() -> Self {
        Self::new(FaultKind::Stalled)
    }

    /// Sends these bytes before the fault.
    pub fn after_sending(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.bytes = bytes.as_ref().to_vec();
        self
    }

    /// Delays the bytes and the fault. The mock does not read during the delay.
    pub fn delayed(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    fn new(kind: FaultKind) -> Self {
        Self {
            delay: Duration::ZERO,
            bytes: Vec::new(),
            kind,
        }
    }

    /// Sends the bytes and causes the fault. The thread of the connection then closes the socket.
    pub(crate) fn inject(&self, stream: &TcpStream) {
        thread::sleep(self.delay);
        // The reading thread notices if the peer has closed the connection.
        let mut writer = stream;
        let _ = writer.write_all(&self.bytes);
        match self.kind {
            FaultKind::Closed => drop(stream.shutdown(Shutdown::Both)),
            FaultKind::HalfClosed => drop(stream.shutdown(Shutdown::Write)),
            FaultKind::Reset => {
                // Closing a socket with a linger time of zero resets the connection. The reading thread reads the end of
                // the stream and closes the socket.
                let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
                let _ = stream.shutdown(Shutdown::Read);
            }
            FaultKind::Stalled => {}
        }
    }
}
