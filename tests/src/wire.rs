//! One HTTP/1.1 request, taken apart as its bytes come: head, counted or chunked body, trailers, and the reads that
//! brought them. Strict: whatever is not to the letter of RFC 9112 is a fault. Knows neither sockets nor Lambda.

mod head;

use std::ops::Range;
use std::time::Instant;

use crate::shown::shown;
pub use head::Fields;
use head::Framing;
pub(crate) use head::Head;

/// The most that a head, or a trailer section, may measure.
const HEAD_LIMIT: usize = 64 * 1024;

/// Enough of the bytes to see what is wrong with them.
const SHOWN: usize = 80;

/// Sixteen hexadecimal digits and the line end.
const SIZE_LINE_LIMIT: usize = 18;

/// How a request's body came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Chunked, with the zero chunk, the trailers if any, and the empty line.
    Clean,
    /// As many bytes as the head had said (none, where it said nothing).
    ContentLength,
    /// The connection ended before the body did.
    Truncated,
}

/// A piece of what came: up to where it reaches, and when it was all there.
#[derive(Clone, Copy, Debug)]
struct Mark {
    end: usize,
    at: Instant,
}

#[derive(Clone, Copy, Debug, Default)]
enum Position {
    #[default]
    RequestLine,
    HeaderFields,
    CountedBody {
        left: usize,
    },
    ChunkSize,
    ChunkData {
        left: usize,
    },
    ChunkLineEnd,
    TrailerFields,
    End,
}

/// A request on its way in, or whole.
#[derive(Clone, Debug, Default)]
pub(crate) struct Incoming {
    raw: Vec<u8>,
    reads: Vec<Mark>,
    /// All before this place of `raw` has been understood.
    parsed: usize,
    /// Where in `raw` the head, or the trailer section, begins.
    section: usize,
    position: Position,
    head: Head,
    body: Vec<u8>,
    first_body_byte: Option<Instant>,
    chunks: Vec<Mark>,
    trailers: Fields,
    ending: Option<Ending>,
    forgets: bool,
    forgotten: usize,
}

impl Incoming {
    /// Takes what one read from the socket gave, and gives back what is past the end of the request. An error is a
    /// fault of the peer, in words.
    pub(crate) fn push(&mut self, bytes: &[u8], at: Instant) -> Result<Vec<u8>, String> {
        self.raw.extend_from_slice(bytes);
        let read = self.reads.len();
        self.reads.push(Mark {
            end: self.raw.len(),
            at,
        });
        while self.step(at)? {}
        if self.forgets {
            self.let_go();
        }
        match self.ending {
            None => Ok(Vec::new()),
            Some(_) if self.forgets => Ok(std::mem::take(&mut self.raw)),
            Some(_) => {
                self.reads[read].end = self.parsed;
                Ok(self.raw.split_off(self.parsed))
            }
        }
    }

    /// From here on the bytes of the body, and all that came with them, are counted and not kept.
    pub(crate) fn forget(&mut self) {
        self.forgets = true;
        self.let_go();
    }

    fn let_go(&mut self) {
        self.forgotten += self.body.len();
        self.body.clear();
        self.chunks.clear();
        self.reads.clear();
        self.raw.drain(..self.parsed);
        self.section = self.section.saturating_sub(self.parsed);
        self.parsed = 0;
    }

    /// The connection has ended: so has the request.
    pub(crate) fn cut(&mut self) -> Result<(), String> {
        if self.head().is_none() {
            return Err("the connection ended within a request's head".to_owned());
        }
        self.ending.get_or_insert(Ending::Truncated);
        self.position = Position::End;
        Ok(())
    }

    /// `None` until the head is whole.
    pub(crate) fn head(&self) -> Option<&Head> {
        match self.position {
            Position::RequestLine | Position::HeaderFields => None,
            _ => Some(&self.head),
        }
    }

    /// `None` until the body has ended, one way or another.
    pub(crate) fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// Every byte, as it came.
    pub(crate) fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The body so far, without its chunk framing.
    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    /// How long the body is so far, forgotten or not.
    pub(crate) fn body_length(&self) -> usize {
        self.forgotten + self.body.len()
    }

    /// When the body began; `None` until it does.
    pub(crate) fn first_body_byte(&self) -> Option<Instant> {
        self.first_body_byte
    }

    /// The trailers so far.
    pub(crate) fn trailers(&self) -> &Fields {
        &self.trailers
    }

    /// What each read gave, and when.
    pub(crate) fn reads(&self) -> impl Iterator<Item = (&[u8], Instant)> {
        ranges(&self.reads).map(|(range, at)| (&self.raw[range], at))
    }

    /// The data of each whole chunk, the zero chunk apart, and when the last byte of the data came.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = (&[u8], Instant)> {
        ranges(&self.chunks).map(|(range, at)| (&self.body[range], at))
    }

    /// Understands one piece more; `false` when the bytes do not suffice for it.
    fn step(&mut self, at: Instant) -> Result<bool, String> {
        match self.position {
            Position::RequestLine => self.request_line(),
            Position::HeaderFields => self.header_field(),
            Position::CountedBody { left } => Ok(self.counted_body(left, at)),
            Position::ChunkSize => self.chunk_size(),
            Position::ChunkData { left } => Ok(self.chunk_data(left, at)),
            Position::ChunkLineEnd => self.chunk_line_end(),
            Position::TrailerFields => self.trailer_field(),
            Position::End => Ok(false),
        }
    }

    fn request_line(&mut self) -> Result<bool, String> {
        let Some(line) = self.section_line()? else {
            return Ok(false);
        };
        self.head = Head::of_request_line(&self.raw[line])?;
        self.position = Position::HeaderFields;
        Ok(true)
    }

    fn header_field(&mut self) -> Result<bool, String> {
        let Some(line) = self.section_line()? else {
            return Ok(false);
        };
        if !line.is_empty() {
            self.head.headers.push_line(&self.raw[line])?;
            return Ok(true);
        }
        match self.head.framing()? {
            Framing::Chunked => self.position = Position::ChunkSize,
            Framing::Counted(0) => self.end(Ending::ContentLength),
            Framing::Counted(left) => self.position = Position::CountedBody { left },
        }
        Ok(true)
    }

    fn counted_body(&mut self, left: usize, at: Instant) -> bool {
        let taken = self.take_body(left, at);
        if taken == left {
            self.end(Ending::ContentLength);
        } else {
            self.position = Position::CountedBody { left: left - taken };
        }
        taken > 0
    }

    fn chunk_size(&mut self) -> Result<bool, String> {
        let rest = &self.raw[self.parsed..];
        // At once, not at the line's end, which may never come when a body is not chunked at all. Extensions are
        // faults as well: the Runtime API has no use for them.
        let mut digits = rest.iter().take_while(|byte| !b"\r\n".contains(byte));
        if !digits.all(u8::is_ascii_hexdigit) {
            return Err(format!("not a chunk size: \"{}\"", shown(rest, SHOWN)));
        }
        let Some(line) = self.line(SIZE_LINE_LIMIT)? else {
            return Ok(false);
        };
        let digits = std::str::from_utf8(&self.raw[line]).unwrap_or_default();
        let size =
            usize::from_str_radix(digits, 16).map_err(|error| format!("not a chunk size: \"{digits}\", {error}"))?;
        self.section = self.parsed;
        self.position = match size {
            0 => Position::TrailerFields,
            left => Position::ChunkData { left },
        };
        Ok(true)
    }

    fn chunk_data(&mut self, left: usize, at: Instant) -> bool {
        let taken = self.take_body(left, at);
        if taken == left {
            let end = self.body.len();
            self.chunks.push(Mark { end, at });
            self.position = Position::ChunkLineEnd;
        } else {
            self.position = Position::ChunkData { left: left - taken };
        }
        taken > 0
    }

    fn chunk_line_end(&mut self) -> Result<bool, String> {
        match &self.raw[self.parsed..] {
            [b'\r', b'\n', ..] => {
                self.parsed += 2;
                self.position = Position::ChunkSize;
                Ok(true)
            }
            [] | [b'\r'] => Ok(false),
            rest => Err(format!("no CR LF after a chunk's data: \"{}\"", shown(rest, SHOWN))),
        }
    }

    fn trailer_field(&mut self) -> Result<bool, String> {
        let Some(line) = self.section_line()? else {
            return Ok(false);
        };
        if line.is_empty() {
            self.end(Ending::Clean);
        } else {
            self.trailers.push_line(&self.raw[line])?;
        }
        Ok(true)
    }

    fn end(&mut self, ending: Ending) {
        self.ending = Some(ending);
        self.position = Position::End;
    }

    fn take_body(&mut self, most: usize, at: Instant) -> usize {
        let rest = &self.raw[self.parsed..];
        let taken = rest.len().min(most);
        if taken > 0 {
            self.body.extend_from_slice(&rest[..taken]);
            self.first_body_byte.get_or_insert(at);
            self.parsed += taken;
        }
        taken
    }

    /// The next line of a head or a trailer section.
    fn section_line(&mut self) -> Result<Option<Range<usize>>, String> {
        self.line(HEAD_LIMIT - (self.parsed - self.section))
    }

    /// The place of the next line, without its line end; `limit` counts the line end in.
    fn line(&mut self, limit: usize) -> Result<Option<Range<usize>>, String> {
        let start = self.parsed;
        let rest = &self.raw[start..];
        let Some(length) = rest.iter().take(limit).position(|byte| *byte == b'\n') else {
            return match rest.len() < limit {
                true => Ok(None),
                false => Err(format!("no line end within {limit} bytes: \"{}\"", shown(rest, SHOWN))),
            };
        };
        let Some(line) = rest[..length].strip_suffix(b"\r") else {
            return Err(format!("a line that ends without CR: \"{}\"", shown(rest, SHOWN)));
        };
        let end = start + line.len();
        self.parsed = start + length + 1;
        Ok(Some(start..end))
    }
}

fn ranges(marks: &[Mark]) -> impl Iterator<Item = (Range<usize>, Instant)> {
    let starts = std::iter::once(0).chain(marks.iter().map(|mark| mark.end));
    starts.zip(marks).map(|(start, mark)| (start..mark.end, mark.at))
}

#[cfg(test)]
mod tests;
