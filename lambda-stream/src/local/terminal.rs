//! What the user is told, on standard error: only what the function's own log cannot know.

use std::fmt::Display;
use std::io::Write;

/// Writes one message. A closed standard error is no reason to stop.
pub(super) fn note(message: impl Display) {
    // One write a message: it stays whole beside the function's own log.
    let message = format!("lambda-stream: {message}\n");
    let _ = std::io::stderr().write_all(message.as_bytes());
}
