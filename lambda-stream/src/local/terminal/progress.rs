//! The progress of `--event` while standard output is redirected: one line on standard error that is updated in place.

use std::convert::Infallible;
use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use super::units;
use crate::stderr;

/// The time between two updates.
const UPDATE_INTERVAL: Duration = Duration::from_millis(100);

/// How long the end waits for the last update.
const END_TIMEOUT: Duration = Duration::from_millis(100);

/// The time since the first byte from which a rate is meaningful.
const MIN_RATE_TIME: Duration = Duration::from_millis(100);

/// Shows the progress of a response until it is dropped. The last update stays on the terminal.
pub(crate) struct Progress {
    counters: Arc<Counters>,
    /// Ends the thread when it is dropped.
    stop: Option<Sender<Infallible>>,
    /// Disconnected when the thread has ended.
    ended: Receiver<Infallible>,
}

struct Counters {
    started: Instant,
    first_byte: OnceLock<Instant>,
    bytes: AtomicU64,
    chunks: AtomicU64,
}

impl Progress {
    /// Starts the display if standard error is a terminal and standard output is not.
    ///
    /// A thread of the display writes, because a write to a terminal or to standard output may block.
    pub(crate) fn start() -> Option<Self> {
        if io::stdout().is_terminal() || !io::stderr().is_terminal() {
            return None;
        }
        let counters = Arc::new(Counters {
            started: Instant::now(),
            first_byte: OnceLock::new(),
            bytes: AtomicU64::new(0),
            chunks: AtomicU64::new(0),
        });
        let (stop, is_stopped) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let shown = Arc::clone(&counters);
        let show = move || {
            let _end: Sender<Infallible> = end;
            while is_stopped.recv_timeout(UPDATE_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                stderr::show_progress(&shown.line());
            }
            stderr::end_progress(shown.line().trim_end());
        };
        let thread = thread::Builder::new().name("lambda-progress".to_owned());
        thread.spawn(show).ok()?;
        Some(Self {
            counters,
            stop: Some(stop),
            ended,
        })
    }

    /// Counts a chunk that was written to standard output.
    pub(crate) fn add_chunk(&self, size: usize) {
        if size > 0 {
            self.counters.first_byte.get_or_init(Instant::now);
            self.counters.bytes.fetch_add(size as u64, Ordering::Relaxed);
            self.counters.chunks.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.stop.take());
        let _ = self.ended.recv_timeout(END_TIMEOUT);
    }
}

impl Counters {
    fn line(&self) -> String {
        let (bytes, chunks) = (self.bytes.load(Ordering::Relaxed), self.chunks.load(Ordering::Relaxed));
        let streamed = self.first_byte.get().map(Instant::elapsed);
        line(bytes, chunks, self.started.elapsed(), streamed)
    }
}

/// Returns the line of the display. `elapsed` is the time since the event, `streamed` the time since the first byte.
fn line(bytes: u64, chunks: u64, elapsed: Duration, streamed: Option<Duration>) -> String {
    let (size, chunks, elapsed) = (units::size(bytes), units::chunks(chunks), units::duration(elapsed));
    let mut line = format!("{size}  {chunks}  {elapsed}");
    if let Some(streamed) = streamed.filter(|streamed| *streamed >= MIN_RATE_TIME) {
        let rate = bytes as f64 / streamed.as_secs_f64();
        line += &format!("  {}/s", units::size(rate as u64));
    }
    // Text that the handler writes to the terminal follows on the same line.
    line + "  "
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_has_rate_since_first_byte() {
        let seconds = Duration::from_secs_f64;
        assert_eq!(line(0, 0, seconds(0.2), None), "0 B  0 chunks  200 ms  ");
        assert_eq!(
            line(812, 1, seconds(0.2), Some(seconds(0.05))),
            "812 B  1 chunk  200 ms  "
        );
        assert_eq!(
            line(3_200_000, 42, seconds(3.0), Some(seconds(2.0))),
            "3.2 MB  42 chunks  3.0 s  1.6 MB/s  "
        );
    }
}
