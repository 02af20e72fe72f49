//! The model of a pipe: the accepted bytes, how many of them were read and sent, and how the response ended.

/// An operation on one end of the pipe.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Write(usize),
    Send(usize),
    Push(usize),
    /// The handler makes as many writes of one length in one poll.
    WritesOfOnePoll(usize, usize),
    Start,
    PollCapacity,
    PollFlushed,
    PollDelivery,
    WriterEnds,
    WriterPanics,
    DropWriter,
    PollResponseStart,
    PollNext,
    /// The HTTP client drops one of the chunks that it holds, because the socket has it.
    DropChunk(usize),
    RuntimeEnds,
    RuntimeFails,
    RespondBuffered,
    /// Lambda accepts (`true`) or rejects the response.
    SetDeliveryResult(bool),
    PollWriterClosed,
}

/// An event that one end of the pipe waits for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wait {
    Capacity,
    Flushed,
    Delivery,
    WriterClosed,
    ResponseStart,
    Next,
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    Clean,
    Failed,
    Buffered,
}

#[derive(Clone, Copy, PartialEq)]
enum Writer {
    Open,
    Closed,
    Panicked,
}

pub(super) struct Model {
    capacity: usize,
    prelude: &'static [&'static [u8]],
    has_started: bool,
    /// All bytes that the reader must get: prelude and body.
    accepted: Vec<u8>,
    /// How many of them the reader got.
    read: usize,
    /// How many of them the HTTP client dropped.
    sent: usize,
    pub(super) bytes_written: u64,
    end: Option<End>,
    end_taken: bool,
    is_accepted: Option<bool>,
    writer: Writer,
}

const PRELUDE: &[&[u8]] = &[
    br#"{"statusCode":200,"headers":{"content-type":"application/octet-stream"},"cookies":[]}"#,
    &[0; 8],
];

impl Model {
    pub(super) fn new(capacity: usize, is_http: bool) -> Self {
        Self {
            capacity,
            prelude: if is_http { PRELUDE } else { &[] },
            has_started: false,
            accepted: Vec::new(),
            read: 0,
            sent: 0,
            bytes_written: 0,
            end: None,
            end_taken: false,
            is_accepted: None,
            writer: Writer::Open,
        }
    }

    fn is_closed(&self) -> bool {
        self.end.is_some() || self.is_accepted == Some(false)
    }

    fn unsent(&self) -> usize {
        self.accepted.len() - self.sent
    }

    fn ensure_started(&mut self) {
        if !self.has_started {
            self.has_started = true;
            self.accepted = self.prelude.concat();
        }
    }

    /// Returns how many bytes are accepted: `None` if the write waits, `Some(None)` if the response is closed.
    pub(super) fn accept(&mut self, bytes: &[u8]) -> Option<Option<usize>> {
        if self.is_closed() {
            return Some(None);
        }
        if bytes.is_empty() {
            return Some(Some(0));
        }
        self.ensure_started();
        let length = self.capacity.saturating_sub(self.unsent()).min(bytes.len());
        if length == 0 {
            return None;
        }
        self.push(&bytes[..length]);
        Some(Some(length))
    }

    pub(super) fn push(&mut self, bytes: &[u8]) -> Option<usize> {
        if self.is_closed() {
            return None;
        }
        self.ensure_started();
        self.accepted.extend_from_slice(bytes);
        self.bytes_written += bytes.len() as u64;
        Some(bytes.len())
    }

    pub(super) fn start(&mut self) -> bool {
        let is_open = !self.is_closed();
        if is_open {
            self.ensure_started();
        }
        is_open
    }

    pub(super) fn capacity(&self) -> Option<bool> {
        self.unless_closed(self.unsent() < self.capacity)
    }

    pub(super) fn flushed(&self) -> Option<bool> {
        self.unless_closed(self.unsent() == 0)
    }

    fn unless_closed(&self, is_ready: bool) -> Option<bool> {
        match self.is_closed() {
            true => Some(false),
            false => is_ready.then_some(true),
        }
    }

    /// Returns whether this is the first end.
    pub(super) fn set_end(&mut self, step: Step) -> bool {
        let is_first = self.end.is_none();
        self.end = self.end.or(Some(match step {
            Step::RuntimeFails => End::Failed,
            Step::RespondBuffered => End::Buffered,
            _ => End::Clean,
        }));
        is_first
    }

    /// A success before the end of the response is a rejection.
    pub(super) fn set_delivery_result(&mut self, is_accepted: bool) -> bool {
        let is_accepted = is_accepted && self.end_taken;
        self.is_accepted = Some(is_accepted);
        is_accepted
    }

    pub(super) fn delivery(&self) -> Option<bool> {
        match self.end {
            Some(End::Failed) => Some(false),
            _ => self.is_accepted,
        }
    }

    pub(super) fn set_writer_panicked(&mut self) {
        self.writer = Writer::Panicked;
    }

    pub(super) fn drop_writer(&mut self) {
        if self.writer == Writer::Open {
            self.writer = Writer::Closed;
        }
    }

    /// Returns `Some(false)` once after a panic.
    pub(super) fn writer_closed(&mut self) -> Option<bool> {
        match self.writer {
            Writer::Panicked => {
                self.writer = Writer::Closed;
                Some(false)
            }
            Writer::Closed => Some(true),
            Writer::Open => (self.end.is_some() || self.is_accepted.is_some()).then_some(true),
        }
    }

    pub(super) fn response_start(&mut self) -> Option<&'static str> {
        let not_streaming = match self.end {
            _ if self.has_started => None,
            Some(End::Failed) => Some("failed"),
            Some(End::Buffered) => Some("buffered"),
            Some(End::Clean) => {
                self.ensure_started();
                None
            }
            None => return None,
        };
        self.end_taken |= not_streaming.is_some();
        not_streaming.or(Some("streaming"))
    }

    pub(super) fn next(&mut self) -> Option<&'static str> {
        if self.is_accepted == Some(false) {
            return Some("closed");
        }
        if self.read < self.accepted.len() {
            return Some("chunk");
        }
        let end = self.end?;
        self.end_taken = true;
        Some(if end == End::Failed { "failed" } else { "end" })
    }

    /// Checks that a chunk contains the next bytes, and that each chunk of the prelude is read by itself.
    pub(super) fn read_chunk(&mut self, bytes: &[u8]) {
        assert!(!bytes.is_empty(), "an empty chunk would end a chunked body");
        let end = self.read + bytes.len();
        assert_eq!(
            Some(bytes),
            self.accepted.get(self.read..end),
            "the chunk does not contain the next bytes"
        );
        let mut part_end = 0;
        for part in self.prelude {
            let part_start = part_end;
            part_end += part.len();
            assert!(
                end <= part_start || self.read >= part_end || (self.read, end) == (part_start, part_end),
                "a chunk of the prelude was split or merged"
            );
        }
        self.read = end;
    }

    pub(super) fn drop_chunk(&mut self, length: usize) {
        self.sent += length;
    }

    /// Returns whether the reader got all bytes and the end, or the response was rejected.
    pub(super) fn is_drained(&self) -> bool {
        let is_complete = self.read == self.accepted.len() && self.end_taken;
        is_complete || self.is_accepted == Some(false)
    }

    /// Returns whether an end that waits for this event must have been woken.
    ///
    /// The pipe wakes two waits later than their events. After a rejection the reader is woken when the response ends.
    /// After `PipeWriter::end` the runtime is woken when the delivery result is set. Neither wait needs an earlier
    /// wake.
    pub(super) fn must_wake(&self, wait: Wait) -> bool {
        match wait {
            Wait::Capacity => self.capacity().is_some(),
            Wait::Flushed => self.flushed().is_some(),
            Wait::Delivery => self.delivery().is_some(),
            Wait::WriterClosed => self.writer != Writer::Open || self.is_accepted.is_some(),
            Wait::ResponseStart => self.has_started || self.end.is_some(),
            Wait::Next => self.read < self.accepted.len() || self.end.is_some(),
        }
    }
}
