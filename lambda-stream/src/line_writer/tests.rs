//! Tests of the queue with an output that the test reads, or does not read.

use super::*;
use std::sync::atomic::AtomicU64;

/// Defines a writer whose output blocks while the gate is closed.
macro_rules! gated_writer {
    ($writer:ident, $gate:ident) => {
        static $gate: Gate = Gate::new();
        static $writer: LineWriter = LineWriter::new(
            "test-writer",
            |line| $gate.write(line),
            |count| $gate.dropped.store(count as u64, Ordering::Relaxed),
        );
    };
}

struct Gate {
    state: Mutex<GateState>,
    changed: Condvar,
    dropped: AtomicU64,
}

struct GateState {
    is_open: bool,
    /// A write has begun.
    is_writing: bool,
    written: String,
}

impl Gate {
    const fn new() -> Self {
        Self {
            state: Mutex::new(GateState {
                is_open: false,
                is_writing: false,
                written: String::new(),
            }),
            changed: Condvar::new(),
            dropped: AtomicU64::new(0),
        }
    }

    fn write(&self, line: &str) {
        let mut state = self.state.lock().unwrap();
        state.is_writing = true;
        self.changed.notify_all();
        let mut state = self.changed.wait_while(state, |state| !state.is_open).unwrap();
        state.written += line;
    }

    fn open(&self) {
        self.state.lock().unwrap().is_open = true;
        self.changed.notify_all();
    }

    fn wait_for_write(&self) {
        let state = self.state.lock().unwrap();
        drop(self.changed.wait_while(state, |state| !state.is_writing).unwrap());
    }

    fn written(&self) -> String {
        self.state.lock().unwrap().written.clone()
    }
}

fn line(length: usize) -> String {
    "x".repeat(length - 1) + "\n"
}

#[test]
fn unread_output_drops_lines_and_reports_their_number() {
    gated_writer!(WRITER, GATE);
    WRITER.add("first\n".to_owned());
    GATE.wait_for_write();
    for _ in 0..4 {
        WRITER.add(line(MAX_QUEUED_BYTES / 2));
    }
    assert_eq!(GATE.written(), "");
    GATE.open();
    WRITER.drain();
    assert_eq!(
        GATE.written(),
        "first\n".to_owned() + &line(MAX_QUEUED_BYTES / 2).repeat(2)
    );
    assert_eq!(GATE.dropped.load(Ordering::Relaxed), 2);
    WRITER.add("last\n".to_owned());
    WRITER.drain();
    assert!(GATE.written().ends_with("\nlast\n"));
}

#[cfg(feature = "local")]
#[tokio::test(start_paused = true)]
async fn wait_for_room_ends_if_output_is_not_read() {
    gated_writer!(WRITER, GATE);
    WRITER.add("first\n".to_owned());
    GATE.wait_for_write();
    let wait = async |length| {
        let start = tokio::time::Instant::now();
        WRITER.wait_for_room(length).await;
        start.elapsed()
    };
    WRITER.add(line(MAX_QUEUED_BYTES));
    assert_eq!(wait(0).await, Duration::ZERO);
    assert!(wait(1).await >= ROOM_TIMEOUT);
    // The output is known to be unread.
    assert_eq!(wait(1).await, Duration::ZERO);
    GATE.open();
    WRITER.drain();
    WRITER.wait_for_room(MAX_QUEUED_BYTES).await;
    assert_eq!(wait(MAX_QUEUED_BYTES).await, Duration::ZERO);
}

#[cfg(feature = "local")]
#[tokio::test]
async fn wait_for_room_ends_when_output_is_read() {
    gated_writer!(WRITER, GATE);
    WRITER.add("first\n".to_owned());
    GATE.wait_for_write();
    WRITER.add(line(MAX_QUEUED_BYTES));
    let waiting = tokio::spawn(async {
        WRITER.wait_for_room(5).await;
        WRITER.add("last\n".to_owned());
    });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    GATE.open();
    waiting.await.unwrap();
    WRITER.drain();
    assert!(GATE.written().ends_with("x\nlast\n"));
    assert_eq!(GATE.dropped.load(Ordering::Relaxed), 0);
}
