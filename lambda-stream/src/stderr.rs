//! The log lines of the library and of its subscriber, on standard error.
//!
//! They are not written with `eprintln!`, which panics if standard error is closed. A thread writes them, because the
//! write blocks for as long as the reader of standard error does not read: a response or a signal must not wait for it.

use std::collections::VecDeque;
use std::fmt::{self, Display};
use std::io::{self, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

/// The maximum length of a line, in bytes, without the line break. Readers of logs have limits: AWS's emulator of Lambda
/// Managed Instances stops reading at a line of 64 KiB, and Lambda splits a line of 256 KiB.
pub(crate) const MAX_LINE_LENGTH: usize = 16 * 1024;

/// The total length of the lines that wait for the writer, in bytes.
const MAX_QUEUED_BYTES: usize = 1024 * 1024;

/// How long [`flush`] and [`write_line`] wait.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(100);

/// The lines that are not written yet, so that [`flush`] costs nothing if there are none.
static UNWRITTEN: AtomicUsize = AtomicUsize::new(0);

static QUEUE: Mutex<Queue> = Mutex::new(Queue::new());

/// Notified when a line is added, and when one was written.
static CHANGED: Condvar = Condvar::new();

/// Formats a warning about the log itself as a line of the log.
static WARNING_FORMAT: OnceLock<fn(&str) -> String> = OnceLock::new();

struct Queue {
    has_writer: bool,
    lines: VecDeque<String>,
    /// The total length of `lines`.
    bytes: usize,
    /// How many lines were dropped because the queue was full.
    dropped: usize,
    /// How many lines were added and how many of them were written, since the process started.
    added: u64,
    written: u64,
    /// A call waited in vain since the last line was written.
    is_stalled: bool,
}

impl Queue {
    const fn new() -> Self {
        Self {
            has_writer: false,
            lines: VecDeque::new(),
            bytes: 0,
            dropped: 0,
            added: 0,
            written: 0,
            is_stalled: false,
        }
    }

    fn lock() -> MutexGuard<'static, Self> {
        QUEUE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the writer, unless it is running.
    fn start_writer(&mut self) -> io::Result<()> {
        if !self.has_writer {
            thread::Builder::new()
                .name("lambda-stream-log".to_owned())
                .spawn(write_lines)?;
            self.has_writer = true;
        }
        Ok(())
    }

    fn has_room_for(&self, line: &str) -> bool {
        self.bytes + line.len() <= MAX_QUEUED_BYTES
    }

    /// Removes the oldest line.
    fn take(&mut self) -> Option<String> {
        let line = self.lines.pop_front()?;
        self.bytes -= line.len();
        Some(line)
    }

    /// Adds a line, or drops it if the queue is full.
    fn add(&mut self, line: String) {
        if !self.has_room_for(&line) {
            self.dropped += 1;
            return;
        }
        self.bytes += line.len();
        self.lines.push_back(line);
        self.added += 1;
        UNWRITTEN.fetch_add(1, Ordering::Relaxed);
        CHANGED.notify_all();
    }
}

/// Writes a log line, and waits for that like [`flush`].
#[cfg(feature = "local")]
pub(crate) fn line(text: impl Display) {
    enqueue(text);
    flush();
}

/// Adds a log line to the queue of the writer. Does not block.
pub(crate) fn enqueue(text: impl Display) {
    let line = truncate(format!("lambda-stream: {text}")) + "\n";
    let mut queue = Queue::lock();
    match queue.start_writer() {
        Ok(()) => queue.add(line),
        Err(_) => {
            drop(queue);
            write(&line);
        }
    }
}

/// Adds a line of a subscriber or of metrics to the queue of the writer. `line` has no line break at its end.
///
/// If the queue is full, waits until the writer has taken lines from it: at most 100 ms, and not again until the reader
/// of standard error reads. Then the line is dropped.
#[cfg(any(feature = "local", feature = "logging", feature = "metrics"))]
pub(crate) fn write_line(line: String) {
    let line = truncate(line) + "\n";
    let mut queue = Queue::lock();
    if queue.start_writer().is_err() {
        drop(queue);
        write(&line);
        return;
    }
    queue = wait_while(queue, |queue| !queue.has_room_for(&line));
    queue.add(line);
}

/// Sets the format of warnings about the log itself, such as that lines were dropped. The result has no line break.
#[cfg(feature = "logging")]
pub(crate) fn set_warning_format(format: fn(&str) -> String) {
    let _ = WARNING_FORMAT.set(format);
}

/// Waits until the lines that were added before are written: at most 100 ms, and not again until the reader of standard
/// error reads.
pub(crate) fn flush() {
    if UNWRITTEN.load(Ordering::Relaxed) == 0 {
        return;
    }
    let queue = Queue::lock();
    let added = queue.added;
    drop(wait_while(queue, |queue| queue.written < added));
}

/// Waits while `condition` holds: at most [`FLUSH_TIMEOUT`], and not if the reader of standard error is known not to read.
fn wait_while<'a>(queue: MutexGuard<'a, Queue>, condition: impl Fn(&Queue) -> bool) -> MutexGuard<'a, Queue> {
    let is_waiting = |queue: &mut Queue| condition(queue) && !queue.is_stalled;
    let waited = CHANGED.wait_timeout_while(queue, FLUSH_TIMEOUT, is_waiting);
    let (mut queue, result) = waited.unwrap_or_else(PoisonError::into_inner);
    if result.timed_out() {
        queue.is_stalled = true;
    }
    queue
}

/// Writes the lines of the queue, as long as the process runs.
fn write_lines() {
    let mut queue = Queue::lock();
    loop {
        let dropped = std::mem::take(&mut queue.dropped);
        let Some(line) = queue.take() else {
            queue = CHANGED.wait(queue).unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        drop(queue);
        write(&line);
        if dropped > 0 {
            let warning = format!("{dropped} log lines were dropped, because standard error was not read");
            let line = match WARNING_FORMAT.get() {
                Some(format) => format(&warning),
                None => format!("lambda-stream: {warning}"),
            };
            write(&(line + "\n"));
        }
        queue = Queue::lock();
        queue.written += 1;
        queue.is_stalled = false;
        UNWRITTEN.fetch_sub(1, Ordering::Relaxed);
        CHANGED.notify_all();
    }
}

fn write(line: &str) {
    // One write, so that the lines of concurrent threads do not mix. There is no place to report an error of it.
    let _ = io::stderr().write_all(line.as_bytes());
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
