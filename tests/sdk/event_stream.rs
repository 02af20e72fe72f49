//! A strict decoder of the content type `application/vnd.amazon.eventstream`.

use serde_json::Value;
use test_support::HttpConnection;

/// A message of a response stream.
#[derive(Debug, PartialEq)]
pub(crate) enum Message {
    PayloadChunk(Vec<u8>),
    InvokeComplete(Value),
}

impl Message {
    pub(crate) fn chunk(text: impl AsRef<[u8]>) -> Self {
        Self::PayloadChunk(text.as_ref().to_vec())
    }
}

/// Decodes the first message. Returns it with its length, or `None` if it is incomplete.
///
/// # Panics
/// If the bytes violate the format.
#[track_caller]
fn decode(bytes: &[u8]) -> Option<(Message, usize)> {
    let integer = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    if bytes.len() < 12 || bytes.len() < integer(0) as usize {
        return None;
    }
    let (length, headers_length) = (integer(0) as usize, integer(4) as usize);
    assert!(length <= 24 * 1024 * 1024, "{length}");
    assert_eq!(integer(8), crc32fast::hash(&bytes[..8]), "the checksum of the lengths");
    let end = length - 4;
    assert_eq!(
        integer(end),
        crc32fast::hash(&bytes[..end]),
        "the checksum of the message"
    );
    let headers = decode_headers(&bytes[12..12 + headers_length]);
    let payload = &bytes[12 + headers_length..end];
    let header = |name: &str| {
        let mut values = headers.iter().filter(|(header, _)| header == name);
        let (_, value) = values.next().unwrap_or_else(|| panic!("no {name} in {headers:?}"));
        assert!(values.next().is_none());
        value.as_str()
    };
    assert_eq!((headers.len(), header(":message-type")), (3, "event"));
    let message = match (header(":event-type"), header(":content-type")) {
        ("PayloadChunk", "application/octet-stream") => Message::PayloadChunk(payload.to_vec()),
        ("InvokeComplete", "application/json") => Message::InvokeComplete(serde_json::from_slice(payload).unwrap()),
        types => panic!("unknown message: {types:?}"),
    };
    Some((message, length))
}

fn decode_headers(mut bytes: &[u8]) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    while let Some((&length, rest)) = bytes.split_first() {
        let (name, rest) = rest.split_at(usize::from(length));
        // The type of a string, and its length.
        let &[7, high, low, ref rest @ ..] = rest else {
            panic!("not a string: {rest:?}");
        };
        let (value, rest) = rest.split_at(usize::from(u16::from_be_bytes([high, low])));
        headers.push((text(name), text(value)));
        bytes = rest;
    }
    headers
}

/// Decodes all messages of a complete body.
///
/// # Panics
/// If the bytes violate the format, or if the last message is not the only `InvokeComplete`.
#[track_caller]
pub(crate) fn decode_all(mut bytes: &[u8]) -> (Vec<u8>, Value) {
    let mut payload = Vec::new();
    loop {
        let (message, length) = decode(bytes).expect("a complete message");
        bytes = &bytes[length..];
        match message {
            Message::PayloadChunk(chunk) => payload.extend(chunk),
            Message::InvokeComplete(completion) => {
                assert!(bytes.is_empty(), "{} bytes after the end", bytes.len());
                return (payload, completion);
            }
        }
    }
}

/// The messages of an open response.
pub(crate) struct Messages {
    connection: HttpConnection,
    unread: Vec<u8>,
}

impl Messages {
    /// Sends a request, and reads the head of the response.
    #[track_caller]
    pub(crate) fn open(url: &str, request: &[u8]) -> Self {
        let mut connection = HttpConnection::open(url);
        connection.send(request);
        let head = connection.read_head();
        assert_eq!(
            (
                head.status,
                head.headers.get("content-type"),
                head.headers.get("transfer-encoding")
            ),
            (200, Some("application/vnd.amazon.eventstream"), Some("chunked"))
        );
        assert_eq!(head.headers.get("x-amz-executed-version"), Some("$LATEST"));
        Self {
            connection,
            unread: Vec::new(),
        }
    }

    /// Waits for the next message. Returns `None` at the end of the body.
    #[track_caller]
    pub(crate) fn next(&mut self) -> Option<Message> {
        loop {
            if let Some((message, length)) = decode(&self.unread) {
                self.unread.drain(..length);
                return Some(message);
            }
            match self.connection.read_chunk() {
                Some(chunk) => self.unread.extend(chunk),
                None => {
                    assert!(self.unread.is_empty(), "an incomplete message");
                    return None;
                }
            }
        }
    }
}
