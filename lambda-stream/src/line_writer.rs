//! [`LineWriter`]: a queue of lines for standard error or standard output, and the thread that writes them.
//!
//! A write blocks while the reader of the output does not read. A response or a signal must not wait for that.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// The total length of the lines that wait for the writer, in bytes.
const MAX_QUEUED_BYTES: usize = 1024 * 1024;

/// How long [`LineWriter::flush`] and [`LineWriter::add_with_wait`] wait.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(100);

/// How long [`LineWriter::wait_for_room`] waits.
#[cfg(feature = "local")]
const ROOM_TIMEOUT: Duration = Duration::from_secs(1);

/// How long [`LineWriter::drain`] waits for the next line to be written.
#[cfg(feature = "local")]
const DRAIN_TIMEOUT: Duration = Duration::from_millis(500);

/// How often [`LineWriter::wait_for_room`] checks the queue.
#[cfg(feature = "local")]
const ROOM_CHECK_INTERVAL: Duration = Duration::from_millis(1);

/// Writes lines to an output, on a thread that it starts when the first line is added.
pub(crate) struct LineWriter {
    thread_name: &'static str,
    /// Writes one line, which includes its line break. May block.
    write: fn(&str),
    /// Reports that this many lines were dropped because the output was not read.
    report_dropped: fn(usize),
    queue: Mutex<Queue>,
    /// Notified when a line is added, and when one was written.
    changed: Condvar,
    /// The number of lines that are not written yet, so that [`flush`](Self::flush) costs nothing if there are none.
    unwritten: AtomicUsize,
}

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
    fn has_room_for(&self, length: usize) -> bool {
        self.bytes + length <= MAX_QUEUED_BYTES
    }

    /// Removes the oldest line.
    fn take(&mut self) -> Option<String> {
        let line = self.lines.pop_front()?;
        self.bytes -= line.len();
        Some(line)
    }
}

impl LineWriter {
    /// Creates a writer that writes lines with `write`, and reports with `report_dropped` how many it had to drop.
    pub(crate) const fn new(thread_name: &'static str, write: fn(&str), report_dropped: fn(usize)) -> Self {
        Self {
            thread_name,
            write,
            report_dropped,
            queue: Mutex::new(Queue {
                has_writer: false,
                lines: VecDeque::new(),
                bytes: 0,
                dropped: 0,
                added: 0,
                written: 0,
                is_stalled: false,
            }),
            changed: Condvar::new(),
            unwritten: AtomicUsize::new(0),
        }
    }

    /// Adds a line, which includes its line break, or drops it if the queue is full. Does not block.
    pub(crate) fn add(&'static self, line: String) {
        self.add_to(self.lock(), line, |_| false);
    }

    /// Adds a line, which includes its line break.
    ///
    /// If the queue is full, waits until the writer has taken lines from it: at most 100 ms, and not again until the reader
    /// of the output reads. Then the line is dropped.
    #[cfg(any(feature = "local", feature = "logging", feature = "metrics"))]
    pub(crate) fn add_with_wait(&'static self, line: String) {
        let length = line.len();
        self.add_to(self.lock(), line, |queue| !queue.has_room_for(length));
    }

    /// Adds a line after `condition` no longer holds.
    fn add_to(&'static self, mut queue: MutexGuard<'_, Queue>, line: String, condition: impl Fn(&Queue) -> bool) {
        if self.start_writer(&mut queue).is_err() {
            drop(queue);
            (self.write)(&line);
            return;
        }
        if condition(&queue) {
            queue = self.wait_while(queue, FLUSH_TIMEOUT, condition);
        }
        if !queue.has_room_for(line.len()) {
            queue.dropped += 1;
            return;
        }
        queue.bytes += line.len();
        queue.lines.push_back(line);
        queue.added += 1;
        self.unwritten.fetch_add(1, Ordering::Relaxed);
        self.changed.notify_all();
    }

    /// Waits until the queue has room for a line of `length` bytes: at most 1 s, and not again until the reader of the
    /// output reads.
    #[cfg(feature = "local")]
    pub(crate) async fn wait_for_room(&'static self, length: usize) {
        let end = tokio::time::Instant::now() + ROOM_TIMEOUT;
        let ends_wait = || {
            let mut queue = self.lock();
            if queue.has_room_for(length) || queue.is_stalled {
                return true;
            }
            queue.is_stalled = tokio::time::Instant::now() >= end;
            queue.is_stalled
        };
        while !ends_wait() {
            tokio::time::sleep(ROOM_CHECK_INTERVAL).await;
        }
    }

    /// Waits until the lines that were added before are written: at most 100 ms, and not again until the reader of the
    /// output reads.
    pub(crate) fn flush(&'static self) {
        if self.unwritten.load(Ordering::Relaxed) == 0 {
            return;
        }
        let queue = self.lock();
        let added = queue.added;
        drop(self.wait_while(queue, FLUSH_TIMEOUT, |queue| queue.written < added));
    }

    /// Waits until all lines are written: as long as the reader of the output takes one every 500 ms.
    #[cfg(feature = "local")]
    pub(crate) fn drain(&'static self) {
        let mut queue = self.lock();
        while queue.written < queue.added && !queue.is_stalled {
            let written = queue.written;
            queue = self.wait_while(queue, DRAIN_TIMEOUT, |queue| queue.written == written);
        }
    }

    /// Waits while `condition` holds: at most for `timeout`, and not if the reader of the output is known not to read.
    fn wait_while<'a>(
        &'a self,
        queue: MutexGuard<'a, Queue>,
        timeout: Duration,
        condition: impl Fn(&Queue) -> bool,
    ) -> MutexGuard<'a, Queue> {
        let is_waiting = |queue: &mut Queue| condition(queue) && !queue.is_stalled;
        let waited = self.changed.wait_timeout_while(queue, timeout, is_waiting);
        let (mut queue, result) = waited.unwrap_or_else(PoisonError::into_inner);
        if result.timed_out() {
            queue.is_stalled = true;
        }
        queue
    }

    /// Starts the writer, unless it is running.
    fn start_writer(&'static self, queue: &mut Queue) -> io::Result<()> {
        if !queue.has_writer {
            thread::Builder::new()
                .name(self.thread_name.to_owned())
                .spawn(|| self.write_lines())?;
            queue.has_writer = true;
        }
        Ok(())
    }

    /// Writes the lines of the queue, as long as the process runs.
    fn write_lines(&self) {
        let mut queue = self.lock();
        loop {
            let dropped = std::mem::take(&mut queue.dropped);
            let Some(line) = queue.take() else {
                queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            drop(queue);
            (self.write)(&line);
            if dropped > 0 {
                (self.report_dropped)(dropped);
            }
            queue = self.lock();
            queue.written += 1;
            queue.is_stalled = false;
            self.unwritten.fetch_sub(1, Ordering::Relaxed);
            self.changed.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
