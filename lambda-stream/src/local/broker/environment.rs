//! What the broker knows about one execution environment: its polls and its running invocations.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant, SystemTime};

use super::extension::Extensions;
use super::invocation::{CompletionGuard, NewInvocation, Responder};
use crate::local::activity::event::InvocationError;
use crate::local::identifiers::RequestId;

/// The number of claimed request ids to remember, so that a second response is distinguished from an unknown id.
const MAX_CLAIMED_IDS: usize = 128;

/// An error for a call that is invalid in the current state.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum StateError {
    /// No invocation with this request id is running in the environment.
    UnknownRequestId,
    /// The invocation already has a response, or the function has already polled.
    InvalidTransition,
}

/// An invocation that an environment has received and not completed.
#[derive(Clone, Debug)]
pub(crate) struct InFlight {
    pub(crate) id: RequestId,
    pub(crate) deadline: SystemTime,
}

/// Whether an environment has polled for an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Readiness {
    Starting,
    Ready,
}

/// One execution environment.
pub(super) struct Environment {
    started: Instant,
    /// How many events it takes at a time.
    concurrency: usize,
    readiness: Readiness,
    is_retired: bool,
    has_received_event: bool,
    running: HashMap<RequestId, Responder>,
    /// The ids of invocations that have a response, oldest first.
    claimed: VecDeque<RequestId>,
    /// The invocations that are complete at the next poll.
    awaiting_poll: Vec<CompletionGuard>,
    /// The invocations that are not complete.
    in_flight: Vec<InFlight>,
    /// The invocation that was completed last.
    last_completed: Option<RequestId>,
    /// The number of polls that have begun.
    polls: u64,
    /// The number of polls that wait.
    waiting_polls: usize,
    init_error: Option<InvocationError>,
    pub(super) extensions: Extensions,
}

impl Environment {
    pub(super) fn new(concurrency: usize) -> Self {
        Self {
            started: Instant::now(),
            concurrency,
            readiness: Readiness::Starting,
            is_retired: false,
            has_received_event: false,
            running: HashMap::new(),
            claimed: VecDeque::new(),
            awaiting_poll: Vec::new(),
            in_flight: Vec::new(),
            last_completed: None,
            polls: 0,
            waiting_polls: 0,
            init_error: None,
            extensions: Extensions::default(),
        }
    }

    /// Records a poll. It completes the invocations that have a response. Returns the time since the start of the
    /// environment at its first poll.
    pub(super) fn begin_poll(&mut self) -> Option<Duration> {
        self.polls += 1;
        self.waiting_polls += 1;
        for guard in std::mem::take(&mut self.awaiting_poll) {
            self.complete(guard);
        }
        let was_starting = self.readiness == Readiness::Starting;
        self.readiness = Readiness::Ready;
        was_starting.then(|| self.started.elapsed())
    }

    pub(super) fn end_poll(&mut self) {
        self.waiting_polls -= 1;
    }

    /// Returns whether a waiting poll may receive an event. Lambda waits for the polls of all extensions.
    pub(super) fn takes_events(&self) -> bool {
        !self.is_retired && self.extensions.are_ready()
    }

    /// Records the delivery of an event. Returns whether it is the first one.
    pub(super) fn deliver(
        &mut self,
        invocation: &NewInvocation,
        responder: &mut Responder,
        deadline: SystemTime,
    ) -> bool {
        responder.set_polls_before(self.polls);
        self.in_flight.push(InFlight {
            id: invocation.id.clone(),
            deadline,
        });
        self.extensions.deliver(invocation, deadline);
        !std::mem::replace(&mut self.has_received_event, true)
    }

    pub(super) fn insert_running(&mut self, id: RequestId, responder: Responder) {
        self.running.insert(id, responder);
    }

    pub(super) fn claim(&mut self, id: &str) -> Result<Responder, StateError> {
        match self.running.remove_entry(id) {
            Some((id, responder)) => {
                if self.claimed.len() == MAX_CLAIMED_IDS {
                    self.claimed.pop_front();
                }
                self.claimed.push_back(id);
                Ok(responder)
            }
            None if self.claimed.iter().any(|claimed| claimed.as_str() == id) => Err(StateError::InvalidTransition),
            None => Err(StateError::UnknownRequestId),
        }
    }

    pub(super) fn complete_at_next_poll(&mut self, guard: CompletionGuard) {
        // If the function aborts its response and polls over a new connection, the poll may arrive before the server
        // notices the abort. The invocation is then already complete.
        if self.polls == guard.polls_before() {
            self.awaiting_poll.push(guard);
        } else {
            self.complete(guard);
        }
    }

    fn complete(&mut self, guard: CompletionGuard) {
        self.in_flight.retain(|in_flight| in_flight.id != *guard.id());
        self.last_completed = Some(guard.id().clone());
    }

    pub(super) fn fail_init(&mut self, error: InvocationError) -> Result<(), StateError> {
        if self.readiness == Readiness::Ready {
            return Err(StateError::InvalidTransition);
        }
        self.init_error = Some(error);
        Ok(())
    }

    pub(super) fn init_error(&self) -> Option<&InvocationError> {
        self.init_error.as_ref()
    }

    pub(super) fn is_starting(&self) -> bool {
        self.readiness == Readiness::Starting
    }

    /// Returns whether the process, which has ended, was expected to poll.
    pub(super) fn failed_to_start(&self) -> bool {
        self.is_starting() && !self.is_retired
    }

    pub(super) fn retire(&mut self) {
        self.is_retired = true;
    }

    /// Returns how many events the environment can take now, or will take after its start.
    pub(super) fn free(&self) -> usize {
        match self.readiness {
            _ if self.is_retired => 0,
            Readiness::Starting => self.concurrency,
            Readiness::Ready => self.waiting_polls,
        }
    }

    /// Returns how many events the environment will probably take soon.
    pub(super) fn soon_free(&self) -> usize {
        match self.is_retired {
            true => 0,
            false => self.awaiting_poll.len(),
        }
    }

    pub(super) fn in_flight(&self) -> Vec<InFlight> {
        self.in_flight.clone()
    }

    /// Returns the invocation that a line of the output belongs to: the running one, or the last one if the environment is
    /// idle. `None` with concurrent invocations: a line does not say which of them wrote it.
    pub(super) fn log_owner(&self) -> Option<RequestId> {
        match self.in_flight.as_slice() {
            [] => self.last_completed.clone(),
            [running] => Some(running.id.clone()),
            _ => None,
        }
    }

    pub(super) fn has_running(&self) -> bool {
        !self.running.is_empty()
    }

    /// Returns the responders of the invocations that have no response.
    pub(super) fn into_running(self) -> impl Iterator<Item = Responder> {
        self.running.into_values()
    }
}
