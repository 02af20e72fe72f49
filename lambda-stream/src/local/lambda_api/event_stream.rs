//! Encodes messages of the content type `application/vnd.amazon.eventstream`.
//!
//! A message consists of its length and the length of its headers, a CRC-32 of both, the headers, the payload, and a
//! CRC-32 of all bytes before it. Integers are big-endian.

use bytes::{BufMut, Bytes, BytesMut};
use serde_json::{Map, Value};

/// The content type of a body that consists of messages.
pub(super) const CONTENT_TYPE: &str = "application/vnd.amazon.eventstream";

/// The maximum length of a payload, in bytes. SDKs reject longer messages: current ones above 24 MiB, older ones above
/// 16 MiB with the headers.
pub(super) const MAX_PAYLOAD: usize = 15 * 1024 * 1024;

/// The type of a header value that is a string.
const STRING: u8 = 7;

/// The end of a stream: the error, if there is one, and the log, if it was requested.
#[derive(Debug, Default)]
pub(super) struct Completion {
    pub(super) error_code: Option<String>,
    pub(super) error_details: Option<String>,
    /// Base64.
    pub(super) log_result: Option<String>,
}

/// Encodes a part of the response. It must not exceed [`MAX_PAYLOAD`].
pub(super) fn payload_chunk(payload: &[u8]) -> Bytes {
    encode("PayloadChunk", "application/octet-stream", payload)
}

/// Encodes the message that ends a stream.
pub(super) fn invoke_complete(completion: Completion) -> Bytes {
    let fields = [
        ("ErrorCode", completion.error_code),
        ("ErrorDetails", completion.error_details),
        ("LogResult", completion.log_result),
    ];
    let fields = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?))));
    let json = Value::Object(fields.collect::<Map<String, Value>>()).to_string();
    encode("InvokeComplete", "application/json", json.as_bytes())
}

fn encode(event_type: &str, content_type: &str, payload: &[u8]) -> Bytes {
    let mut headers = BytesMut::new();
    put_header(&mut headers, ":message-type", "event");
    put_header(&mut headers, ":event-type", event_type);
    put_header(&mut headers, ":content-type", content_type);
    // Two lengths and two checksums of four bytes each.
    let length = 16 + headers.len() + payload.len();
    let mut message = BytesMut::with_capacity(length);
    message.put_u32(length as u32);
    message.put_u32(headers.len() as u32);
    message.put_u32(crc32fast::hash(&message));
    message.put_slice(&headers);
    message.put_slice(payload);
    message.put_u32(crc32fast::hash(&message));
    message.freeze()
}

fn put_header(headers: &mut BytesMut, name: &str, value: &str) {
    headers.put_u8(name.len() as u8);
    headers.put_slice(name.as_bytes());
    headers.put_u8(STRING);
    headers.put_u16(value.len() as u16);
    headers.put_slice(value.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The expected bytes are from another encoder. The decoder of botocore accepts them.
    #[test]
    fn messages_have_expected_bytes() {
        assert_eq!(
            hex(&payload_chunk(b"ab")),
            concat!(
                "0000006c0000005ab25efdcf0d3a6d6573736167652d747970650700056576656e740b3a6576656e742d7479706507000c50",
                "61796c6f61644368756e6b0d3a636f6e74656e742d747970650700186170706c69636174696f6e2f6f637465742d73747265",
                "616d616277515a25",
            )
        );
        let completion = Completion {
            error_code: Some("Unhandled".to_owned()),
            error_details: Some("{\"errorType\":\"é\"}".to_owned()),
            log_result: None,
        };
        assert_eq!(
            hex(&invoke_complete(completion)),
            concat!(
                "000000a500000054b1e35a620d3a6d6573736167652d747970650700056576656e740b3a6576656e742d7479706507000e49",
                "6e766f6b65436f6d706c6574650d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b224572",
                "726f72436f6465223a22556e68616e646c6564222c224572726f7244657461696c73223a227b5c226572726f72547970655c",
                "223a5c22c3a95c227d227d22784058",
            )
        );
        assert_eq!(
            hex(&invoke_complete(Completion::default())),
            concat!(
                "00000066000000541f56c8690d3a6d6573736167652d747970650700056576656e740b3a6576656e742d7479706507000e49",
                "6e766f6b65436f6d706c6574650d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b7dface",
                "259a",
            )
        );
    }
}
