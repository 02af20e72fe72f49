//! The chunked coding, taken apart in bulk: data is only counted.

use std::io;

/// The longest line of a chunk's length or of a trailer, in bytes.
const LINE: usize = 8 * 1024;

/// Where in a body the reader stands.
pub(crate) enum Chunked {
    /// Before the line with a chunk's length.
    Size,
    /// In a chunk of which so much is left.
    Data(usize),
    /// In a body whose length was given, and so much of it is left.
    Counted(usize),
    /// After the last chunk.
    Trailers,
}

/// The next thing found.
pub(crate) enum Part {
    /// A chunk begins.
    Chunk,
    /// So many bytes of data follow in the input.
    Data(usize),
    Trailer(String),
    End,
}

impl Chunked {
    /// What `input` begins with after so many bytes, which are done with. Without a part, more input is needed.
    pub(crate) fn next(&mut self, input: &[u8]) -> io::Result<(usize, Option<Part>)> {
        Ok(match *self {
            Self::Counted(0) => (0, Some(Part::End)),
            Self::Data(0) => match input {
                [b'\r', b'\n', rest @ ..] => {
                    *self = Self::Size;
                    let (used, part) = self.next(rest)?;
                    (used + 2, part)
                }
                [] | [b'\r'] => (0, None),
                _ => return Err(malformed("a chunk is longer than it says")),
            },
            Self::Counted(_) | Self::Data(_) if input.is_empty() => (0, None),
            Self::Counted(left) => {
                let length = left.min(input.len());
                *self = Self::Counted(left - length);
                (0, Some(Part::Data(length)))
            }
            Self::Data(left) => {
                let length = left.min(input.len());
                *self = Self::Data(left - length);
                (0, Some(Part::Data(length)))
            }
            Self::Size => {
                let Some(line) = line(input)? else {
                    return Ok((0, None));
                };
                let used = line.len() + 2;
                let text = std::str::from_utf8(line).map_err(io::Error::other)?;
                match usize::from_str_radix(text, 16).map_err(|_| malformed("a chunk has no length"))? {
                    0 => {
                        *self = Self::Trailers;
                        let (more, part) = self.next(&input[used..])?;
                        (used + more, part)
                    }
                    length => {
                        *self = Self::Data(length);
                        (used, Some(Part::Chunk))
                    }
                }
            }
            Self::Trailers => match line(input)? {
                None => (0, None),
                Some(b"") => (2, Some(Part::End)),
                Some(line) => {
                    let text = String::from_utf8_lossy(line).into_owned();
                    (line.len() + 2, Some(Part::Trailer(text)))
                }
            },
        })
    }
}

/// The first line of the input, without its end, if it is whole.
fn line(input: &[u8]) -> io::Result<Option<&[u8]>> {
    match input.iter().take(LINE).position(|byte| *byte == b'\n') {
        Some(end) if input[..end].ends_with(b"\r") => Ok(Some(&input[..end - 1])),
        Some(_) => Err(malformed("a line ends without CR")),
        None if input.len() >= LINE => Err(malformed("a line without an end")),
        None => Ok(None),
    }
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}
