//! An answer, compared with what its event asked for.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::connection::{Found, Head};
use crate::event::{End, Event};
use crate::random::Content;

const PRELUDE: &[u8] =
    b"{\"statusCode\":200,\"headers\":{\"content-type\":\"application/octet-stream\"},\"cookies\":[]}\0\0\0\0\0\0\0\0";
const INTEGRATION_RESPONSE: &str = "application/vnd.awslambda.http-integration-response";
const ERROR_TYPE: &str = "lambda-runtime-function-error-type";
const ERROR_BODY: &str = "lambda-runtime-function-error-body";

pub(crate) struct Checked {
    event: Event,
    prelude: &'static [u8],
    /// The bytes of the body that came so far, the prelude's too.
    pub(crate) length: usize,
    pub(crate) chunks: u64,
    trailers: Vec<String>,
    /// The body of an error.
    error: Vec<u8>,
    expected: Vec<u8>,
    fault: Option<String>,
}

impl Checked {
    /// The answer to `event` begins, with this head, as a response or as an error.
    pub(crate) fn new(event: Event, head: &Head, is_error: bool) -> Self {
        let mut checked = Self {
            event,
            prelude: if event.is_http { PRELUDE } else { b"" },
            length: 0,
            chunks: 0,
            trailers: Vec::new(),
            error: Vec::new(),
            expected: Vec::new(),
            fault: None,
        };
        if is_error == event.is_started() {
            checked.fault("it is an error in place of a response, or the other way round");
        } else if is_error {
            checked.expect(head, ERROR_TYPE, checked.error_type());
        } else {
            let content_type = if event.is_http {
                INTEGRATION_RESPONSE
            } else {
                "application/octet-stream"
            };
            checked.expect(head, "content-type", content_type);
            checked.expect(head, "transfer-encoding", "chunked");
            checked.expect(head, "lambda-runtime-function-response-mode", "streaming");
        }
        checked
    }

    pub(crate) fn take(&mut self, found: Found<'_>) {
        match found {
            Found::Chunk => self.chunks += 1,
            Found::Data(data) if self.event.is_started() => self.data(data),
            Found::Data(data) => self.error.extend_from_slice(data),
            Found::Trailer(line) => self.trailers.push(line),
        }
    }

    /// The answer has ended. What was wrong with it, if anything.
    pub(crate) fn finish(mut self) -> Result<(), String> {
        if self.event.is_started() {
            let expected = self.prelude.len() + self.event.length;
            if self.length != expected {
                self.fault(&format!("{} bytes came, and not {expected}", self.length));
            }
        }
        let error = match (self.event.end, self.event.is_started()) {
            (End::Clean, _) => None,
            (_, true) => {
                let error_type = self.trailer(ERROR_TYPE);
                if error_type.as_deref() != Some(self.error_type()) {
                    self.fault(&format!("its trailer is {error_type:?}"));
                }
                let body = self.trailer(ERROR_BODY).unwrap_or_default();
                Some(STANDARD.decode(body).unwrap_or_default())
            }
            (_, false) => Some(std::mem::take(&mut self.error)),
        };
        match error {
            Some(error) => {
                let error: Value = serde_json::from_slice(&error).unwrap_or_default();
                if error["errorMessage"] != self.event.message() || error["errorType"] != self.error_type() {
                    self.fault(&format!("its error is {error}"));
                }
            }
            None if !self.trailers.is_empty() => {
                let trailers = self.trailers.join(", ");
                self.fault(&format!("it has trailers: {trailers}"));
            }
            None => {}
        }
        match self.fault {
            Some(fault) => Err(format!("{:?} was answered wrongly: {fault}", self.event)),
            None => Ok(()),
        }
    }

    fn data(&mut self, data: &[u8]) {
        let mut expected = std::mem::take(&mut self.expected);
        expected.resize(data.len(), 0);
        let rest = self.prelude.get(self.length..).unwrap_or_default();
        let of_prelude = rest.len().min(data.len());
        expected[..of_prelude].copy_from_slice(&rest[..of_prelude]);
        let start = (self.length + of_prelude) - self.prelude.len().min(self.length + of_prelude);
        Content(self.event.seed).fill(start, &mut expected[of_prelude..]);
        if data != expected {
            let wrong = data
                .iter()
                .zip(&expected)
                .take_while(|(came, expected)| came == expected);
            let at = self.length + wrong.count();
            self.fault(&format!("byte {at} is wrong"));
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

    fn trailer(&self, name: &str) -> Option<String> {
        let fields = self.trailers.iter().filter_map(|line| line.split_once(':'));
        let mut found = fields.filter(|(found, _)| found.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.trim().to_owned())
    }

    fn expect(&mut self, head: &Head, name: &str, value: &str) {
        if head.get(name) != Some(value) {
            self.fault(&format!("its header {name} is {:?}", head.get(name)));
        }
    }

    /// The first stands: the rest follows from it.
    fn fault(&mut self, what: &str) {
        self.fault.get_or_insert_with(|| what.to_owned());
    }
}
