//! The format of a recording: one invocation in each line, as JSON.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

/// One line of a recording.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecordedInvocation {
    /// When the front end received the request, in milliseconds since the Unix epoch.
    pub(crate) time_epoch: u64,
    pub(crate) request_id: String,
    pub(crate) request: RecordedRequest,
    /// `None`: the invocation failed before it had a response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) response: Option<RecordedResponse>,
    /// The HTTP status that the caller received. `None`: there is no HTTP caller, or it disconnected before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<RecordedError>,
    /// The time from the request to the end of the response.
    pub(crate) duration_ms: f64,
}

/// The request of a recorded invocation.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecordedRequest {
    /// The name of the front end.
    pub(crate) source: String,
    pub(crate) method: String,
    pub(crate) path: String,
    /// The event verbatim, but with spaces instead of line breaks.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    event: Option<Box<RawValue>>,
    /// The event in base64, if it is not JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event_base64: Option<String>,
    pub(crate) function_arn: String,
    /// JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client_context: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tenant_id: Option<String>,
}

/// The response of a recorded invocation.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecordedResponse {
    /// The content type of a streaming response. `None`: the response is buffered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    chunks: Vec<RecordedChunk>,
    /// The response had more chunks, which did not fit in memory.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_truncated: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct RecordedChunk {
    /// The time since the request.
    ms: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// The bytes in base64, if they are not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

/// The error of a recorded invocation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecordedError {
    pub(crate) error_type: String,
    pub(crate) error_message: String,
}

impl RecordedRequest {
    pub(super) fn new(source: &str, method: &str, path: &str, event: &[u8], function_arn: &str) -> Self {
        // A line break in JSON is white space: in strings it is escaped.
        let json = std::str::from_utf8(event).map(|text| text.replace(['\n', '\r'], " "));
        let json = json.ok().and_then(|text| RawValue::from_string(text).ok());
        Self {
            source: source.to_owned(),
            method: method.to_owned(),
            path: path.to_owned(),
            event_base64: json.is_none().then(|| BASE64.encode(event)),
            event: json,
            function_arn: function_arn.to_owned(),
            client_context: None,
            tenant_id: None,
        }
    }

    /// Returns the event.
    pub(crate) fn event(&self) -> Result<Bytes, String> {
        match (&self.event, &self.event_base64) {
            (Some(event), None) => Ok(Bytes::copy_from_slice(event.get().as_bytes())),
            (None, Some(event)) => decode_base64(event, "eventBase64").map(Bytes::from),
            _ => Err("`request` needs either `event` or `eventBase64`".to_owned()),
        }
    }
}

impl RecordedResponse {
    pub(super) fn new(content_type: Option<String>, is_truncated: bool) -> Self {
        Self {
            content_type,
            chunks: Vec::new(),
            is_truncated,
        }
    }

    /// Adds a chunk that arrived `offset` after the request.
    pub(super) fn add(&mut self, offset: Duration, bytes: &[u8]) {
        let text = std::str::from_utf8(bytes).ok().map(str::to_owned);
        self.chunks.push(RecordedChunk {
            ms: milliseconds(offset),
            base64: text.is_none().then(|| BASE64.encode(bytes)),
            text,
        });
    }

    /// Returns the bytes of all chunks.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        for chunk in &self.chunks {
            match (&chunk.text, &chunk.base64) {
                (Some(text), None) => bytes.extend_from_slice(text.as_bytes()),
                (None, Some(base64)) => bytes.extend(decode_base64(base64, "base64")?),
                _ => return Err("a chunk needs either `text` or `base64`".to_owned()),
            }
        }
        Ok(bytes)
    }
}

/// Returns the duration in milliseconds, to the microsecond.
pub(super) fn milliseconds(duration: Duration) -> f64 {
    // More digits than a measurement has would only make the line longer.
    let micros = u32::try_from(duration.as_micros()).map_or(duration.as_secs_f64() * 1e6, f64::from);
    micros.round() / 1000.0
}

fn decode_base64(text: &str, field: &str) -> Result<Vec<u8>, String> {
    BASE64
        .decode(text)
        .map_err(|error| format!("`{field}` is not valid base64: {error}"))
}

/// Deserializes a field that is present. The event `null` is an event.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Serializes and deserializes.
    fn round_trip(event: &[u8], chunks: &[&[u8]]) -> (String, RecordedInvocation) {
        let mut response = RecordedResponse::new(Some("text/plain".to_owned()), false);
        for (index, chunk) in (1..).zip(chunks) {
            response.add(Duration::from_micros(1500) * index, chunk);
        }
        let invocation = RecordedInvocation {
            time_epoch: 1,
            request_id: "a".to_owned(),
            request: RecordedRequest::new("Invoke", "INVOKE", "f", event, "arn"),
            response: Some(response),
            status: None,
            error: None,
            duration_ms: 2.0,
        };
        let line = serde_json::to_string(&invocation).unwrap();
        let read = serde_json::from_str(&line).unwrap();
        (line, read)
    }

    #[test]
    fn json_event_is_verbatim_in_one_line() {
        for event in [
            "null",
            "1e400",
            r#"{"b": 1.0, "a": "\n", "b": 12345678901234567890123}"#,
        ] {
            let (line, read) = round_trip(event.as_bytes(), &[]);
            assert!(line.contains(&format!("\"event\":{event},")), "{line}");
            assert_eq!(read.request.event().unwrap(), event);
        }
        let (line, read) = round_trip(b"{\n\"a\":\r\n1}", &[]);
        assert!(!line.contains(['\n', '\r']), "{line}");
        assert_eq!(read.request.event().unwrap(), "{ \"a\":  1}");
    }

    #[test]
    fn other_bytes_are_base64() {
        for event in [&b"not JSON"[..], b"\xff", b""] {
            let (line, read) = round_trip(event, &[b"text\0", b"\xe2\x82", b"\xac"]);
            assert!(line.contains("eventBase64"), "{line}");
            assert_eq!(read.request.event().unwrap(), event);
            assert!(
                line.contains(r#"[{"ms":1.5,"text":"text\u0000"},{"ms":3.0,"base64":"4oI="},"#),
                "{line}"
            );
            assert_eq!(read.response.unwrap().bytes().unwrap(), b"text\0\xe2\x82\xac");
        }
    }
}
