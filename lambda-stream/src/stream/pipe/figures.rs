//! What the pipe counts and times of a response, for the summary at the end of the invocation.

use std::time::Duration;

use tokio::time::Instant;

/// The figures of one response.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ResponseFigures {
    /// When the HTTP client took the first byte, which may be of the prelude. `None` if there was none.
    pub(crate) first_byte: Option<Instant>,
    /// Body bytes that the handler wrote.
    pub(crate) bytes: u64,
    /// Chunks of the body that the HTTP client took.
    pub(crate) chunks: u64,
    /// How long writes waited for a full buffer.
    pub(crate) backpressure: Duration,
}

/// The counters. The clock is read once for the first byte, and twice whenever a write waits.
#[derive(Debug, Default)]
pub(super) struct Figures {
    first_byte: Option<Instant>,
    head_chunks: u64,
    chunks: u64,
    backpressure: Duration,
    /// Since when a write waits for capacity.
    waiting_since: Option<Instant>,
}

impl Figures {
    /// Counts a chunk that precedes the body.
    pub(super) fn add_head_chunk(&mut self) {
        self.head_chunks += 1;
    }

    /// Counts a chunk that the HTTP client takes.
    pub(super) fn add_chunk(&mut self) {
        if self.first_byte.is_none() {
            self.first_byte = Some(Instant::now());
        }
        self.chunks += 1;
    }

    /// The buffer is full, and a write waits.
    pub(super) fn start_waiting(&mut self) {
        if self.waiting_since.is_none() {
            self.waiting_since = Some(Instant::now());
        }
    }

    /// The buffer has capacity again.
    pub(super) fn end_waiting(&mut self) {
        if let Some(since) = self.waiting_since.take() {
            self.backpressure += since.elapsed();
        }
    }

    /// Returns the figures of a response with this many body bytes.
    pub(super) fn complete(&mut self, bytes: u64) -> ResponseFigures {
        self.end_waiting();
        ResponseFigures {
            first_byte: self.first_byte,
            bytes,
            chunks: self.chunks.saturating_sub(self.head_chunks),
            backpressure: self.backpressure,
        }
    }
}
