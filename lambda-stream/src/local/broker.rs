//! The queue of invocations between the front ends and the Runtime API.
//!
//! A front end calls [`Broker::invoke`] and reads the response from the returned [`InvocationHandle`]. The Runtime API
//! takes events with [`Broker::next`], and sends the function's response through the [`Responder`] of
//! [`Broker::claim`]. The broker does not depend on HTTP.

pub(crate) mod invocation;
pub(crate) mod response;

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::{Notify, Semaphore};

use self::invocation::{CompletionGuard, InvocationHandle, Responder};
use self::response::{FunctionResponse, InvocationError};
use super::identifiers::RequestId;

/// The number of claimed request ids to remember, so that a second response is distinguished from an unknown id.
const MAX_CLAIMED_IDS: usize = 128;

/// The queue of invocations.
pub(crate) struct Broker {
    state: Mutex<State>,
    /// Holds at least one permit per queued event.
    queued: Semaphore,
    /// Notified at the first poll, and when the broker closes.
    started: Notify,
}

#[derive(Default)]
struct State {
    queue: VecDeque<QueuedInvocation>,
    running: HashMap<RequestId, Responder>,
    /// The ids of invocations that have a response, oldest first.
    claimed: VecDeque<RequestId>,
    /// The invocations that are complete at the next poll.
    awaiting_poll: Vec<CompletionGuard>,
    /// The number of polls that have begun.
    polls: u64,
    /// The error for each new invocation, if the broker is closed.
    closed: Option<InvocationError>,
}

struct QueuedInvocation {
    id: RequestId,
    event: Bytes,
    responder: Responder,
}

/// An error for a call that is invalid in the current state.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum StateError {
    /// No invocation with this request id is running.
    UnknownRequestId,
    /// The invocation already has a response, or the function has already polled.
    InvalidTransition,
}

impl Default for Broker {
    fn default() -> Self {
        Self {
            state: Mutex::default(),
            queued: Semaphore::new(0),
            started: Notify::new(),
        }
    }
}

impl Broker {
    /// Queues an event. If the broker is closed, the invocation fails immediately.
    pub(crate) fn invoke(&self, id: RequestId, event: Bytes) -> InvocationHandle {
        let (responder, handle) = invocation::channel();
        let mut state = self.state();
        match state.closed.clone() {
            Some(error) => {
                let guard = responder.respond(FunctionResponse::Failed(error));
                state.awaiting_poll.push(guard);
            }
            None => {
                state.queue.push_back(QueuedInvocation { id, event, responder });
                self.queued.add_permits(1);
            }
        }
        handle
    }

    /// Waits until the function polls for its first event, or the broker closes. Only one task may wait.
    pub(crate) async fn started(&self) {
        self.started.notified().await;
    }

    /// Waits for the next event. Several polls may wait at the same time. Dropping a waiting poll loses no event.
    pub(crate) async fn next(&self) -> (RequestId, Bytes) {
        self.started.notify_one();
        {
            let mut state = self.state();
            state.polls += 1;
            state.awaiting_poll.clear();
        }
        loop {
            // The semaphore is never closed, so `acquire` does not fail. `State::close` empties the queue but leaves
            // the permits, so a permit does not guarantee an event.
            if let Ok(permit) = self.queued.acquire().await {
                permit.forget();
            }
            let mut state = self.state();
            if let Some(mut invocation) = state.queue.pop_front() {
                invocation.responder.set_polls_before(state.polls);
                state.running.insert(invocation.id.clone(), invocation.responder);
                return (invocation.id, invocation.event);
            }
        }
    }

    /// Takes the responder of a running invocation. Each invocation has one responder.
    pub(crate) fn claim(&self, id: &str) -> Result<Responder, StateError> {
        let mut state = self.state();
        match state.running.remove_entry(id) {
            Some((id, responder)) => {
                if state.claimed.len() == MAX_CLAIMED_IDS {
                    state.claimed.pop_front();
                }
                state.claimed.push_back(id);
                Ok(responder)
            }
            None if state.claimed.iter().any(|claimed| claimed.as_str() == id) => Err(StateError::InvalidTransition),
            None => Err(StateError::UnknownRequestId),
        }
    }

    /// Completes the invocation at the next poll, which shows that the function received the status of its response.
    pub(crate) fn complete_at_next_poll(&self, guard: CompletionGuard) {
        let mut state = self.state();
        // If the function aborts its response and polls over a new connection, the poll may arrive before the server
        // notices the abort. The invocation is then already complete.
        if state.polls == guard.polls_before() {
            state.awaiting_poll.push(guard);
        }
    }

    /// Fails all queued and future invocations because the initialization of the function failed. None of them
    /// completes, since the function does not poll: it logs the error and exits.
    pub(crate) fn fail_init(&self, error: InvocationError) -> Result<(), StateError> {
        let mut state = self.state();
        if state.polls > 0 {
            return Err(StateError::InvalidTransition);
        }
        state.close(&error);
        self.started.notify_one();
        Ok(())
    }

    /// Fails all queued and future invocations, and completes those that have a response. Call this when the function
    /// has finished its running invocations and no longer polls.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.close(&InvocationError {
            error_type: "Runtime.ExitError".to_owned(),
            message: "the function shut down before it received this event".to_owned(),
        });
        state.awaiting_poll.clear();
        self.started.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn close(&mut self, error: &InvocationError) {
        for invocation in std::mem::take(&mut self.queue) {
            let guard = invocation.responder.respond(FunctionResponse::Failed(error.clone()));
            self.awaiting_poll.push(guard);
        }
        self.closed = Some(error.clone());
    }
}

#[cfg(test)]
mod tests;
