//! What the runtime itself says, a line each, on standard error.
//!
//! Not `eprintln!`: that panics where standard error is closed.

use std::fmt::Display;
use std::io::{self, Write};

/// A line for who looks for a fault: only where Lambda's setting for the level of logs asks for it.
#[cfg(feature = "http")]
pub(crate) fn debug(text: impl Display) {
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default();
    if ["DEBUG", "TRACE"]
        .iter()
        .any(|wanted| level.eq_ignore_ascii_case(wanted))
    {
        line(text);
    }
}

pub(crate) fn line(text: impl Display) {
    // One write for one line, so that lines of several threads do not mix; where it fails nobody listens.
    let _ = io::stderr().write_all(format!("lambda-stream: {text}\n").as_bytes());
}
