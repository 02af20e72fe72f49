//! A connection's requests, read in bulk.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use crate::chunked::{Chunked, Part};

/// What one read may bring, in bytes; and what a slow reader takes, before it rests.
const READ: usize = 256 * 1024;
const SLOW_READ: usize = 32 * 1024;
const REST: Duration = Duration::from_millis(1);

pub(crate) struct Connection {
    socket: TcpStream,
    buffer: Vec<u8>,
    /// What was read and not yet looked at: from here…
    start: usize,
    /// …to here.
    end: usize,
}

/// A request's first line and fields, names in lower case.
pub(crate) struct Head {
    pub(crate) line: String,
    fields: Vec<(String, String)>,
}

impl Head {
    fn parse(text: &str) -> Self {
        let mut lines = text.split("\r\n");
        let line = lines.next().unwrap_or_default().to_owned();
        let field = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        Self {
            line,
            fields: lines.filter_map(field).collect(),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Connection {
    pub(crate) fn new(socket: TcpStream) -> io::Result<Self> {
        socket.set_nodelay(true)?;
        Ok(Self {
            socket,
            buffer: vec![0; READ],
            start: 0,
            end: 0,
        })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.socket.write_all(bytes)
    }

    /// The head of the next request; `None` where the connection has ended.
    pub(crate) fn head(&mut self) -> io::Result<Option<Head>> {
        loop {
            let input = &self.buffer[self.start..self.end];
            if let Some(end) = input.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = std::str::from_utf8(&input[..end]).map_err(io::Error::other)?;
                let head = Head::parse(head);
                self.start += end + 4;
                return Ok(Some(head));
            }
            let is_between = input.is_empty();
            match self.read(READ) {
                Err(error) if is_between && error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
                read => read?,
            }
        }
    }

    /// The body that follows `head`: each piece of data, and each trailer, as it comes.
    pub(crate) fn body(&mut self, head: &Head, slowly: bool, mut take: impl FnMut(Found<'_>)) -> io::Result<()> {
        let mut chunked = match head.get("content-length").and_then(|length| length.parse().ok()) {
            Some(length) => Chunked::Counted(length),
            None => Chunked::Size,
        };
        loop {
            let (used, part) = chunked.next(&self.buffer[self.start..self.end])?;
            self.start += used;
            match part {
                None => {
                    if slowly {
                        thread::sleep(REST);
                    }
                    self.read(if slowly { SLOW_READ } else { READ })?;
                }
                Some(Part::Chunk) => take(Found::Chunk),
                Some(Part::Data(length)) => {
                    take(Found::Data(&self.buffer[self.start..self.start + length]));
                    self.start += length;
                }
                Some(Part::Trailer(line)) => take(Found::Trailer(line)),
                Some(Part::End) => return Ok(()),
            }
        }
    }

    fn read(&mut self, most: usize) -> io::Result<()> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let end = (self.end + most).min(self.buffer.len());
        match self.socket.read(&mut self.buffer[self.end..end])? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                self.end += read;
                Ok(())
            }
        }
    }
}

/// What a body consists of.
pub(crate) enum Found<'a> {
    /// A chunk begins.
    Chunk,
    Data(&'a [u8]),
    Trailer(String),
}
