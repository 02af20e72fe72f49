//! What is seen of one answer.

use std::time::{Duration, Instant};

use lambda_stream_bench::TOKEN;

/// How an answer is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Its bytes are counted.
    Count,
    /// Its bytes are kept.
    Keep,
    /// Each token is compared with the clock.
    Tokens,
    /// At so many bytes a second; they are counted.
    Slowly(u64),
}

/// One answer, as it came. What a prelude says belongs to none of it.
pub(crate) struct Answer {
    delivered: Instant,
    reading: Reading,
    /// How many of the eight NULs that end a prelude are still to come.
    nuls_to_come: usize,
    /// Tokens that were seen in the present chunk.
    in_chunk: usize,
    /// From the event's delivery to the first byte of the body.
    pub(crate) first_byte: Option<Duration>,
    /// From the event's delivery to the end of the body.
    pub(crate) total: Duration,
    /// The bytes of the body.
    pub(crate) length: u64,
    /// The body, where it is kept.
    pub(crate) body: Vec<u8>,
    /// From the writing of each token to its arrival.
    pub(crate) delays: Vec<Duration>,
    /// Tokens that came in one chunk with another.
    pub(crate) sharing: usize,
    /// Why it is no answer.
    pub(crate) fault: Option<String>,
}

impl Answer {
    pub(crate) fn new(delivered: Instant, reading: Reading, has_prelude: bool) -> Self {
        Self {
            delivered,
            reading,
            nuls_to_come: if has_prelude { 8 } else { 0 },
            in_chunk: 0,
            first_byte: None,
            total: Duration::ZERO,
            length: 0,
            body: Vec::new(),
            delays: Vec::new(),
            sharing: 0,
            fault: None,
        }
    }

    /// A chunk begins.
    pub(crate) fn chunk(&mut self) {
        self.in_chunk = 0;
    }

    /// Data that arrived then; `nanoseconds` is the same time by the clock of the tokens.
    pub(crate) fn data(&mut self, mut data: &[u8], now: Instant, nanoseconds: u64) {
        while self.nuls_to_come > 0 {
            let Some((first, rest)) = data.split_first() else {
                return;
            };
            self.nuls_to_come -= usize::from(*first == 0);
            data = rest;
        }
        if data.is_empty() {
            return;
        }
        self.first_byte.get_or_insert_with(|| now - self.delivered);
        self.length += data.len() as u64;
        match self.reading {
            Reading::Count | Reading::Slowly(_) => {}
            Reading::Keep => self.body.extend_from_slice(data),
            Reading::Tokens => {
                // Spaces are what makes tokens of unequal length.
                self.body.extend(data.iter().filter(|byte| **byte != b' '));
                self.tokens(nanoseconds);
            }
        }
    }

    /// Compares the tokens that are whole since the last time with the clock.
    fn tokens(&mut self, nanoseconds: u64) {
        let seen = self.delays.len() * TOKEN;
        for token in self.body[seen..].chunks_exact(TOKEN) {
            let text = std::str::from_utf8(token).unwrap_or_default();
            let Ok(written) = u64::from_str_radix(text, 16) else {
                self.fault = Some("what is no token".to_owned());
                return;
            };
            self.delays
                .push(Duration::from_nanos(nanoseconds.saturating_sub(written)));
            self.in_chunk += 1;
            self.sharing += match self.in_chunk {
                1 => 0,
                2 => 2,
                _ => 1,
            };
        }
    }
}
