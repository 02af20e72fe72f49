//! Standard output for `--event`, and the detection of an output that is not read.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

/// The time in which a blocked write must make progress during shutdown.
const BLOCKED_TIMEOUT: Duration = Duration::from_secs(2);

/// The pause between two checks.
const CHECK_INTERVAL: Duration = Duration::from_millis(200);

/// The size of a single write, in bytes. It is small, so that the progress of a slow reader is visible.
const MAX_WRITE_BYTES: usize = 4096;

/// The number of writes of [`Stdout`] that have returned.
static WRITES: AtomicU64 = AtomicU64::new(0);

/// Standard output. A write blocks the thread until the reader of the pipe takes the bytes.
pub(super) struct Stdout;

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut stdout = io::stdout().lock();
        let count = stdout.write(&bytes[..bytes.len().min(MAX_WRITE_BYTES)])?;
        // Otherwise a later write would block for the bytes of several.
        stdout.flush()?;
        WRITES.fetch_add(1, Ordering::Relaxed);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().flush()
    }
}

/// Waits until a write of this process to standard output or standard error has made no progress for
/// [`BLOCKED_TIMEOUT`].
pub(crate) async fn blocked() {
    loop {
        if let Some(mut unlocked) = start_probe() {
            let mut writes = WRITES.load(Ordering::Relaxed);
            while timeout(BLOCKED_TIMEOUT, &mut unlocked).await.is_err() {
                match WRITES.load(Ordering::Relaxed) {
                    unchanged if unchanged == writes => return,
                    progress => writes = progress,
                }
            }
        }
        sleep(CHECK_INTERVAL).await;
    }
}

/// Locks and unlocks both outputs on a new thread, and then notifies the receiver. A blocked write holds the lock of its
/// output, whether the library or the handler has called it.
fn start_probe() -> Option<oneshot::Receiver<()>> {
    let (sender, unlocked) = oneshot::channel();
    let probe = move || {
        drop(io::stdout().lock());
        drop(io::stderr().lock());
        let _ = sender.send(());
    };
    let thread = thread::Builder::new().name("lambda-output".to_owned()).spawn(probe);
    thread.ok().map(|_| unlocked)
}
