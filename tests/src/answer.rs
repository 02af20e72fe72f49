//! One answer of the runtime, a POST, as the stand-in saw it. Knows nothing of how it was queued or received.

use std::fmt;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::wire::{Ending, Fields, Incoming};

/// What parts the prelude from the body.
const DELIMITER: [u8; 8] = [0; 8];
const ERROR_TYPE: &str = "Lambda-Runtime-Function-Error-Type";
const ERROR_BODY: &str = "Lambda-Runtime-Function-Error-Body";

/// What the runtime posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `POST …/response`
    Response,
    /// `POST …/error`
    Error,
    /// `POST /init/error`
    InitError,
    /// `POST /restore/error`
    RestoreError,
    /// `POST /extension/register`
    Registration,
}

/// A chunk of a chunked body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Its data.
    pub bytes: Vec<u8>,
    /// When the last byte of the data came.
    pub at: Instant,
}

/// What one read from the socket gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The bytes, of the head, the chunk framing and the trailers too.
    pub bytes: Vec<u8>,
    /// When they came.
    pub at: Instant,
}

/// A failure as Lambda is told of it, in trailers or in a POST of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// `errorType` of the JSON.
    pub error_type: String,
    /// `errorMessage` of the JSON.
    pub message: String,
    /// `stackTrace` of the JSON; empty if there is none.
    pub stack_trace: Vec<String>,
    /// `Lambda-Runtime-Function-Error-Type`, the trailer or the header.
    pub header_type: String,
}

/// A POST of the runtime, to its end.
///
/// Methods panic, with everything that came, when the answer is not of the form that they ask for.
#[derive(Clone)]
pub struct Answer {
    kind: Kind,
    incoming: Incoming,
    delivered_at: Option<Instant>,
    received_at: Instant,
    status: Option<u16>,
}

impl Answer {
    /// A POST that is through; `delivered_at` is when its event was handed out, if it has one.
    pub(crate) fn new(
        kind: Kind,
        incoming: Incoming,
        delivered_at: Option<Instant>,
        received_at: Instant,
        status: Option<u16>,
    ) -> Self {
        Self {
            kind,
            incoming,
            delivered_at,
            received_at,
            status,
        }
    }

    /// What was posted.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The path, as in the request line.
    pub fn path(&self) -> &str {
        self.incoming.head().map_or("", |head| &head.path)
    }

    /// The request's headers.
    pub fn headers(&self) -> &Fields {
        match self.incoming.head() {
            Some(head) => &head.headers,
            None => self.fail("a whole head"),
        }
    }

    /// The first header of this name, whatever the name's case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name)
    }

    /// The `Content-Type` header.
    pub fn content_type(&self) -> Option<&str> {
        self.header("Content-Type")
    }

    /// The body without its chunk framing, the prelude included.
    pub fn body(&self) -> &[u8] {
        self.incoming.body()
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        match std::str::from_utf8(self.body()) {
            Ok(text) => text,
            Err(_) => self.fail("a body of UTF-8"),
        }
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        match serde_json::from_slice(self.body()) {
            Ok(value) => value,
            Err(_) => self.fail("a body of JSON"),
        }
    }

    /// The chunks, the zero chunk apart; none when the body was not chunked.
    pub fn chunks(&self) -> Vec<Chunk> {
        let chunks = self.incoming.chunks();
        chunks
            .map(|(bytes, at)| Chunk {
                bytes: bytes.to_vec(),
                at,
            })
            .collect()
    }

    /// What each read from the socket gave, head included. Two writes of the runtime can come in one read, one
    /// write only in several if it is large.
    pub fn reads(&self) -> Vec<Read> {
        let reads = self.incoming.reads();
        reads
            .map(|(bytes, at)| Read {
                bytes: bytes.to_vec(),
                at,
            })
            .collect()
    }

    /// The real HTTP trailers, after the zero chunk.
    pub fn trailers(&self) -> Vec<(String, String)> {
        self.incoming.trailers().to_vec()
    }

    /// How the body ended.
    pub fn ending(&self) -> Ending {
        self.incoming.ending().unwrap_or(Ending::Truncated)
    }

    /// Every byte of the request as it came.
    pub fn raw(&self) -> &[u8] {
        self.incoming.raw()
    }

    /// The status that the stand-in answered with, unless the connection ended first.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// When the first byte of the request came.
    pub fn received_at(&self) -> Instant {
        self.received_at
    }

    /// From the moment when the event was handed out to the first byte of the body, the prelude's included.
    pub fn time_to_first_byte(&self) -> Duration {
        match (self.delivered_at, self.incoming.first_body_byte()) {
            (Some(delivered), Some(first)) => first.saturating_duration_since(delivered),
            _ => self.fail("an answer to an event, with a body"),
        }
    }

    /// The prelude, and the body after its eight NUL bytes.
    pub fn prelude(&self) -> (Value, &[u8]) {
        let body = self.body();
        let place = body.windows(DELIMITER.len()).position(|part| part == DELIMITER);
        let Some(place) = place else {
            self.fail("eight NUL bytes after a prelude");
        };
        match serde_json::from_slice(&body[..place]) {
            Ok(prelude @ Value::Object(_)) => (prelude, &body[place + DELIMITER.len()..]),
            _ => self.fail("a JSON object before the eight NUL bytes"),
        }
    }

    /// Whether Lambda was told of a failure.
    pub fn failed(&self) -> bool {
        self.kind != Kind::Response || self.incoming.trailers().iter().next().is_some()
    }

    /// The failure that Lambda was told of: in the trailers of a response, each exactly once and the body in base64,
    /// or in header and body of any other POST.
    pub fn error(&self) -> FunctionError {
        let (header_type, json) = match self.kind {
            Kind::Response => (
                self.only(self.incoming.trailers(), ERROR_TYPE),
                STANDARD
                    .decode(self.only(self.incoming.trailers(), ERROR_BODY))
                    .unwrap_or_else(|error| self.fail(&format!("base64 ({error})"))),
            ),
            _ => (self.only(self.headers(), ERROR_TYPE), self.body().to_vec()),
        };
        if !header_type.bytes().all(|byte| byte.is_ascii_graphic()) {
            self.fail("an error type of visible ASCII");
        }
        let json: Value =
            serde_json::from_slice(&json).unwrap_or_else(|error| self.fail(&format!("an error of JSON ({error})")));
        FunctionError {
            error_type: self.string(&json["errorType"]),
            message: self.string(&json["errorMessage"]),
            stack_trace: match &json["stackTrace"] {
                Value::Null => Vec::new(),
                Value::Array(lines) => lines.iter().map(|line| self.string(line)).collect(),
                other => self.fail(&format!("a stackTrace that is a list, not {other}")),
            },
            header_type: header_type.to_owned(),
        }
    }

    fn only<'a>(&self, fields: &'a Fields, name: &'a str) -> &'a str {
        match fields.all(name).collect::<Vec<_>>().as_slice() {
            [value] => value,
            values => self.fail(&format!("one {name}, not {}", values.len())),
        }
    }

    fn string(&self, value: &Value) -> String {
        match value.as_str() {
            Some(text) => text.to_owned(),
            None => self.fail(&format!("a string in the error, not {value}")),
        }
    }

    #[track_caller]
    fn fail(&self, wanted: &str) -> ! {
        panic!("expected {wanted}\n{self:?}")
    }
}

/// Everything that came, a line a read.
impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "{:?} ended {:?}, status {:?}, read as",
            self.kind,
            self.ending(),
            self.status
        )?;
        for (bytes, _) in self.incoming.reads() {
            writeln!(formatter, "  \"{}\"", bytes.escape_ascii())?;
        }
        Ok(())
    }
}
