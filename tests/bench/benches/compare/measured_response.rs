//! The measurements of one response, taken while it arrives.

use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use lambda_stream_bench::{TOKEN_SIZE, nanoseconds_since_1970};
use test_support::fast_runtime_api::{Receiver, ResponseStart};

/// The content type of a response with a prelude.
const PRELUDE_CONTENT_TYPE: &str = "application/vnd.awslambda.http-integration-response";

/// How a response is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadMode {
    /// Count the bytes of the body.
    Count,
    /// Keep the body.
    Keep,
    /// Compare each token with the clock.
    Tokens,
    /// Count the bytes, and read at this rate in bytes per second.
    Slow(u64),
}

/// A response and its measurements. The prelude does not count.
pub(crate) struct MeasuredResponse {
    delivered_at: Instant,
    mode: ReadMode,
    /// The number of the eight NULs at the end of the prelude that have not arrived.
    prelude_nuls_left: usize,
    /// The number of tokens in the current chunk.
    tokens_in_chunk: usize,
    /// When the current bytes were read, by the clock and by the clock of the tokens.
    read_at: Instant,
    read_at_nanoseconds: u64,
    /// The time from the delivery of the event to the first byte of the body.
    pub(crate) first_byte: Option<Duration>,
    /// The time from the delivery of the event to the end of the body.
    pub(crate) total: Duration,
    /// The length of the body in bytes.
    pub(crate) length: u64,
    /// The body, if it is kept.
    pub(crate) body: Vec<u8>,
    /// For each token, the time from its write to its arrival.
    pub(crate) delays: Vec<Duration>,
    /// The number of tokens that arrived in a chunk with another token.
    pub(crate) sharing: usize,
    /// Why the response is invalid.
    pub(crate) error: Option<String>,
    /// Where the complete response is sent.
    sender: Option<Sender<MeasuredResponse>>,
}

impl MeasuredResponse {
    pub(crate) fn new(start: &ResponseStart<'_>, mode: ReadMode, sender: Sender<MeasuredResponse>) -> Self {
        let has_prelude = start.head.headers.get("content-type") == Some(PRELUDE_CONTENT_TYPE);
        Self {
            delivered_at: start.delivered_at,
            mode,
            prelude_nuls_left: if has_prelude { 8 } else { 0 },
            tokens_in_chunk: 0,
            read_at: start.delivered_at,
            read_at_nanoseconds: 0,
            first_byte: None,
            total: Duration::ZERO,
            length: 0,
            body: Vec::new(),
            delays: Vec::new(),
            sharing: 0,
            error: start.is_error.then(|| "an error".to_owned()),
            sender: Some(sender),
        }
    }

    /// Sends the complete response to the measurement that waits for it.
    pub(crate) fn finish(mut self) {
        self.total = self.read_at - self.delivered_at;
        if let Some(sender) = self.sender.take() {
            // The measurement may have ended with an error.
            let _ = sender.send(self);
        }
    }

    /// Compares the tokens that have become complete with the clock.
    fn measure_tokens(&mut self) {
        let measured = self.delays.len() * TOKEN_SIZE;
        for token in self.body[measured..].chunks_exact(TOKEN_SIZE) {
            let text = std::str::from_utf8(token).unwrap_or_default();
            let Ok(written_at) = u64::from_str_radix(text, 16) else {
                self.error = Some("an invalid token".to_owned());
                return;
            };
            let delay = self.read_at_nanoseconds.saturating_sub(written_at);
            self.delays.push(Duration::from_nanos(delay));
            self.tokens_in_chunk += 1;
            self.sharing += match self.tokens_in_chunk {
                1 => 0,
                2 => 2,
                _ => 1,
            };
        }
    }
}

impl Receiver for MeasuredResponse {
    fn read_rate(&self) -> Option<u64> {
        match self.mode {
            ReadMode::Slow(bytes_per_second) => Some(bytes_per_second),
            _ => None,
        }
    }

    fn read_returned(&mut self, at: Instant) {
        self.read_at = at;
        if self.mode == ReadMode::Tokens {
            self.read_at_nanoseconds = nanoseconds_since_1970();
        }
    }

    fn chunk_started(&mut self) {
        self.tokens_in_chunk = 0;
    }

    fn data(&mut self, mut data: &[u8]) {
        while self.prelude_nuls_left > 0 {
            let Some((first, rest)) = data.split_first() else {
                return;
            };
            self.prelude_nuls_left -= usize::from(*first == 0);
            data = rest;
        }
        if data.is_empty() {
            return;
        }
        self.first_byte.get_or_insert_with(|| self.read_at - self.delivered_at);
        self.length += data.len() as u64;
        match self.mode {
            ReadMode::Count | ReadMode::Slow(_) => {}
            ReadMode::Keep => self.body.extend_from_slice(data),
            ReadMode::Tokens => {
                // Spaces pad the tokens to different lengths.
                self.body.extend(data.iter().filter(|byte| **byte != b' '));
                self.measure_tokens();
            }
        }
    }

    fn trailer(&mut self, name: String, value: String) {
        self.error = Some(format!("the trailer {name}: {value}"));
    }
}
