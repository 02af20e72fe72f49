//! The events of one process, and the check of each response.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use std::{fs, io, thread};

use test_support::fast_runtime_api::{Receiver, ResponseStart, Workload};

use crate::shapes::{Kind, Load};

/// The bytes between the prelude and the body of an HTTP response.
const DELIMITER: [u8; 8] = [0; 8];

/// The interval at which the state of the process is read.
const POLL_INTERVAL: Duration = Duration::from_micros(100);

/// Delivers the events of a load, then closes each connection, which ends the process.
pub(crate) struct Events {
    process: Arc<Process>,
    event: String,
    body: String,
    state: Mutex<State>,
}

struct State {
    undelivered: usize,
    unanswered: usize,
    error: Option<String>,
}

/// The process of the function, once it was started.
#[derive(Default)]
pub(crate) struct Process(OnceLock<u32>);

pub(crate) struct Response {
    process: Arc<Process>,
    is_error: bool,
    data: Vec<u8>,
}

impl Events {
    pub(crate) fn new(kind: Kind, load: Load) -> Self {
        Self {
            process: Arc::default(),
            event: kind.event(load.chunks),
            body: kind.body(load.chunks),
            state: Mutex::new(State {
                undelivered: load.invocations,
                unanswered: load.invocations,
                error: None,
            }),
        }
    }

    /// Sets the id of the process.
    pub(crate) fn started(&self, id: u32) {
        // Each process has events of its own.
        let _ = self.process.0.set(id);
    }

    /// Returns an error if a response was wrong, or missing.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.update(|state| match (&state.error, state.unanswered) {
            (Some(error), _) => Err(error.clone()),
            (None, 0) => Ok(()),
            (None, unanswered) => Err(format!("the process ended before {unanswered} responses")),
        })
    }

    fn update<T>(&self, update: impl FnOnce(&mut State) -> T) -> T {
        update(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn fail(&self, error: String) {
        self.update(|state| {
            state.error.get_or_insert(error);
        });
    }
}

impl Process {
    /// Waits until the process sleeps, or has ended.
    ///
    /// Whether a message arrives before or after the process waits for it changes the number of instructions. Here it always
    /// arrives after, on any machine.
    fn wait_until_asleep(&self) {
        while !self.is_asleep() {
            thread::sleep(POLL_INTERVAL);
        }
    }

    fn is_asleep(&self) -> bool {
        let Some(id) = self.0.get() else { return false };
        let Ok(stat) = fs::read_to_string(format!("/proc/{id}/stat")) else {
            return true;
        };
        // The state follows the name, which is in parentheses.
        let state = stat.rsplit(") ").next().unwrap_or_default();
        state.starts_with(['S', 'Z', 'X'])
    }
}

impl Workload for Events {
    type Invocation = ();
    type Receiver = Response;

    fn next_event(&self) -> Option<((), String)> {
        self.process.wait_until_asleep();
        self.update(|state| {
            state.undelivered = state.undelivered.checked_sub(1)?;
            Some(((), self.event.clone()))
        })
    }

    fn receive(&self, (): (), start: &ResponseStart<'_>) -> Response {
        Response {
            process: Arc::clone(&self.process),
            is_error: start.is_error,
            data: Vec::new(),
        }
    }

    fn finish(&self, Response { is_error, data, .. }: Response) {
        let prelude = data.windows(DELIMITER.len()).position(|bytes| bytes == DELIMITER);
        let body = &data[prelude.map_or(0, |end| end + DELIMITER.len())..];
        if is_error || body != self.body.as_bytes() {
            self.fail(format!("wrong response: {:.500}", String::from_utf8_lossy(&data)));
        }
        self.update(|state| state.unanswered -= 1);
    }

    fn connection_failed(&self, error: io::Error) {
        self.fail(format!("a connection failed: {error}"));
    }
}

impl Receiver for Response {
    fn data(&mut self, data: &[u8]) {
        self.data.extend_from_slice(data);
    }

    fn trailer(&mut self, name: String, value: String) {
        self.data.extend_from_slice(format!("{name}: {value}").as_bytes());
    }

    fn ended(&mut self) {
        self.process.wait_until_asleep();
    }
}
