//! A connection's requests: their heads, as far as anybody looks at them, and their bodies, taken apart in bulk.

use std::io::{self, Read};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use lambda_stream_bench::nanoseconds_since_1970;

use crate::answer::{Answer, Reading};
use crate::chunked::{Chunked, Part};

/// What one read may bring, in bytes: with less, the reader would be what a large answer waits for.
const READ: usize = 1024 * 1024;

/// What one read may bring where the reader is slow.
const SLOW_READ: usize = 64 * 1024;

/// How a response says that a prelude leads it.
const PRELUDE: &str = "application/vnd.awslambda.http-integration-response";

pub(crate) struct Connection {
    socket: TcpStream,
    buffer: Vec<u8>,
    /// What was read and not yet looked at: from here…
    start: usize,
    /// …to here.
    end: usize,
}

pub(crate) struct Request {
    pub(crate) call: Call,
    body: Length,
    has_prelude: bool,
}

/// Calls of the Runtime API; a number is the end of the request id.
#[derive(Clone, Copy)]
pub(crate) enum Call {
    Next,
    Response(u64),
    Error(u64),
    Unknown,
}

#[derive(Clone, Copy)]
enum Length {
    Counted(usize),
    Chunked,
}

impl Connection {
    pub(crate) fn new(socket: TcpStream) -> Self {
        Self {
            socket,
            buffer: vec![0; READ],
            start: 0,
            end: 0,
        }
    }

    pub(crate) fn socket(&mut self) -> &mut TcpStream {
        &mut self.socket
    }

    /// The head of the next request.
    pub(crate) fn request(&mut self) -> io::Result<Request> {
        loop {
            let input = &self.buffer[self.start..self.end];
            if let Some(end) = input.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = std::str::from_utf8(&input[..end]).map_err(io::Error::other)?;
                let request = Request::parse(head);
                self.start += end + 4;
                return Ok(request);
            }
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            self.read(READ)?;
        }
    }

    /// The body of an answer to the event that was delivered at that time.
    pub(crate) fn answer(&mut self, request: &Request, delivered: Instant, reading: Reading) -> io::Result<Answer> {
        let mut answer = Answer::new(delivered, reading, request.has_prelude);
        if let Call::Error(_) = request.call {
            answer.fault = Some("an error".to_owned());
        }
        let mut now = Instant::now();
        let mut chunked = match request.body {
            Length::Counted(length) => Chunked::Counted(length),
            Length::Chunked => Chunked::Size,
        };
        let mut taken = 0;
        loop {
            let nanoseconds = match reading {
                Reading::Tokens => nanoseconds_since_1970(),
                _ => 0,
            };
            loop {
                let (used, part) = chunked.next(&self.buffer[self.start..self.end])?;
                self.start += used;
                let Some(part) = part else {
                    break;
                };
                match part {
                    Part::Chunk => answer.chunk(),
                    Part::Data(length) => {
                        let data = &self.buffer[self.start..self.start + length];
                        answer.data(data, now, nanoseconds);
                        self.start += length;
                    }
                    Part::Trailer(line) => answer.fault = Some(format!("the trailer {line}")),
                    Part::End => {
                        answer.total = now - delivered;
                        return Ok(answer);
                    }
                }
            }
            // All but the front of a line was used.
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            let most = match reading {
                Reading::Slowly(bytes_per_second) => {
                    wait_until(delivered + Duration::from_micros(taken * 1_000_000 / bytes_per_second));
                    SLOW_READ
                }
                _ => READ,
            };
            taken += self.read(most)? as u64;
            now = Instant::now();
        }
    }

    fn read(&mut self, most: usize) -> io::Result<usize> {
        let end = (self.end + most).min(self.buffer.len());
        match self.socket.read(&mut self.buffer[self.end..end])? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                self.end += read;
                Ok(read)
            }
        }
    }
}

fn wait_until(moment: Instant) {
    thread::sleep(moment.saturating_duration_since(Instant::now()));
}

impl Request {
    fn parse(head: &str) -> Self {
        let mut lines = head.split("\r\n");
        let mut request = Self {
            call: Call::parse(lines.next().unwrap_or_default()),
            body: Length::Counted(0),
            has_prelude: false,
        };
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            if name.eq_ignore_ascii_case("content-length") {
                request.body = Length::Counted(value.trim().parse().unwrap_or(0));
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                request.body = Length::Chunked;
            } else if name.eq_ignore_ascii_case("content-type") {
                request.has_prelude = value.trim() == PRELUDE;
            }
        }
        request
    }
}

impl Call {
    fn parse(line: &str) -> Self {
        let path = line.split(' ').nth(1).unwrap_or_default();
        let Some(call) = path.strip_prefix("/2018-06-01/runtime/invocation/") else {
            return Self::Unknown;
        };
        match call.split_once('/') {
            None if call == "next" => Self::Next,
            Some((id, what)) => {
                let number = id.rsplit('-').next().and_then(|number| number.parse().ok());
                match (number, what) {
                    (Some(number), "response") => Self::Response(number),
                    (Some(number), "error") => Self::Error(number),
                    _ => Self::Unknown,
                }
            }
            None => Self::Unknown,
        }
    }
}
