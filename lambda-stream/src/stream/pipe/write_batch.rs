//! Collects the small writes that a handler makes in one poll, so that they lock the pipe once.
//!
//! On a single-threaded runtime the HTTP client runs only after the poll of the handler has returned. It gets bytes that
//! are handed to the pipe by then as early as bytes that each write hands over.
//!
//! Writes outside of the handler's own task, and all writes on a multi-threaded runtime, lock the pipe.

use std::cell::RefCell;
use std::ptr;
use std::sync::atomic::Ordering;

use super::batch::{Batch, IsYieldDue};
use super::state::Shared;

thread_local! {
    /// The handler that this thread polls.
    static POLLED: RefCell<Option<PolledHandler>> = const { RefCell::new(None) };
}

struct PolledHandler {
    /// The pipe of its response. Only the address is used.
    pipe: *const Shared,
    batch: Option<Batch>,
}

/// Collects the writes to `pipe` that this thread makes until it is dropped.
pub(super) struct WriteBatching<'a> {
    pipe: &'a Shared,
    /// A handler may poll another one, as in a test.
    outer: Option<PolledHandler>,
}

impl<'a> WriteBatching<'a> {
    pub(super) fn start(pipe: &'a Shared) -> Self {
        pipe.batches_writes.store(true, Ordering::Relaxed);
        let polled = PolledHandler {
            pipe: ptr::from_ref(pipe),
            batch: None,
        };
        Self {
            pipe,
            outer: replace_polled(Some(polled)),
        }
    }
}

impl Drop for WriteBatching<'_> {
    fn drop(&mut self) {
        end(self.pipe);
        replace_polled(self.outer.take());
    }
}

fn replace_polled(polled: Option<PolledHandler>) -> Option<PolledHandler> {
    POLLED.with_borrow_mut(|current| std::mem::replace(current, polled))
}

/// Adds a copy of `bytes` to the batch and returns whether the writer has to yield. Returns `None` if `bytes` have to be
/// written to the pipe.
pub(super) fn push(pipe: &Shared, bytes: &[u8]) -> Option<IsYieldDue> {
    let (pushed, ended) = POLLED
        .try_with(|polled| {
            let mut polled = polled.borrow_mut();
            let polled = polled.as_mut().filter(|polled| ptr::eq(polled.pipe, pipe))?;
            if polled.batch.is_none() {
                polled.batch = pipe.start_batch();
            }
            let pushed = polled.batch.as_mut()?.push(bytes);
            let is_complete = pushed != Some(false);
            Some((pushed, if is_complete { polled.batch.take() } else { None }))
        })
        .ok()??;
    if let Some(batch) = ended {
        // If the response accepts no more bytes, the next write reports it.
        let _ = pipe.end_batch(batch, pushed == Some(true));
    }
    pushed
}

/// Hands the batch to `pipe`. Returns whether this thread polls the handler that writes to it.
pub(super) fn end(pipe: &Shared) -> bool {
    let ended = POLLED.try_with(|polled| match &mut *polled.borrow_mut() {
        Some(polled) if ptr::eq(polled.pipe, pipe) => Some(polled.batch.take()),
        _ => None,
    });
    // The thread-local value does not exist while the thread ends.
    let Ok(Some(batch)) = ended else {
        return false;
    };
    if let Some(batch) = batch {
        // If the response accepts no more bytes, the next write reports it.
        let _ = pipe.end_batch(batch, false);
    }
    true
}
