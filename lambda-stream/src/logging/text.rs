//! Formats a record as text: for CloudWatch, one line without control characters; for a terminal, with colors.

use std::fmt::{self, Display, Write as _};

use serde_json::Value;
use tracing::Level;

use super::record::Record;
use crate::stderr::OneLine;

const RESET: &str = "\x1b[0m";
const DIM: &str = "\x1b[2m";

/// The indentation of the lines of a message after its first.
const INDENT: &str = "    ";

/// The field with the backtrace of a panic.
const BACKTRACE: &str = "backtrace";

/// `2026-01-02T03:04:05.678Z  INFO 8476a536-… my_crate: message name=value`
pub(super) fn line(record: &Record<'_>) -> String {
    let time = record.timestamp.to_string();
    let message = record.message.as_deref().unwrap_or_default();
    compose(record, &time, false, &OneLine(message), &[])
}

/// `03:04:05.678Z  INFO 8476a536-… my_crate: message name=value`. Line breaks in the message are kept, and so are those of
/// a backtrace, which follows the line.
pub(super) fn terminal_line(record: &Record<'_>, colors: bool) -> String {
    let time = record.timestamp.time_of_day();
    let message = record.message.as_deref().unwrap_or_default();
    let mut line = compose(record, &time, colors, &Indented(message), &[BACKTRACE]);
    if let Some((_, Value::String(backtrace))) = record.fields.0.iter().find(|(name, _)| name == BACKTRACE) {
        // Writing to a `String` does not fail.
        let _ = write!(line, "\n{INDENT}{}", Indented(backtrace));
    }
    line
}

/// Composes a line with all fields except for these.
fn compose(record: &Record<'_>, time: &str, colors: bool, message: &dyn Display, without: &[&str]) -> String {
    let (dim, level, reset) = match colors {
        true => (DIM, color(record.level), RESET),
        false => ("", "", ""),
    };
    let mut line = format!("{dim}{time}{reset} {level}{:>5}{reset}", record.level.as_str());
    // Writing to a `String` does not fail.
    if let Some(request_id) = &record.ids.request_id {
        let _ = write!(line, " {dim}{}{reset}", OneLine(request_id));
    }
    let _ = write!(line, " {dim}{}:{reset}", OneLine(&record.target));
    if record.message.is_some() {
        let _ = write!(line, " {message}");
    }
    let fields = record.fields.0.iter().filter(|(name, _)| !without.contains(&&**name));
    for (name, value) in fields {
        let _ = write!(line, " {dim}{}={reset}", OneLine(name));
        let _ = match value {
            Value::String(text) if is_bare(text) => write!(line, "{text}"),
            // A string in quotes, or an array.
            value => write!(line, "{}", OneLine(&value.to_string())),
        };
    }
    line
}

/// Whether a value needs no quotes.
fn is_bare(text: &str) -> bool {
    let is_special = |letter: char| letter.is_whitespace() || letter.is_control() || matches!(letter, '"' | '=' | '\\');
    !text.is_empty() && !text.contains(is_special)
}

fn color(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        Level::DEBUG => "\x1b[34m",
        Level::TRACE => "\x1b[35m",
    }
}

/// Displays text with its line breaks. Each line after the first is indented, so it cannot be taken for another event.
struct Indented<'a>(&'a str);

impl Display for Indented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, line) in self.0.lines().enumerate() {
            if position > 0 {
                write!(f, "\n{INDENT}")?;
            }
            OneLine(line).fmt(f)?;
        }
        Ok(())
    }
}
