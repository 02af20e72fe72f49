//! [`Batch`]: bytes that a writer collects without the lock of its pipe.

use std::time::Instant;

use bytes::BytesMut;

use super::clock_reads::ClockReads;

/// Accepted bytes that are not in the pipe yet. [`PipeWriter::start_batch`](super::PipeWriter::start_batch) creates it, and
/// [`PipeWriter::end_batch`](super::PipeWriter::end_batch) moves the bytes to the pipe.
#[derive(Debug)]
pub(in crate::stream) struct Batch {
    /// The pipe's own buffer if that was empty, so that its capacity is reused.
    pub(super) bytes: BytesMut,
    /// How many bytes the batch can accept.
    capacity: usize,
    /// When the writer has to yield.
    deadline: Instant,
    clock_reads: ClockReads,
}

impl Batch {
    pub(super) fn new(bytes: BytesMut, capacity: usize, deadline: Instant) -> Self {
        Self {
            bytes,
            capacity,
            deadline,
            clock_reads: ClockReads::default(),
        }
    }

    /// Accepts a copy of `bytes` and returns whether the writer has to yield, or accepts nothing if the pipe lacks the
    /// capacity.
    pub(in crate::stream) fn push(&mut self, bytes: &[u8]) -> Option<IsYieldDue> {
        if bytes.len() > self.capacity {
            return None;
        }
        self.bytes.extend_from_slice(bytes);
        self.capacity -= bytes.len();
        Some(self.clock_reads.is_due() && Instant::now() >= self.deadline)
    }
}

/// Whether the writer has to yield, so that the HTTP client sends the accepted bytes.
pub(in crate::stream) type IsYieldDue = bool;
