//! The check of one response against its event.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use test_support::fast_runtime_api::{Receiver, ResponseStart};
use test_support::{Fields, RequestHead};

use crate::event::{End, Event};
use crate::random::Content;

const PRELUDE: &[u8] =
    b"{\"statusCode\":200,\"headers\":{\"content-type\":\"application/octet-stream\"},\"cookies\":[]}\0\0\0\0\0\0\0\0";
const INTEGRATION_RESPONSE: &str = "application/vnd.awslambda.http-integration-response";
const ERROR_TYPE: &str = "lambda-runtime-function-error-type";
const ERROR_BODY: &str = "lambda-runtime-function-error-body";

/// The rate at which a slow response is read, in bytes per second.
const SLOW_RATE: u64 = 32 * 1024 * 1024;

/// Compares a response with its event while it arrives.
pub(crate) struct ResponseCheck {
    pub(crate) event: Event,
    prelude: &'static [u8],
    /// The number of body bytes received so far, including the prelude.
    pub(crate) length: usize,
    pub(crate) chunks: u64,
    trailers: Fields,
    /// The body of `POST …/error`.
    error: Vec<u8>,
    expected: Vec<u8>,
    mismatch: Option<String>,
}

impl ResponseCheck {
    /// Starts the check of a response or an error with its head.
    pub(crate) fn new(event: Event, start: &ResponseStart<'_>) -> Self {
        let mut check = Self {
            event,
            prelude: if event.is_http { PRELUDE } else { b"" },
            length: 0,
            chunks: 0,
            trailers: Fields::default(),
            error: Vec::new(),
            expected: Vec::new(),
            mismatch: None,
        };
        if start.is_error == event.is_started() {
            check.add_mismatch("an error in place of a response, or a response in place of an error");
        } else if start.is_error {
            check.expect_header(start.head, ERROR_TYPE, check.error_type());
        } else {
            let content_type = if event.is_http {
                INTEGRATION_RESPONSE
            } else {
                "application/octet-stream"
            };
            check.expect_header(start.head, "content-type", content_type);
            check.expect_header(start.head, "transfer-encoding", "chunked");
            check.expect_header(start.head, "lambda-runtime-function-response-mode", "streaming");
        }
        check
    }

    /// Ends the check of a complete response. Returns the first mismatch as an error.
    pub(crate) fn finish(mut self) -> Result<(), String> {
        if self.event.is_started() {
            let expected = self.prelude.len() + self.event.length;
            if self.length != expected {
                self.add_mismatch(&format!("{} bytes received, {expected} expected", self.length));
            }
        }
        let error = match (self.event.end, self.event.is_started()) {
            (End::Success, _) => None,
            (_, true) => {
                let error_type = self.trailers.get(ERROR_TYPE).map(str::to_owned);
                if error_type.as_deref() != Some(self.error_type()) {
                    self.add_mismatch(&format!("trailer {ERROR_TYPE}: {error_type:?}"));
                }
                let body = self.trailers.get(ERROR_BODY).unwrap_or_default();
                Some(STANDARD.decode(body).unwrap_or_default())
            }
            (_, false) => Some(std::mem::take(&mut self.error)),
        };
        match error {
            Some(error) => {
                let error: Value = serde_json::from_slice(&error).unwrap_or_default();
                if error["errorMessage"] != self.event.message() || error["errorType"] != self.error_type() {
                    self.add_mismatch(&format!("error {error}"));
                }
            }
            None if self.trailers.iter().next().is_some() => {
                let trailers = self.trailers.to_vec();
                self.add_mismatch(&format!("unexpected trailers {trailers:?}"));
            }
            None => {}
        }
        match self.mismatch {
            Some(mismatch) => Err(format!("wrong response to {:?}: {mismatch}", self.event)),
            None => Ok(()),
        }
    }

    fn check_data(&mut self, data: &[u8]) {
        let mut expected = std::mem::take(&mut self.expected);
        expected.resize(data.len(), 0);
        let prelude = self.prelude.get(self.length..).unwrap_or_default();
        let prelude_size = prelude.len().min(data.len());
        expected[..prelude_size].copy_from_slice(&prelude[..prelude_size]);
        let start = (self.length + prelude_size) - self.prelude.len().min(self.length + prelude_size);
        Content(self.event.seed).fill(start, &mut expected[prelude_size..]);
        if data != expected {
            let equal = data
                .iter()
                .zip(&expected)
                .take_while(|(received, expected)| received == expected);
            let index = self.length + equal.count();
            self.add_mismatch(&format!("wrong byte at index {index}"));
        }
        self.length += data.len();
        self.expected = expected;
    }

    fn error_type(&self) -> &'static str {
        match self.event.end {
            End::Panic => "Function.Panic",
            _ => "Function.Planned",
        }
    }

    fn expect_header(&mut self, head: &RequestHead, name: &str, value: &str) {
        let found = head.headers.get(name);
        if found != Some(value) {
            self.add_mismatch(&format!("header {name}: {found:?}"));
        }
    }

    /// Keeps the first mismatch, because later ones can result from it.
    fn add_mismatch(&mut self, mismatch: &str) {
        self.mismatch.get_or_insert_with(|| mismatch.to_owned());
    }
}

impl Receiver for ResponseCheck {
    fn read_rate(&self) -> Option<u64> {
        self.event.is_read_slowly.then_some(SLOW_RATE)
    }

    fn chunk_started(&mut self) {
        self.chunks += 1;
    }

    fn data(&mut self, data: &[u8]) {
        if self.event.is_started() {
            self.check_data(data);
        } else {
            self.error.extend_from_slice(data);
        }
    }

    fn trailer(&mut self, name: String, value: String) {
        self.trailers.push(name, value);
    }
}
