//! The baseline of the benchmark: a blocking socket without a library. It implements only the part of HTTP that the mock
//! uses. The argument `event` or `raw event` selects the handler of an event of 6 MB.
//!
//! It writes the first chunk immediately, together with the head. It then gathers small chunks into one HTTP chunk per
//! write. It writes a token, or a chunk as large as the buffer, immediately and without a copy.

use std::env::VarError;
use std::io::{self, IoSlice, Read, Write};
use std::net::TcpStream;
use std::thread;

use lambda_stream_bench::{Format, LargeEvent, ResponseSpec, Source};

/// The size of the gathering buffer, in bytes.
const BUFFER_SIZE: usize = 64 * 1024;

/// The size from which a chunk is written without a copy, in bytes.
const LARGE: usize = 16 * 1024;

/// The space for the hexadecimal length and its CRLF, which are written when the chunk is complete.
const CHUNK_HEAD: usize = 10;

fn main() -> io::Result<()> {
    let address = variable("AWS_LAMBDA_RUNTIME_API")?;
    let form = std::env::args().nth(1);
    let form = form.as_deref();
    let concurrency = std::env::var("AWS_LAMBDA_MAX_CONCURRENCY").map_or(1, |text| text.parse().unwrap_or(1));
    thread::scope(|scope| {
        for _ in 1..concurrency {
            scope.spawn(|| serve(&address, form));
        }
        serve(&address, form)
    })
}

fn variable(name: &str) -> io::Result<String> {
    std::env::var(name).map_err(|error: VarError| io::Error::other(format!("{name}: {error}")))
}

fn serve(address: &str, form: Option<&str>) -> io::Result<()> {
    let mut socket = TcpStream::connect(address)?;
    socket.set_nodelay(true)?;
    let next = format!("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: {address}\r\n\r\n");
    let mut input = vec![0; 4096];
    let mut buffer = Vec::with_capacity(BUFFER_SIZE + 1024);
    loop {
        socket.write_all(next.as_bytes())?;
        let (head, event) = receive(&mut socket, &mut input)?;
        let id = field(head, "lambda-runtime-aws-request-id").ok_or_else(|| io::Error::other("no request id"))?;
        let head = format!(
            "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nhost: {address}\r\n\
             content-type: application/octet-stream\r\nlambda-runtime-function-response-mode: streaming\r\n\
             transfer-encoding: chunked\r\n\
             trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n\r\n"
        );
        let mut chunks = Chunks::new(&mut socket, &mut buffer, &head);
        match form {
            None => respond(&serde_json::from_slice(event)?, &mut chunks)?,
            Some("event") => chunks.push(serde_json::from_slice::<LargeEvent>(event)?.response().as_bytes())?,
            Some(_) => chunks.push(LargeEvent::raw_response(event).as_bytes())?,
        }
        chunks.end()?;
        receive(&mut socket, &mut input)?;
    }
}

/// Reads one HTTP message with `Content-Length` and returns its head and body.
fn receive<'a>(socket: &mut TcpStream, buffer: &'a mut Vec<u8>) -> io::Result<(&'a str, &'a [u8])> {
    let mut filled = 0;
    let (head, end) = loop {
        filled += read(socket, &mut buffer[filled..])?;
        let Some(end) = buffer[..filled].windows(4).position(|window| window == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&buffer[..end]).map_err(io::Error::other)?;
        let length: usize = field(head, "content-length").map_or(0, |text| text.parse().unwrap_or(0));
        break (end + 4, end + 4 + length);
    };
    if buffer.len() < end {
        buffer.resize(end, 0);
    }
    while filled < end {
        filled += read(socket, &mut buffer[filled..end])?;
    }
    let (head, body) = buffer[..end].split_at(head);
    Ok((std::str::from_utf8(head).map_err(io::Error::other)?, body))
}

fn read(socket: &mut TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    match socket.read(buffer)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        size => Ok(size),
    }
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn respond(spec: &ResponseSpec, chunks: &mut Chunks<'_>) -> io::Result<()> {
    spec.compute();
    for index in 0..spec.chunks {
        spec.block(index);
        if spec.has_tokens() {
            chunks.push(spec.token(index).as_bytes())?;
            chunks.flush()?;
        } else if spec.format != Format::Bytes {
            chunks.push(&spec.bytes(index))?;
        } else {
            let data = spec.slice(index);
            if data.len() >= LARGE && spec.source != Source::Copied {
                chunks.send(data)?;
            } else {
                chunks.push(data)?;
            }
        }
        if index == 0 {
            chunks.flush()?;
        }
    }
    Ok(())
}

/// The writer of a chunked body. The buffer holds unwritten bytes and reserves space for the length of the current chunk.
struct Chunks<'a> {
    socket: &'a mut TcpStream,
    buffer: &'a mut Vec<u8>,
    /// Where the current chunk starts in the buffer.
    chunk: usize,
}

impl<'a> Chunks<'a> {
    fn new(socket: &'a mut TcpStream, buffer: &'a mut Vec<u8>, head: &str) -> Self {
        buffer.clear();
        buffer.extend_from_slice(head.as_bytes());
        let mut chunks = Self {
            socket,
            buffer,
            chunk: 0,
        };
        chunks.open();
        chunks
    }

    fn open(&mut self) {
        self.chunk = self.buffer.len();
        self.buffer.extend_from_slice(&[0; CHUNK_HEAD]);
    }

    /// Adds data to the current chunk.
    fn push(&mut self, mut data: &[u8]) -> io::Result<()> {
        loop {
            let free = (self.chunk + CHUNK_HEAD + BUFFER_SIZE).saturating_sub(self.buffer.len());
            let (now, later) = data.split_at(free.min(data.len()));
            self.buffer.extend_from_slice(now);
            if later.is_empty() {
                return Ok(());
            }
            self.flush()?;
            data = later;
        }
    }

    /// Completes the current chunk, or removes it if it is empty.
    fn close(&mut self) -> io::Result<()> {
        let length = self.buffer.len() - self.chunk - CHUNK_HEAD;
        if length == 0 {
            self.buffer.truncate(self.chunk);
            return Ok(());
        }
        write!(
            &mut self.buffer[self.chunk..self.chunk + CHUNK_HEAD],
            "{length:08x}\r\n"
        )?;
        self.buffer.extend_from_slice(b"\r\n");
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.close()?;
        self.socket.write_all(self.buffer)?;
        self.buffer.clear();
        self.open();
        Ok(())
    }

    /// Writes data as a separate chunk without a copy, in one write with the buffered bytes.
    fn send(&mut self, data: &[u8]) -> io::Result<()> {
        self.close()?;
        write!(self.buffer, "{:08x}\r\n", data.len())?;
        let mut parts = [IoSlice::new(self.buffer), IoSlice::new(data), IoSlice::new(b"\r\n")];
        let mut rest = &mut parts[..];
        while !rest.is_empty() {
            let written = self.socket.write_vectored(rest)?;
            IoSlice::advance_slices(&mut rest, written);
        }
        self.buffer.clear();
        self.open();
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.close()?;
        self.buffer.extend_from_slice(b"0\r\n\r\n");
        self.socket.write_all(self.buffer)
    }
}
