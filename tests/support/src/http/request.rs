//! The recorder of one incoming request: head, body, trailers, and the socket reads that delivered them.

use std::io::Read;
use std::net::TcpStream;
use std::ops::Range;
use std::time::Instant;

use crate::retry::retry_interrupted;

use super::body::{BodyDecoder, BodyPart};
use super::head::{Fields, RequestHead};

/// How a request body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyEnd {
    /// With the last chunk of the chunked coding, any trailers, and the empty line.
    LastChunk,
    /// After as many bytes as `Content-Length` says, or none.
    ContentLength,
    /// With the connection, before the body was complete.
    Truncated,
}

/// The end of a range of bytes, and when its last byte arrived. The range starts where the previous one ends.
#[derive(Clone, Copy, Debug)]
struct Mark {
    end: usize,
    at: Instant,
}

/// A request, parsed while it arrives.
#[derive(Clone, Debug, Default)]
pub(crate) struct RecordedRequest {
    raw: Vec<u8>,
    reads: Vec<Mark>,
    /// The number of bytes of `raw` that are parsed.
    parsed: usize,
    /// Set once the head is complete.
    message: Option<(RequestHead, BodyDecoder)>,
    body: Vec<u8>,
    first_body_byte: Option<Instant>,
    chunks: Vec<Mark>,
    trailers: Fields,
    end: Option<BodyEnd>,
    discards_body: bool,
    discarded: usize,
}

impl RecordedRequest {
    /// Adds the bytes of one socket read. Returns the bytes that follow the end of the request.
    ///
    /// # Errors
    /// The protocol violation of the peer.
    pub(crate) fn push(&mut self, bytes: &[u8], at: Instant) -> Result<Vec<u8>, String> {
        self.raw.extend_from_slice(bytes);
        let read = self.reads.len();
        self.reads.push(Mark {
            end: self.raw.len(),
            at,
        });
        self.parse(at)?;
        if self.discards_body {
            self.discard();
        }
        match self.end {
            None => Ok(Vec::new()),
            Some(_) if self.discards_body => Ok(std::mem::take(&mut self.raw)),
            Some(_) => {
                self.reads[read].end = self.parsed;
                Ok(self.raw.split_off(self.parsed))
            }
        }
    }

    fn parse(&mut self, at: Instant) -> Result<(), String> {
        if self.message.is_none() {
            let Some((head, size)) = RequestHead::parse(&self.raw)? else {
                return Ok(());
            };
            self.parsed = size;
            let decoder = BodyDecoder::new(head.framing);
            self.message = Some((head, decoder));
        }
        while let Some((_, decoder)) = &mut self.message {
            let is_counted = matches!(decoder, BodyDecoder::ContentLength { .. });
            let (used, part) = decoder.decode(&self.raw[self.parsed..])?;
            self.parsed += used;
            match part {
                None => break,
                Some(BodyPart::ChunkStart) => {}
                Some(BodyPart::Data { bytes, ends_chunk }) => {
                    self.body.extend_from_slice(bytes);
                    self.first_body_byte.get_or_insert(at);
                    if ends_chunk {
                        let end = self.body.len();
                        self.chunks.push(Mark { end, at });
                    }
                }
                Some(BodyPart::Trailer { name, value }) => self.trailers.push(name, value),
                Some(BodyPart::End) if is_counted => self.end = Some(BodyEnd::ContentLength),
                Some(BodyPart::End) => self.end = Some(BodyEnd::LastChunk),
            }
        }
        Ok(())
    }

    /// From now on counts the bytes of the body and keeps neither them, nor the chunks, nor the reads.
    pub(crate) fn discard_body(&mut self) {
        self.discards_body = true;
        self.discard();
    }

    fn discard(&mut self) {
        self.discarded += self.body.len();
        self.body.clear();
        self.chunks.clear();
        self.reads.clear();
        self.raw.drain(..self.parsed);
        self.parsed = 0;
    }

    /// Ends the request with its connection.
    ///
    /// # Errors
    /// If the head is incomplete.
    pub(crate) fn truncate(&mut self) -> Result<(), String> {
        let Some((_, decoder)) = &mut self.message else {
            return Err("the connection ended within a request head".to_owned());
        };
        *decoder = BodyDecoder::Complete;
        self.end.get_or_insert(BodyEnd::Truncated);
        Ok(())
    }

    /// Returns the head, once it is complete.
    pub(crate) fn head(&self) -> Option<&RequestHead> {
        self.message.as_ref().map(|(head, _)| head)
    }

    /// Returns how the body ended, once it has.
    pub(crate) fn body_end(&self) -> Option<BodyEnd> {
        self.end
    }

    /// Returns the bytes of the request as received.
    pub(crate) fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// Returns the body received so far, without chunk framing.
    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    /// Returns the length of the body received so far, including discarded bytes.
    pub(crate) fn body_length(&self) -> usize {
        self.discarded + self.body.len()
    }

    /// Returns when the first byte of the body arrived.
    pub(crate) fn first_body_byte(&self) -> Option<Instant> {
        self.first_body_byte
    }

    /// Returns the trailers received so far.
    pub(crate) fn trailers(&self) -> &Fields {
        &self.trailers
    }

    /// Returns the bytes of each socket read and when it returned.
    pub(crate) fn reads(&self) -> impl Iterator<Item = (&[u8], Instant)> {
        ranges(&self.reads).map(|(range, at)| (&self.raw[range], at))
    }

    /// Returns the data of each complete chunk, without the last, empty one, and when its last byte arrived.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = (&[u8], Instant)> {
        ranges(&self.chunks).map(|(range, at)| (&self.body[range], at))
    }
}

fn ranges(marks: &[Mark]) -> impl Iterator<Item = (Range<usize>, Instant)> {
    let starts = std::iter::once(0).chain(marks.iter().map(|mark| mark.end));
    starts.zip(marks).map(|(start, mark)| (start..mark.end, mark.at))
}

/// Reads one request from a socket and returns its bytes.
///
/// # Panics
/// If the peer violates the protocol, or the connection ends within the request.
#[track_caller]
pub fn read_request(stream: &mut TcpStream) -> Vec<u8> {
    let mut request = RecordedRequest::default();
    let mut buffer = [0; 4096];
    while request.body_end().is_none() {
        let size = retry_interrupted(|| stream.read(&mut buffer)).expect("a readable socket");
        assert_ne!(size, 0, "the connection ended after {}", request.raw().escape_ascii());
        if let Err(violation) = request.push(&buffer[..size], Instant::now()) {
            panic!("protocol violation: {violation}");
        }
    }
    request.raw().to_vec()
}
