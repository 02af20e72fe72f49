//! The workload of the soak test: generates the events up to a limit that the run sets, and checks each response.

use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use test_support::fast_runtime_api::{ResponseStart, Workload};

use crate::event::{End, Event};
use crate::response_check::ResponseCheck;

/// The number of failures after which a run ends.
const FAILURE_LIMIT: usize = 5;

pub(crate) struct SoakWorkload {
    seed: u64,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The number of events delivered so far, and the number up to which events may be delivered.
    delivered: u64,
    limit: u64,
    /// The number of `next` calls that wait for an event.
    polls: usize,
    /// The number of delivered events whose response has not started.
    pending: u64,
    totals: Totals,
    failures: Vec<String>,
}

/// The totals over all responses so far.
#[derive(Default, Clone)]
pub(crate) struct Totals {
    pub(crate) responses: u64,
    pub(crate) failed_before_first_byte: u64,
    pub(crate) failed_mid_stream: u64,
    pub(crate) panics: u64,
    pub(crate) read_slowly: u64,
    pub(crate) bytes: u64,
    pub(crate) chunks: u64,
    pub(crate) connections: u64,
}

impl SoakWorkload {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// Delivers events up to `limit`, and waits until all have responses and `polls` calls of `next` wait for more.
    ///
    /// Fails if there is no progress within `timeout`, or if responses are wrong.
    pub(crate) fn run_until(&self, limit: u64, polls: usize, timeout: Duration) -> Result<Totals, Vec<String>> {
        let mut state = self.lock();
        state.limit = limit;
        self.changed.notify_all();
        loop {
            if !state.failures.is_empty() && (state.failures.len() >= FAILURE_LIMIT || state.pending == 0) {
                return Err(state.failures.clone());
            }
            if state.totals.responses == limit && state.polls == polls {
                return Ok(state.totals.clone());
            }
            let before = (state.totals.responses, state.polls);
            let waited = self.changed.wait_timeout_while(state, timeout, |state| {
                (state.totals.responses, state.polls) == before && state.failures.is_empty()
            });
            let (now, result) = waited.unwrap_or_else(PoisonError::into_inner);
            state = now;
            if result.timed_out() {
                let mut failures = state.failures.clone();
                failures.push(format!(
                    "no progress for {timeout:?}, after {} responses, with {} pending events and {} waiting `next` calls",
                    state.totals.responses, state.pending, state.polls
                ));
                return Err(failures);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Workload for SoakWorkload {
    type Invocation = Event;
    type Receiver = ResponseCheck;

    fn next_event(&self) -> Option<(Event, String)> {
        let mut state = self.lock();
        state.polls += 1;
        self.changed.notify_all();
        state = self
            .changed
            .wait_while(state, |state| state.delivered == state.limit)
            .unwrap_or_else(PoisonError::into_inner);
        state.polls -= 1;
        let event = Event::generate(self.seed, state.delivered);
        state.delivered += 1;
        state.pending += 1;
        Some((event, event.to_json()))
    }

    fn receive(&self, event: Event, start: &ResponseStart<'_>) -> ResponseCheck {
        self.lock().pending -= 1;
        ResponseCheck::new(event, start)
    }

    fn finish(&self, check: ResponseCheck) {
        let (event, length, chunks) = (check.event, check.length, check.chunks);
        let result = check.finish();
        let mut state = self.lock();
        state.failures.extend(result.err());
        let totals = &mut state.totals;
        totals.responses += 1;
        totals.failed_before_first_byte += u64::from(event.end != End::Success && !event.is_started());
        totals.failed_mid_stream += u64::from(event.end != End::Success && event.is_started());
        totals.panics += u64::from(event.end == End::Panic);
        totals.read_slowly += u64::from(event.is_read_slowly);
        totals.bytes += length as u64;
        totals.chunks += chunks;
        self.changed.notify_all();
    }

    fn connected(&self) {
        self.lock().totals.connections += 1;
    }

    fn connection_failed(&self, error: io::Error) {
        self.lock().failures.push(format!("a connection failed: {error}"));
        self.changed.notify_all();
    }
}
