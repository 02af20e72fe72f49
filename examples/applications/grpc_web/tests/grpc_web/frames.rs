//! The frames of a gRPC-Web message, and the few fields of protocol buffers that the tests need.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// A frame of a body: its flag, 0 for a message and 0x80 for trailers, and its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) flag: u8,
    pub(crate) content: Vec<u8>,
}

impl Frame {
    /// Returns a line of the trailers, such as `grpc-status`.
    pub(crate) fn trailer(&self, name: &str) -> Option<&str> {
        assert_eq!(self.flag, 0x80, "{self:?}");
        let text = std::str::from_utf8(&self.content).unwrap();
        assert!(text.ends_with("\r\n"), "{text:?}");
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
    }

    /// Returns the content of `grpc-status-details-bin` as text. Bytes that are not UTF-8 become U+FFFD.
    pub(crate) fn details(&self) -> String {
        let details = self.trailer("grpc-status-details-bin").unwrap();
        String::from_utf8_lossy(&STANDARD_NO_PAD.decode(details).unwrap()).into_owned()
    }
}

/// Splits a body into its frames. The last one must be complete.
pub(crate) fn frames(mut body: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    while !body.is_empty() {
        let length = u32::from_be_bytes(body[1..5].try_into().unwrap()) as usize;
        let (flag, content) = (body[0], body[5..5 + length].to_vec());
        frames.push(Frame { flag, content });
        body = &body[5 + length..];
    }
    frames
}

/// Encodes `GetOrderRequest` and `TrackOrderRequest`, in a frame.
pub(crate) fn request(order_id: &str, after_revision: u64) -> Vec<u8> {
    let mut message = vec![0x0a, order_id.len() as u8];
    message.extend(order_id.bytes());
    if after_revision > 0 {
        message.push(0x10);
        message.extend(varint(after_revision));
    }
    [&[0, 0, 0, 0, message.len() as u8], message.as_slice()].concat()
}

/// Encodes an `Order` at the place Graz, without its frame.
pub(crate) fn order(order_id: &str, revision: u64, stage: u8) -> Vec<u8> {
    let mut message = vec![0x0a, order_id.len() as u8];
    message.extend(order_id.bytes());
    message.push(0x10);
    message.extend(varint(revision));
    message.extend([0x18, stage, 0x22, 4]);
    message.extend(b"Graz");
    message
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}
