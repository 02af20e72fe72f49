//! The event of an invocation, generated from the seed of the run and the number of the invocation.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::random::Random;

const MIB: usize = 1024 * 1024;

/// What the function does.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) number: u64,
    /// The seed of the response's bytes and of the chunks in which they are written.
    pub(crate) seed: u64,
    /// The number of body bytes to write.
    pub(crate) length: usize,
    pub(crate) end: End,
    /// Whether the event has the form of a Function URL event, so that the response starts with a prelude.
    pub(crate) is_http: bool,
    /// Whether the mock reads the response slowly.
    pub(crate) is_read_slowly: bool,
}

/// How the handler ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum End {
    Success,
    Error,
    Panic,
}

impl Event {
    /// Generates an event. Of a thousand events, 60 fail after the first byte and 40 before it, a third of them with a panic.
    /// 18 have large responses. Two have responses that are larger than all buffers and are read slowly.
    pub(crate) fn generate(run_seed: u64, number: u64) -> Self {
        let mut random = Random::new(run_seed ^ number.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        let failure = if random.below(3) == 0 { End::Panic } else { End::Error };
        let (end, is_empty) = match random.below(1000) {
            0..60 => (failure, false),
            60..100 => (failure, true),
            100..120 => (End::Success, true),
            _ => (End::Success, false),
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

    /// Whether the function starts a response. If not, it reports an error instead.
    pub(crate) fn is_started(&self) -> bool {
        self.length > 0 || self.end == End::Success
    }

    /// Returns the message of the error. It contains the number, so that the error of another invocation is noticed.
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
