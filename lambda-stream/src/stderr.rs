//! The log lines of the library and of its subscriber, on standard error.
//!
//! They are not written with `eprintln!`, which panics if standard error is closed. A [`LineWriter`] writes them, because a
//! write blocks while the reader of standard error does not read.

use std::fmt::{self, Display};
use std::io::{self, Write as _};
use std::sync::OnceLock;
#[cfg(feature = "local")]
use std::sync::atomic::{AtomicBool, Ordering};

use crate::line_writer::LineWriter;

/// The maximum length of a line, in bytes, without the line break. Readers of logs have limits: AWS's emulator of Lambda
/// Managed Instances stops reading at a line of 64 KiB, and Lambda splits a line of 256 KiB.
pub(crate) const MAX_LINE_LENGTH: usize = 16 * 1024;

static WRITER: LineWriter = LineWriter::new("lambda-stream-log", write, report_dropped);

/// Formats a warning about the log itself as a line of the log.
static WARNING_FORMAT: OnceLock<fn(&str) -> String> = OnceLock::new();

/// Whether the last line of the terminal is a progress display, which each line replaces.
#[cfg(feature = "local")]
static HAS_PROGRESS: AtomicBool = AtomicBool::new(false);

/// Moves the cursor of a terminal to the start of its line, and erases the line.
#[cfg(feature = "local")]
const ERASE_LINE: &str = "\r\x1b[K";

/// Writes a log line, and waits for that like [`flush`].
#[cfg(feature = "local")]
pub(crate) fn line(text: impl Display) {
    enqueue(text);
    flush();
}

/// Adds a log line to the queue of the writer. Does not block.
pub(crate) fn enqueue(text: impl Display) {
    WRITER.add(truncate(format!("lambda-stream: {text}")) + "\n");
}

/// Adds a line of a subscriber or of metrics to the queue of the writer. `line` has no line break at its end.
///
/// If the queue is full, waits until the writer has taken lines from it: at most 100 ms, and not again until the reader
/// of standard error reads. Then the line is dropped.
#[cfg(any(feature = "local", feature = "logging", feature = "metrics"))]
pub(crate) fn write_line(line: String) {
    WRITER.add_with_wait(truncate(line) + "\n");
}

/// Returns the writer, for lines that are not truncated.
#[cfg(feature = "local")]
pub(crate) fn writer() -> &'static LineWriter {
    &WRITER
}

/// Sets the format of warnings about the log itself, such as that lines were dropped. The result has no line break.
#[cfg(feature = "logging")]
pub(crate) fn set_warning_format(format: fn(&str) -> String) {
    let _ = WARNING_FORMAT.set(format);
}

/// Waits until the lines that were added before are written: at most 100 ms, and not again until the reader of standard
/// error reads.
pub(crate) fn flush() {
    WRITER.flush();
}

/// Shows `text` as the last line of the terminal that standard error is, until the next line or progress replaces it.
/// Blocks while the terminal does not read.
#[cfg(feature = "local")]
pub(crate) fn show_progress(text: &str) {
    let mut stderr = io::stderr().lock();
    HAS_PROGRESS.store(true, Ordering::Relaxed);
    let _ = stderr.write_all(format!("{ERASE_LINE}{text}").as_bytes());
}

/// Replaces the progress by a line that stays. Blocks while the terminal does not read.
#[cfg(feature = "local")]
pub(crate) fn end_progress(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(format!("{ERASE_LINE}{text}\n").as_bytes());
    HAS_PROGRESS.store(false, Ordering::Relaxed);
}

fn report_dropped(count: usize) {
    let warning = format!("{count} log lines were dropped, because standard error was not read");
    let line = match WARNING_FORMAT.get() {
        Some(format) => format(&warning),
        None => format!("lambda-stream: {warning}"),
    };
    write(&(line + "\n"));
}

fn write(line: &str) {
    let mut stderr = io::stderr().lock();
    // One write, so that the lines of concurrent threads and processes do not mix. There is no place to report an error of
    // it.
    #[cfg(feature = "local")]
    if HAS_PROGRESS.load(Ordering::Relaxed) {
        let _ = stderr.write_all(format!("{ERASE_LINE}{line}").as_bytes());
        return;
    }
    let _ = stderr.write_all(line.as_bytes());
}

/// Truncates a line to [`MAX_LINE_LENGTH`] bytes, and appends how many bytes are missing.
fn truncate(mut line: String) -> String {
    if line.len() > MAX_LINE_LENGTH {
        let note = |missing: usize| format!(" … (truncated: {missing} more bytes)");
        let mut kept = MAX_LINE_LENGTH - note(line.len()).len();
        while !line.is_char_boundary(kept) {
            kept -= 1;
        }
        let note = note(line.len() - kept);
        line.truncate(kept);
        line.push_str(&note);
    }
    line
}

/// Displays text from outside of the process on one line: control characters are escaped.
pub(crate) struct OneLine<'a>(pub(crate) &'a str);

impl Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Writes the text between control characters in one piece, because there are rarely any.
        let mut rest = self.0;
        while let Some((position, control)) = rest.char_indices().find(|(_, character)| character.is_control()) {
            write!(f, "{}{}", &rest[..position], control.escape_default())?;
            rest = &rest[position + control.len_utf8()..];
        }
        f.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_line_is_truncated_between_characters() {
        assert_eq!(truncate("x".repeat(MAX_LINE_LENGTH)), "x".repeat(MAX_LINE_LENGTH));
        for letter in ["x", "ü", "🦀"] {
            let text = letter.repeat(2 * MAX_LINE_LENGTH);
            let line = truncate(text.clone());
            let (front, note) = line.split_once(" … (truncated: ").unwrap();
            assert!(text.starts_with(front), "{letter}");
            assert_eq!(note, format!("{} more bytes)", text.len() - front.len()));
            assert!(
                (MAX_LINE_LENGTH - 8..=MAX_LINE_LENGTH).contains(&line.len()),
                "{}",
                line.len()
            );
        }
    }

    #[test]
    fn one_line_escapes_control_characters_only() {
        assert_eq!(
            OneLine("a\r\n\0\x1b[31m \"ü\"\u{85}").to_string(),
            r#"a\r\n\u{0}\u{1b}[31m "ü"\u{85}"#
        );
    }
}
