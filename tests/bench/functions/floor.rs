//! No library: a blocking socket, and no more of HTTP than the stand-in sends. What others are measured against.
//!
//! The first piece leaves at once, with the head. Small ones after it gather to one chunk a write; a token, or a piece
//! that would fill the buffer by itself, leaves at once and without a copy.

use std::env::VarError;
use std::io::{self, IoSlice, Read, Write};
use std::net::TcpStream;
use std::thread;

use lambda_stream_bench::{Given, Shape};

/// What gathers before it is written, in bytes.
const GATHERED: usize = 64 * 1024;

/// From here on, a piece is not worth a copy.
const LARGE: usize = 16 * 1024;

/// The hexadecimal length and its CRLF, filled in when the chunk is whole.
const CHUNK_HEAD: usize = 10;

fn main() -> io::Result<()> {
    let address = variable("AWS_LAMBDA_RUNTIME_API")?;
    let at_once = std::env::var("AWS_LAMBDA_MAX_CONCURRENCY").map_or(1, |text| text.parse().unwrap_or(1));
    thread::scope(|scope| {
        for _ in 1..at_once {
            scope.spawn(|| serve(&address));
        }
        serve(&address)
    })
}

fn variable(name: &str) -> io::Result<String> {
    std::env::var(name).map_err(|error: VarError| io::Error::other(format!("{name}: {error}")))
}

fn serve(address: &str) -> io::Result<()> {
    let mut socket = TcpStream::connect(address)?;
    socket.set_nodelay(true)?;
    let next = format!("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: {address}\r\n\r\n");
    let mut read = vec![0; 4096];
    let mut unwritten = Vec::with_capacity(GATHERED + 1024);
    loop {
        socket.write_all(next.as_bytes())?;
        let (head, event) = receive(&mut socket, &mut read)?;
        let id = field(head, "lambda-runtime-aws-request-id").ok_or_else(|| io::Error::other("no request id"))?;
        let head = format!(
            "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nhost: {address}\r\n\
             content-type: application/octet-stream\r\nlambda-runtime-function-response-mode: streaming\r\n\
             transfer-encoding: chunked\r\n\
             trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n\r\n"
        );
        let shape = serde_json::from_slice(event)?;
        answer(shape, Chunks::new(&mut socket, &mut unwritten, &head))?;
        receive(&mut socket, &mut read)?;
    }
}

/// One HTTP message whose length is given: its head and its body.
fn receive<'a>(socket: &mut TcpStream, buffer: &'a mut [u8]) -> io::Result<(&'a str, &'a [u8])> {
    let mut filled = 0;
    loop {
        match socket.read(&mut buffer[filled..])? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => filled += read,
        }
        let Some(end) = buffer[..filled].windows(4).position(|window| window == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&buffer[..end]).map_err(io::Error::other)?;
        let length: usize = field(head, "content-length").map_or(0, |text| text.parse().unwrap_or(0));
        if filled == end + 4 + length {
            let (head, body) = buffer[..filled].split_at(end + 4);
            return Ok((std::str::from_utf8(head).map_err(io::Error::other)?, body));
        }
    }
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn answer(shape: Shape, mut chunks: Chunks<'_>) -> io::Result<()> {
    shape.work();
    for index in 0..shape.pieces {
        shape.block(index);
        if shape.is_stamped() {
            chunks.push(shape.token(index).as_bytes())?;
            chunks.flush()?;
        } else if shape.size >= LARGE && shape.given != Given::Copied {
            chunks.send(shape.slice(index))?;
        } else {
            chunks.push(shape.slice(index))?;
        }
        if index == 0 {
            chunks.flush()?;
        }
    }
    chunks.end()
}

/// A chunked body: what is not yet written, with room for the length of the chunk that is being gathered.
struct Chunks<'a> {
    socket: &'a mut TcpStream,
    buffer: &'a mut Vec<u8>,
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

    fn push(&mut self, mut piece: &[u8]) -> io::Result<()> {
        loop {
            let room = (self.chunk + CHUNK_HEAD + GATHERED).saturating_sub(self.buffer.len());
            let (now, later) = piece.split_at(room.min(piece.len()));
            self.buffer.extend_from_slice(now);
            if later.is_empty() {
                return Ok(());
            }
            self.flush()?;
            piece = later;
        }
    }

    /// Closes the chunk that is being gathered, if it holds anything.
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

    /// A piece as a chunk of its own, without a copy, in one write with all that comes before it.
    fn send(&mut self, piece: &[u8]) -> io::Result<()> {
        self.close()?;
        write!(self.buffer, "{:08x}\r\n", piece.len())?;
        let mut parts = [IoSlice::new(self.buffer), IoSlice::new(piece), IoSlice::new(b"\r\n")];
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
