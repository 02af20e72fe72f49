//! The incremental body decoder: chunked transfer coding (RFC 9112, section 7.1), `Content-Length`, or the rest of the
//! connection.
//!
//! The decoder copies no data and is shared by the strict mock, the fast mock and the HTTP client.

use super::escape;
use super::head::{Framing, QUOTE_LIMIT, SECTION_LIMIT, parse_field, take_line};

/// The maximum size of a chunk-size line: sixteen hexadecimal digits and CRLF.
const SIZE_LINE_LIMIT: usize = 18;

/// The state of the decoder: what it expects next.
#[derive(Clone, Debug)]
pub(crate) enum BodyDecoder {
    /// A body of a known length.
    ContentLength { left: usize },
    /// A chunk-size line.
    ChunkSize,
    /// Chunk data.
    ChunkData { left: usize },
    /// The CRLF after chunk data.
    ChunkEnd,
    /// A trailer field or the empty line; `size` bytes of the trailer section are decoded.
    Trailers { size: usize },
    /// Data up to the end of the connection.
    Connection,
    /// Nothing: the body is complete.
    Complete,
}

/// A decoded part of a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BodyPart<'a> {
    /// A chunk starts.
    ChunkStart,
    /// Data. `ends_chunk` is set for the last data of a chunk.
    Data { bytes: &'a [u8], ends_chunk: bool },
    /// A trailer field.
    Trailer { name: String, value: String },
    /// The body is complete.
    End,
}

impl BodyDecoder {
    /// Returns the decoder of a body with this framing.
    pub(crate) fn new(framing: Framing) -> Self {
        match framing {
            Framing::Chunked => Self::ChunkSize,
            Framing::ContentLength(left) => Self::ContentLength { left },
            Framing::Connection => Self::Connection,
        }
    }

    /// Decodes the next part from the start of `input`. Returns the number of bytes consumed, which includes the bytes of
    /// the part, and the part, or `None` if more input is needed.
    ///
    /// # Errors
    /// The violation of the chunked coding.
    pub(crate) fn decode<'a>(&mut self, input: &'a [u8]) -> Result<(usize, Option<BodyPart<'a>>), String> {
        let mut used = 0;
        loop {
            let rest = &input[used..];
            let part = match self {
                Self::Complete => return Ok((used, None)),
                Self::ContentLength { left: 0 } => {
                    *self = Self::Complete;
                    BodyPart::End
                }
                Self::ContentLength { .. } | Self::ChunkData { .. } | Self::Connection if rest.is_empty() => {
                    return Ok((used, None));
                }
                Self::ContentLength { left } => {
                    let bytes = &rest[..rest.len().min(*left)];
                    *left -= bytes.len();
                    used += bytes.len();
                    let ends_chunk = false;
                    BodyPart::Data { bytes, ends_chunk }
                }
                Self::ChunkData { left } => {
                    let bytes = &rest[..rest.len().min(*left)];
                    *left -= bytes.len();
                    used += bytes.len();
                    let ends_chunk = *left == 0;
                    if ends_chunk {
                        *self = Self::ChunkEnd;
                    }
                    BodyPart::Data { bytes, ends_chunk }
                }
                Self::Connection => {
                    used += rest.len();
                    let ends_chunk = false;
                    BodyPart::Data {
                        bytes: rest,
                        ends_chunk,
                    }
                }
                Self::ChunkEnd => match rest {
                    [b'\r', b'\n', ..] => {
                        used += 2;
                        *self = Self::ChunkSize;
                        continue;
                    }
                    [] | [b'\r'] => return Ok((used, None)),
                    _ => {
                        let quoted = escape(rest, QUOTE_LIMIT);
                        return Err(format!("no CRLF after chunk data: \"{quoted}\""));
                    }
                },
                Self::ChunkSize => match chunk_size(rest)? {
                    None => return Ok((used, None)),
                    Some((0, size)) => {
                        used += size;
                        *self = Self::Trailers { size: 0 };
                        continue;
                    }
                    Some((left, size)) => {
                        used += size;
                        *self = Self::ChunkData { left };
                        BodyPart::ChunkStart
                    }
                },
                Self::Trailers { size } => {
                    let Some((line, line_size)) = take_line(rest, SECTION_LIMIT - *size)? else {
                        return Ok((used, None));
                    };
                    used += line_size;
                    *size += line_size;
                    if line.is_empty() {
                        *self = Self::Complete;
                        BodyPart::End
                    } else {
                        let (name, value) = parse_field(line)?;
                        BodyPart::Trailer { name, value }
                    }
                }
            };
            return Ok((used, Some(part)));
        }
    }
}

/// Returns the chunk size in the first line and the size of the line.
///
/// A wrong byte is reported before the line is complete, because a body that is not chunked may never contain a line end.
/// Chunk extensions are rejected: the Runtime API does not use them.
fn chunk_size(input: &[u8]) -> Result<Option<(usize, usize)>, String> {
    let mut digits = input.iter().take_while(|byte| !b"\r\n".contains(byte));
    if !digits.all(u8::is_ascii_hexdigit) {
        return Err(format!("invalid chunk size: \"{}\"", escape(input, QUOTE_LIMIT)));
    }
    let Some((line, line_size)) = take_line(input, SIZE_LINE_LIMIT)? else {
        return Ok(None);
    };
    let digits = std::str::from_utf8(line).unwrap_or_default();
    let size =
        usize::from_str_radix(digits, 16).map_err(|error| format!("invalid chunk size: \"{digits}\", {error}"))?;
    Ok(Some((size, line_size)))
}
