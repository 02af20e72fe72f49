//! A value that some threads change and other threads wait for, with a timeout and without polling.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A value behind a lock. Each change wakes all waiting threads.
pub(crate) struct Watched<T> {
    value: Mutex<T>,
    changed: Condvar,
}

impl<T> Watched<T> {
    /// Wraps a value.
    pub(crate) fn new(value: T) -> Self {
        Self {
            value: Mutex::new(value),
            changed: Condvar::new(),
        }
    }

    /// Changes the value and wakes all waiting threads.
    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let result = change(&mut self.lock());
        self.changed.notify_all();
        result
    }

    /// Reads the value without waking any thread.
    pub(crate) fn read<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        read(&self.lock())
    }

    /// Waits until `condition` returns a value. Returns `None` after `timeout`.
    pub(crate) fn wait_until<R>(&self, timeout: Duration, mut condition: impl FnMut(&mut T) -> Option<R>) -> Option<R> {
        let end = Instant::now() + timeout;
        let mut value = self.lock();
        loop {
            if let Some(result) = condition(&mut value) {
                return Some(result);
            }
            let left = end.checked_duration_since(Instant::now())?;
            (value, _) = self
                .changed
                .wait_timeout(value, left)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Ignores poisoning: if an assertion in a condition panics, panics of other threads must not hide its message.
    fn lock(&self) -> MutexGuard<'_, T> {
        self.value.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
