//! A recorded POST of the runtime.

use std::fmt;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::http::{BodyEnd, Fields, RecordedRequest};

/// The delimiter between the prelude and the body.
const DELIMITER: [u8; 8] = [0; 8];
const ERROR_TYPE: &str = "Lambda-Runtime-Function-Error-Type";
const ERROR_BODY: &str = "Lambda-Runtime-Function-Error-Body";

/// The call by which the runtime posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseKind {
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
    /// The data.
    pub bytes: Vec<u8>,
    /// When the last byte of the data arrived.
    pub at: Instant,
}

/// The bytes of one read from the socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The bytes, including head, chunk framing and trailers.
    pub bytes: Vec<u8>,
    /// When the read returned.
    pub at: Instant,
}

/// An error that the runtime reported, in trailers or in a POST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// `errorType` in the JSON.
    pub error_type: String,
    /// `errorMessage` in the JSON.
    pub message: String,
    /// `stackTrace` in the JSON; empty if it is absent.
    pub stack_trace: Vec<String>,
    /// `Lambda-Runtime-Function-Error-Type`, the trailer or the header.
    pub header_type: String,
}

/// A complete POST of the runtime: a response, or an error in place of it.
///
/// Methods panic with all received bytes if the POST does not have the requested property.
#[derive(Clone)]
pub struct Response {
    kind: ResponseKind,
    request: RecordedRequest,
    delivered_at: Option<Instant>,
    received_at: Instant,
    status: Option<u16>,
}

impl Response {
    /// Creates the record of a complete POST. `delivered_at` is when the mock delivered the event, if there is one.
    pub(crate) fn new(
        kind: ResponseKind,
        request: RecordedRequest,
        delivered_at: Option<Instant>,
        received_at: Instant,
        status: Option<u16>,
    ) -> Self {
        Self {
            kind,
            request,
            delivered_at,
            received_at,
            status,
        }
    }

    /// Returns the call by which the runtime posted.
    pub fn kind(&self) -> ResponseKind {
        self.kind
    }

    /// Returns the path in the request line.
    pub fn path(&self) -> &str {
        self.request.head().map_or("", |head| &head.path)
    }

    /// Returns the request headers.
    pub fn headers(&self) -> &Fields {
        match self.request.head() {
            Some(head) => &head.headers,
            None => self.fail("a complete head"),
        }
    }

    /// Returns the first header with this name. Names are compared without case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name)
    }

    /// Returns the `Content-Type` header.
    pub fn content_type(&self) -> Option<&str> {
        self.header("Content-Type")
    }

    /// Returns the body, without chunk framing and with the prelude.
    pub fn body(&self) -> &[u8] {
        self.request.body()
    }

    /// Returns the body as text.
    pub fn text(&self) -> &str {
        match std::str::from_utf8(self.body()) {
            Ok(text) => text,
            Err(_) => self.fail("a UTF-8 body"),
        }
    }

    /// Returns the body as JSON.
    pub fn json(&self) -> Value {
        match serde_json::from_slice(self.body()) {
            Ok(value) => value,
            Err(_) => self.fail("a JSON body"),
        }
    }

    /// Returns the chunks without the last, empty one. A body that is not chunked has none.
    pub fn chunks(&self) -> Vec<Chunk> {
        let chunks = self.request.chunks();
        chunks
            .map(|(bytes, at)| Chunk {
                bytes: bytes.to_vec(),
                at,
            })
            .collect()
    }

    /// Returns the socket reads that delivered the request, head included. One read can contain two writes of the
    /// runtime. Only a large write is split over several reads.
    pub fn reads(&self) -> Vec<Read> {
        let reads = self.request.reads();
        reads
            .map(|(bytes, at)| Read {
                bytes: bytes.to_vec(),
                at,
            })
            .collect()
    }

    /// Returns the HTTP trailers that follow the last chunk.
    pub fn trailers(&self) -> Vec<(String, String)> {
        self.request.trailers().to_vec()
    }

    /// Returns how the body ended.
    pub fn body_end(&self) -> BodyEnd {
        self.request.body_end().unwrap_or(BodyEnd::Truncated)
    }

    /// Returns the bytes of the request as received.
    pub fn raw(&self) -> &[u8] {
        self.request.raw()
    }

    /// Returns the status with which the mock responded, or `None` if the connection ended first.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// Returns when the first byte of the request arrived.
    pub fn received_at(&self) -> Instant {
        self.received_at
    }

    /// Returns the time from the delivery of the event to the first byte of the body, which may belong to the prelude.
    pub fn time_to_first_byte(&self) -> Duration {
        match (self.delivered_at, self.request.first_body_byte()) {
            (Some(delivered), Some(first)) => first.saturating_duration_since(delivered),
            _ => self.fail("a response to an event, with a body"),
        }
    }

    /// Returns the prelude, and the body after the eight NUL bytes.
    pub fn prelude(&self) -> (Value, &[u8]) {
        let body = self.body();
        let position = body.windows(DELIMITER.len()).position(|part| part == DELIMITER);
        let Some(position) = position else {
            self.fail("eight NUL bytes after a prelude");
        };
        match serde_json::from_slice(&body[..position]) {
            Ok(prelude @ Value::Object(_)) => (prelude, &body[position + DELIMITER.len()..]),
            _ => self.fail("a JSON object before the eight NUL bytes"),
        }
    }

    /// Whether the runtime reported an error.
    pub fn failed(&self) -> bool {
        self.kind != ResponseKind::Response || self.request.trailers().iter().next().is_some()
    }

    /// Returns the error that the runtime reported: from the trailers of a response, each of which must occur once, or from
    /// the header and the body of any other POST.
    pub fn error(&self) -> FunctionError {
        let (header_type, json) = match self.kind {
            ResponseKind::Response => (
                self.single_field(self.request.trailers(), ERROR_TYPE),
                STANDARD
                    .decode(self.single_field(self.request.trailers(), ERROR_BODY))
                    .unwrap_or_else(|error| self.fail(&format!("base64 ({error})"))),
            ),
            _ => (self.single_field(self.headers(), ERROR_TYPE), self.body().to_vec()),
        };
        if !header_type.bytes().all(|byte| byte.is_ascii_graphic()) {
            self.fail("an error type of visible ASCII characters");
        }
        let json: Value =
            serde_json::from_slice(&json).unwrap_or_else(|error| self.fail(&format!("a JSON error ({error})")));
        FunctionError {
            error_type: self.string(&json["errorType"]),
            message: self.string(&json["errorMessage"]),
            stack_trace: match &json["stackTrace"] {
                Value::Null => Vec::new(),
                Value::Array(lines) => lines.iter().map(|line| self.string(line)).collect(),
                other => self.fail(&format!("a list as stackTrace, not {other}")),
            },
            header_type: header_type.to_owned(),
        }
    }

    fn single_field<'a>(&self, fields: &'a Fields, name: &'a str) -> &'a str {
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
    fn fail(&self, expected: &str) -> ! {
        panic!("expected {expected}\n{self:?}")
    }
}

/// Shows all received bytes, one line for each socket read.
impl fmt::Debug for Response {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "{:?}, body end {:?}, status {:?}, socket reads:",
            self.kind,
            self.body_end(),
            self.status
        )?;
        for (bytes, _) in self.request.reads() {
            writeln!(formatter, "  \"{}\"", bytes.escape_ascii())?;
        }
        Ok(())
    }
}
