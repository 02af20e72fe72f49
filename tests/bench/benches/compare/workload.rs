//! The workload of the benchmark: a queue of events, and a channel for each response.

use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use lambda_stream_bench::ResponseSpec;
use test_support::fast_runtime_api::{FastRuntimeApi, ResponseStart, Workload};

use crate::measured_response::{MeasuredResponse, ReadMode};

/// The time to wait for a response, a `next` or a start before the run fails. With `strace`, a response of 300,000 system
/// calls takes half a minute on an idle machine.
const WAIT_TIMEOUT: Duration = Duration::from_secs(300);

/// A Runtime API for one function.
pub(crate) struct RuntimeApi {
    api: FastRuntimeApi<Queue>,
    polls: Receiver<Instant>,
}

/// An invocation whose event is queued or delivered.
pub(crate) struct PendingInvocation(Receiver<MeasuredResponse>);

struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    polls: Sender<Instant>,
}

#[derive(Default)]
struct State {
    events: VecDeque<Event>,
    closed: bool,
}

struct Event {
    body: String,
    invocation: Invocation,
}

struct Invocation {
    mode: ReadMode,
    sender: Sender<MeasuredResponse>,
}

impl RuntimeApi {
    /// Starts a Runtime API on a free port.
    pub(crate) fn start() -> io::Result<Self> {
        let (sender, polls) = mpsc::channel();
        let queue = Queue {
            state: Mutex::default(),
            changed: Condvar::new(),
            polls: sender,
        };
        let api = FastRuntimeApi::start(Arc::new(queue))?;
        Ok(Self { api, polls })
    }

    /// Returns the value of `AWS_LAMBDA_RUNTIME_API`.
    pub(crate) fn address(&self) -> String {
        self.api.address()
    }

    /// Queues an event.
    pub(crate) fn queue(&self, spec: &ResponseSpec, mode: ReadMode) -> Result<PendingInvocation, String> {
        let body = serde_json::to_string(spec).map_err(|error| error.to_string())?;
        let (sender, receiver) = mpsc::channel();
        let invocation = Invocation { mode, sender };
        let queue = self.api.workload();
        queue.lock().events.push_back(Event { body, invocation });
        queue.changed.notify_one();
        Ok(PendingInvocation(receiver))
    }

    /// Waits for a `next` and returns its time.
    pub(crate) fn wait_for_next(&self) -> Result<Instant, String> {
        self.polls
            .recv_timeout(WAIT_TIMEOUT)
            .map_err(|_| format!("no call of `next` within {WAIT_TIMEOUT:?}"))
    }
}

impl PendingInvocation {
    /// Waits for the complete response.
    pub(crate) fn wait(self) -> Result<MeasuredResponse, String> {
        let response = self.0.recv_timeout(WAIT_TIMEOUT);
        let response = response.map_err(|_| format!("no complete response within {WAIT_TIMEOUT:?}"))?;
        match &response.error {
            Some(error) => Err(format!("invalid response: {error}")),
            None => Ok(response),
        }
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Workload for Queue {
    type Invocation = Invocation;
    type Receiver = MeasuredResponse;

    fn next_event(&self) -> Option<(Invocation, String)> {
        // The receiver is dropped with the Runtime API.
        let _ = self.polls.send(Instant::now());
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            if let Some(Event { body, invocation }) = state.events.pop_front() {
                return Some((invocation, body));
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn receive(&self, Invocation { mode, sender }: Invocation, start: &ResponseStart<'_>) -> MeasuredResponse {
        MeasuredResponse::new(start, mode, sender)
    }

    fn finish(&self, response: MeasuredResponse) {
        response.finish();
    }

    fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }
}
