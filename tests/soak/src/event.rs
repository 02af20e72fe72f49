//! What an invocation is to do: made from the run's seed and the invocation's number, told to the function as its event.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::random::Random;

const MIB: usize = 1024 * 1024;

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) number: u64,
    /// Of the answer's bytes, and of the pieces in which they are written.
    pub(crate) seed: u64,
    /// The bytes of the body that are written before the end.
    pub(crate) length: usize,
    pub(crate) end: End,
    /// Whether it looks like the event of a Function URL: a prelude then leads the answer.
    pub(crate) is_http: bool,
    /// The caller takes its time.
    pub(crate) is_read_slowly: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum End {
    Clean,
    Error,
    Panic,
}

impl Event {
    /// Of a thousand: 60 fail in mid-stream, 40 before the first byte, a third of them by a panic; 18 are large, and two
    /// are larger than all buffers on their way and read slowly.
    pub(crate) fn of(run: u64, number: u64) -> Self {
        let mut random = Random::new(run ^ number.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        let failure = if random.below(3) == 0 { End::Panic } else { End::Error };
        let (end, is_empty) = match random.below(1000) {
            0..60 => (failure, false),
            60..100 => (failure, true),
            100..120 => (End::Clean, true),
            _ => (End::Clean, false),
        };
        let (length, is_read_slowly) = match random.below(1000) {
            _ if is_empty => (0, false),
            0..2 => (4 * MIB + random.below(4 * MIB), true),
            2..20 => (random.size(20), false),
            _ => (random.size(16), false),
        };
        Self {
            number,
            seed: random.next(),
            length,
            end,
            is_http: random.below(4) == 0,
            is_read_slowly,
        }
    }

    /// Whether there is a response at all, and not only an error.
    pub(crate) fn is_started(&self) -> bool {
        self.length > 0 || self.end == End::Clean
    }

    /// What the error says: it names the invocation, so that another's shows.
    pub(crate) fn message(&self) -> String {
        format!("planned for invocation {}", self.number)
    }

    pub(crate) fn to_json(self) -> String {
        let mut json = json!(self);
        if self.is_http {
            json["version"] = "2.0".into();
            json["requestContext"] = json!({ "http": { "method": "GET", "path": "/" } });
        }
        json.to_string()
    }
}
