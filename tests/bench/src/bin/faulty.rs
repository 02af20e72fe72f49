//! An implementation that fails as the argument says, with which the quick mode checks how a failure is reported.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::thread;

fn main() -> io::Result<()> {
    let address = std::env::var("AWS_LAMBDA_RUNTIME_API").map_err(io::Error::other)?;
    let mut socket = TcpStream::connect(&address)?;
    let next = format!("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: {address}\r\n\r\n");
    socket.write_all(next.as_bytes())?;
    // The first read returns a part of the event.
    if socket.read(&mut [0; 4096])? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if std::env::args().nth(1).as_deref() == Some("exits") {
        std::process::exit(3);
    }
    loop {
        thread::park();
    }
}
