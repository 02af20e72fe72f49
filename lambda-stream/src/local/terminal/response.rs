//! The size and the timing of a response: of its body, without the prelude.

use std::time::Duration;

use bytes::Bytes;

use super::units;
use crate::protocol::{INTEGRATION_RESPONSE, PRELUDE_DELIMITER};

/// A response that the function has started.
#[derive(Debug)]
pub(super) struct Response {
    is_streaming: bool,
    /// The number of NUL bytes at the end of the incomplete prelude. `None`: the body has begun.
    prelude_end: Option<usize>,
    has_received_bytes: bool,
    /// The time of the first byte of the body, since the start of local mode.
    pub(super) first_byte: Option<Duration>,
    bytes: u64,
    chunks: u64,
}

impl Response {
    /// Starts a response with this content type. `None`: the response is buffered.
    pub(super) fn new(content_type: Option<&str>) -> Self {
        let prelude_type = INTEGRATION_RESPONSE;
        let is_prelude = |value: &str| value.as_bytes().eq_ignore_ascii_case(prelude_type.as_bytes());
        Self {
            is_streaming: content_type.is_some(),
            prelude_end: content_type.is_some_and(is_prelude).then_some(0),
            has_received_bytes: false,
            first_byte: None,
            bytes: 0,
            chunks: 0,
        }
    }

    /// Adds a chunk that was received at this time.
    pub(super) fn add_chunk(&mut self, data: &Bytes, at: Duration) {
        self.has_received_bytes |= !data.is_empty();
        let size = data.len() - self.prelude_length(data);
        if size > 0 {
            self.first_byte.get_or_insert(at);
            self.bytes += size as u64;
            self.chunks += 1;
        }
    }

    /// Returns how many bytes at the start of a chunk belong to the prelude.
    fn prelude_length(&mut self, data: &[u8]) -> usize {
        let Some(end) = &mut self.prelude_end else { return 0 };
        for (position, byte) in data.iter().enumerate() {
            *end = if *byte == 0 { *end + 1 } else { 0 };
            if *end == PRELUDE_DELIMITER.len() {
                self.prelude_end = None;
                return position + 1;
            }
        }
        data.len()
    }

    /// Returns whether an error of the function is a mid-stream error.
    pub(super) fn has_begun_to_stream(&self) -> bool {
        self.is_streaming && self.has_received_bytes
    }

    /// Returns the size of the body, such as `3.2 MB`.
    pub(super) fn size(&self) -> String {
        units::size(self.bytes)
    }

    /// Returns the number of chunks of the body, or `buffered`.
    pub(super) fn chunks(&self) -> String {
        match self.is_streaming {
            true => units::chunks(self.chunks),
            false => "buffered".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prelude_may_be_split_anywhere() {
        let stream = b"{\"statusCode\":200}\0\0\0\0\0\0\0\0\0one";
        for split in 0..=stream.len() {
            let mut response = Response::new(Some("Application/vnd.awslambda.http-integration-response"));
            let (first, second) = stream.split_at(split);
            response.add_chunk(&Bytes::from_static(first), Duration::ZERO);
            assert_eq!(response.has_begun_to_stream(), split > 0);
            response.add_chunk(&Bytes::from_static(second), Duration::ZERO);
            let body_chunks = if (27..stream.len()).contains(&split) {
                "2 chunks"
            } else {
                "1 chunk"
            };
            assert_eq!(
                (response.size().as_str(), response.chunks().as_str()),
                ("4 B", body_chunks)
            );
        }
    }
}
