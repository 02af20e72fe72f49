//! What the runtime itself says, a line each, on standard error.
//!
//! Not `eprintln!`: that panics where standard error is closed.

use std::fmt::Display;
use std::io::{self, Write};

pub(crate) fn line(text: impl Display) {
    // One write for one line, so that lines of several threads do not mix; where it fails nobody listens.
    let _ = io::stderr().write_all(format!("lambda-stream: {text}\n").as_bytes());
}
