//! What comes in place of an answer, for a runtime to survive. Knows nothing of what it answers.

use std::io::Write as _;
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::Duration;

use socket2::SockRef;

/// An answer that is none: some bytes, or no byte at all, and then something befalls the connection.
#[derive(Clone, Debug)]
pub struct Broken {
    delay: Duration,
    front: Vec<u8>,
    pub(crate) fate: Fate,
}

/// What becomes of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Closed,
    HalfClosed,
    Reset,
    Stalled,
}

impl Broken {
    /// The connection is closed, both ways.
    pub fn closed() -> Self {
        Self::new(Fate::Closed)
    }

    /// The connection is closed for what the stand-in would send, while what the runtime sends is still taken.
    pub fn half_closed() -> Self {
        Self::new(Fate::HalfClosed)
    }

    /// The connection is reset: a TCP RST, no FIN.
    pub fn reset() -> Self {
        Self::new(Fate::Reset)
    }

    /// Nothing more is sent, and where the request was not whole, nothing more is read.
    pub fn stalled() -> Self {
        Self::new(Fate::Stalled)
    }

    /// Before it, these bytes are sent.
    pub fn after(mut self, front: impl AsRef<[u8]>) -> Self {
        self.front = front.as_ref().to_vec();
        self
    }

    /// All of it comes so much later. Nothing is read meanwhile.
    pub fn late(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    fn new(fate: Fate) -> Self {
        Self {
            delay: Duration::ZERO,
            front: Vec::new(),
            fate,
        }
    }

    /// Sends the front and brings the fate about, but for what only the end of the connection's thread does: it closes the
    /// socket.
    pub(crate) fn befall(&self, stream: &TcpStream) {
        thread::sleep(self.delay);
        // A peer that has gone is seen by the reader.
        let mut writer = stream;
        let _ = writer.write_all(&self.front);
        match self.fate {
            Fate::Closed => drop(stream.shutdown(Shutdown::Both)),
            Fate::HalfClosed => drop(stream.shutdown(Shutdown::Write)),
            Fate::Reset => {
                // To close a socket that lingers for no time is to reset it. The reader sees the end, and closes it.
                let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
                let _ = stream.shutdown(Shutdown::Read);
            }
            Fate::Stalled => {}
        }
    }
}
