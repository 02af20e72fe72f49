//! What a pipe is, without how: bytes that were accepted, how far they got, and how the response ended.

/// What its parties may do.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Write(usize),
    Send(usize),
    Push(usize),
    Start,
    AwaitRoom,
    AwaitEmpty,
    AwaitAnswer,
    WriterEnds,
    WriterPanics,
    DropWriter,
    AwaitBeginning,
    AwaitNext,
    /// The socket has taken one of the pieces that the transport holds.
    LetGo(usize),
    RuntimeEnds,
    RuntimeFails,
    RespondBuffered,
    /// Lambda takes the response, or refuses it.
    LambdaAnswers(bool),
    AwaitWriterGone,
}

/// What they wait for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wait {
    Room,
    Empty,
    Answer,
    WriterGone,
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
    There,
    Gone,
    Panicked,
}

pub(super) struct Model {
    capacity: usize,
    prelude: &'static [&'static [u8]],
    started: bool,
    /// All that the transport is to get, prelude and body.
    accepted: Vec<u8>,
    /// So much of it the transport has got…
    delivered: usize,
    /// …and so much it has let go.
    sent: usize,
    pub(super) written: u64,
    end: Option<End>,
    end_delivered: bool,
    answer: Option<bool>,
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
            started: false,
            accepted: Vec::new(),
            delivered: 0,
            sent: 0,
            written: 0,
            end: None,
            end_delivered: false,
            answer: None,
            writer: Writer::There,
        }
    }

    fn is_closed(&self) -> bool {
        self.end.is_some() || self.answer == Some(false)
    }

    fn unsent(&self) -> usize {
        self.accepted.len() - self.sent
    }

    fn open(&mut self) {
        if !self.started {
            self.started = true;
            self.accepted = self.prelude.concat();
        }
    }

    /// How many bytes are accepted, `Some(None)` if no more ever are.
    pub(super) fn accept(&mut self, bytes: &[u8]) -> Option<Option<usize>> {
        if self.is_closed() {
            return Some(None);
        }
        if bytes.is_empty() {
            return Some(Some(0));
        }
        self.open();
        let room = self.capacity.saturating_sub(self.unsent()).min(bytes.len());
        if room == 0 {
            return None;
        }
        self.push(&bytes[..room]);
        Some(Some(room))
    }

    pub(super) fn push(&mut self, bytes: &[u8]) -> Option<usize> {
        if self.is_closed() {
            return None;
        }
        self.open();
        self.accepted.extend_from_slice(bytes);
        self.written += bytes.len() as u64;
        Some(bytes.len())
    }

    pub(super) fn start(&mut self) -> bool {
        let may_start = !self.is_closed();
        if may_start {
            self.open();
        }
        may_start
    }

    pub(super) fn room(&self) -> Option<bool> {
        self.found(self.unsent() < self.capacity)
    }

    pub(super) fn empty(&self) -> Option<bool> {
        self.found(self.unsent() == 0)
    }

    fn found(&self, there: bool) -> Option<bool> {
        match self.is_closed() {
            true => Some(false),
            false => there.then_some(true),
        }
    }

    /// The first decision stands.
    pub(super) fn decide(&mut self, step: Step) -> bool {
        let is_first = self.end.is_none();
        self.end = self.end.or(Some(match step {
            Step::RuntimeFails => End::Failed,
            Step::RespondBuffered => End::Buffered,
            _ => End::Clean,
        }));
        is_first
    }

    /// An answer to what is not whole is a refusal.
    pub(super) fn answer(&mut self, taken: bool) -> bool {
        let taken = taken && self.end_delivered;
        self.answer = Some(taken);
        taken
    }

    pub(super) fn answered(&self) -> Option<bool> {
        match self.end {
            Some(End::Failed) => Some(false),
            _ => self.answer,
        }
    }

    pub(super) fn writer_panics(&mut self) {
        self.writer = Writer::Panicked;
    }

    pub(super) fn writer_drops(&mut self) {
        if self.writer == Writer::There {
            self.writer = Writer::Gone;
        }
    }

    /// `Some(false)` after a panic, once.
    pub(super) fn writer_gone(&mut self) -> Option<bool> {
        match self.writer {
            Writer::Panicked => {
                self.writer = Writer::Gone;
                Some(false)
            }
            Writer::Gone => Some(true),
            Writer::There => (self.end.is_some() || self.answer.is_some()).then_some(true),
        }
    }

    pub(super) fn beginning(&mut self) -> Option<&'static str> {
        let whole = match self.end {
            _ if self.started => None,
            Some(End::Failed) => Some("failed"),
            Some(End::Buffered) => Some("buffered"),
            Some(End::Clean) => {
                self.open();
                None
            }
            None => return None,
        };
        self.end_delivered |= whole.is_some();
        whole.or(Some("streaming"))
    }

    pub(super) fn next(&mut self) -> Option<&'static str> {
        if self.answer == Some(false) {
            return Some("closed");
        }
        if self.delivered < self.accepted.len() {
            return Some("bytes");
        }
        let end = self.end?;
        self.end_delivered = true;
        Some(if end == End::Failed { "failed" } else { "end" })
    }

    /// The transport was given these: the next ones, and of the prelude one piece at a time.
    pub(super) fn deliver(&mut self, bytes: &[u8]) {
        assert!(!bytes.is_empty(), "an empty piece would end a chunked body");
        let end = self.delivered + bytes.len();
        assert_eq!(
            Some(bytes),
            self.accepted.get(self.delivered..end),
            "not the next bytes"
        );
        let mut piece_end = 0;
        for piece in self.prelude {
            let piece_start = piece_end;
            piece_end += piece.len();
            assert!(
                end <= piece_start || self.delivered >= piece_end || (self.delivered, end) == (piece_start, piece_end),
                "a piece of the prelude that is cut, or has company"
            );
        }
        self.delivered = end;
    }

    pub(super) fn let_go(&mut self, length: usize) {
        self.sent += length;
    }

    /// The transport has all that it can get.
    pub(super) fn is_drained(&self) -> bool {
        let all = self.delivered == self.accepted.len() && self.end_delivered;
        all || self.answer == Some(false)
    }

    /// Whether whoever waits for this must have been woken.
    ///
    /// Two are told late, which is enough: the transport of a refused response when the invocation has ended, and the
    /// runtime of one that its writer has ended when Lambda has answered.
    pub(super) fn wakes(&self, wait: Wait) -> bool {
        match wait {
            Wait::Room => self.room().is_some(),
            Wait::Empty => self.empty().is_some(),
            Wait::Answer => self.answered().is_some(),
            Wait::WriterGone => self.writer != Writer::There || self.answer.is_some(),
            Wait::ResponseStart => self.started || self.end.is_some(),
            Wait::Next => self.delivered < self.accepted.len() || self.end.is_some(),
        }
    }
}
