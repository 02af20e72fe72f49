//! The queue of invocations between the front ends and the execution environments.
//!
//! A front end calls [`Broker::invoke`] and reads the response from the returned [`InvocationHandle`]. The Runtime API
//! takes events for an environment with [`Broker::next`], and sends the function's response through the [`Responder`] of
//! [`Broker::claim`]. The broker does not depend on HTTP and does not start processes: [`Broker::demand`] says whether the
//! queue needs more environments.

pub(crate) mod environment;
pub(crate) mod extension;
pub(crate) mod invocation;
pub(crate) mod response;

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;

use self::environment::{Environment, InFlight, StateError};
use self::extension::{EventTypes, ExtensionEvent};
use self::invocation::{CompletionGuard, InvocationHandle, NewInvocation, Responder};
use super::activity::Activity;
use super::activity::event::{EnvironmentId, Event, InvocationError};
use super::identifiers::{RequestId, unix_millis};
use super::program::Program;
use super::settings::LimitSettings;

/// The queue of invocations.
pub(crate) struct Broker {
    state: Mutex<State>,
    activity: Arc<Activity>,
    /// The function timeout, from which the deadline of an invocation is calculated.
    timeout: Duration,
    /// Notifies all polls: an event may have become available to them.
    available: Notify,
    /// Notified when the result of [`Broker::demand`] or of [`Broker::in_flight`] may have changed.
    changed: Notify,
    /// Notified at the first poll, and when the broker closes.
    ready: Notify,
    /// The program file of the environments. `None`: the function runs in this process.
    program: Option<Mutex<Program>>,
    /// The limits that responses have to observe.
    limits: LimitSettings,
}

#[derive(Default)]
struct State {
    queue: VecDeque<QueuedInvocation>,
    environments: BTreeMap<EnvironmentId, Environment>,
    /// The error for each new invocation, if the broker is closed.
    closed: Option<InvocationError>,
}

struct QueuedInvocation {
    invocation: NewInvocation,
    responder: Responder,
}

/// An event for an environment.
#[derive(Debug)]
pub(crate) struct DeliveredInvocation {
    pub(crate) invocation: NewInvocation,
    /// In milliseconds since the Unix epoch.
    pub(crate) deadline: u64,
}

/// How many environments the queue needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Demand {
    /// The queued events.
    pub(crate) queued: usize,
    /// The events that the environments can take now, or will take after their start.
    pub(crate) free: usize,
    /// The events that environments will probably take soon: they have responded, and have not polled yet.
    pub(crate) soon_free: usize,
}

impl Broker {
    pub(crate) fn new(activity: Arc<Activity>, timeout: Duration, program: Option<Program>) -> Self {
        Self {
            state: Mutex::default(),
            ready: Notify::new(),
            program: program.map(Mutex::new),
            activity,
            timeout,
            available: Notify::new(),
            changed: Notify::new(),
            limits: LimitSettings::default(),
        }
    }

    /// Sets the limits that responses have to observe.
    pub(crate) fn with_limits(self, limits: LimitSettings) -> Self {
        Self { limits, ..self }
    }

    /// Returns the limits that responses have to observe.
    pub(crate) fn limits(&self) -> LimitSettings {
        self.limits
    }

    pub(crate) fn activity(&self) -> &Arc<Activity> {
        &self.activity
    }

    /// Returns the function timeout.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Returns the path of the program, and the number of its newest build.
    pub(crate) fn program(&self) -> (PathBuf, u32) {
        match &self.program {
            Some(program) => {
                let program = program.lock().unwrap_or_else(PoisonError::into_inner);
                (program.path().to_owned(), program.build())
            }
            None => (PathBuf::new(), 1),
        }
    }

    /// Returns the number of the newest build.
    pub(crate) fn build(&self) -> u32 {
        self.program().1
    }

    /// Checks whether the program file has changed. If so, environments of older builds receive no more events.
    pub(crate) fn refresh_build(&self) {
        let Some(program) = &self.program else { return };
        let changed = program.lock().unwrap_or_else(PoisonError::into_inner).refresh();
        let Some(build) = changed else { return };
        for environment in self.state().environments.values_mut() {
            environment.retire();
        }
        self.activity.record(Event::BuildChanged { build });
        self.notify();
    }

    /// Queues an event. If the broker is closed, the invocation fails immediately.
    pub(crate) fn invoke(&self, invocation: NewInvocation) -> InvocationHandle {
        self.refresh_build();
        self.activity.record(Event::Invoked {
            id: invocation.id.clone(),
            request: Arc::clone(&invocation.request),
            function_arn: invocation.function_arn.clone(),
            client_context: invocation.client_context.clone(),
            tenant_id: invocation.tenant_id.clone(),
        });
        let (responder, handle) = invocation::channel(invocation.id.clone(), Arc::clone(&self.activity));
        let mut state = self.state();
        if let Some(error) = state.closed.clone() {
            drop(state);
            responder.fail(error);
            return handle;
        }
        state.queue.push_back(QueuedInvocation { invocation, responder });
        drop(state);
        self.notify();
        handle
    }

    /// Adds an environment of this build, which may then poll. `concurrency`: how many events it takes at a time.
    pub(crate) fn add_environment(&self, id: EnvironmentId, concurrency: usize, build: u32) {
        let mut environment = Environment::new(concurrency);
        let mut state = self.state();
        if build != self.build() {
            environment.retire();
        }
        state.environments.insert(id, environment);
    }

    /// Removes an environment whose process has ended. Its running invocations fail with `error`, and so does the oldest
    /// queued invocation if the environment has not polled: it was started for it. An environment of an older build that has
    /// not polled was stopped, and another one takes the event.
    pub(crate) fn remove_environment(&self, id: EnvironmentId, error: &InvocationError) {
        let mut state = self.state();
        let Some(environment) = state.environments.remove(&id) else {
            return;
        };
        let queued = match environment.failed_to_start() {
            true => state.queue.pop_front(),
            false => None,
        };
        drop(state);
        let error = environment.init_error().unwrap_or(error).clone();
        for responder in environment.into_running() {
            responder.fail(error.clone());
        }
        if let Some(queued) = queued {
            queued.responder.fail(error);
        }
        self.notify();
    }

    /// Waits for the next event for an environment. Several polls may wait at the same time. Dropping a waiting poll loses
    /// no event.
    pub(crate) async fn next(&self, id: EnvironmentId) -> DeliveredInvocation {
        let begun = self.state().environments.get_mut(&id).map(Environment::begin_poll);
        let Some(first) = begun else {
            // The environment has been stopped, and its process ends soon.
            return std::future::pending().await;
        };
        if let Some(init) = first {
            self.activity.record(Event::EnvironmentReady { environment: id, init });
            self.ready.notify_one();
        }
        self.notify();
        let _waiting = WaitingPoll::new(self, id);
        loop {
            let mut available = pin!(self.available.notified());
            available.as_mut().enable();
            if let Some(delivered) = self.try_deliver(id) {
                return delivered;
            }
            available.await;
        }
    }

    fn try_deliver(&self, id: EnvironmentId) -> Option<DeliveredInvocation> {
        let mut state = self.state();
        let State {
            queue, environments, ..
        } = &mut *state;
        let environment = environments.get_mut(&id)?;
        if !environment.takes_events() {
            return None;
        }
        let QueuedInvocation {
            invocation,
            mut responder,
        } = queue.pop_front()?;
        let deadline = SystemTime::now() + self.timeout;
        let is_cold_start = environment.deliver(&invocation, &mut responder, deadline);
        environment.insert_running(invocation.id.clone(), responder);
        drop(state);
        let deadline = unix_millis(deadline);
        self.activity.record(Event::Delivered {
            id: invocation.id.clone(),
            environment: id,
            is_cold_start,
            deadline,
        });
        self.changed.notify_one();
        Some(DeliveredInvocation { invocation, deadline })
    }

    /// Takes the responder of a running invocation. Each invocation has one responder.
    pub(crate) fn claim(&self, environment: EnvironmentId, id: &str) -> Result<Responder, StateError> {
        match self.state().environments.get_mut(&environment) {
            Some(environment) => environment.claim(id),
            None => Err(StateError::UnknownRequestId),
        }
    }

    /// Completes the invocation at the next poll, which shows that the function received the status of its response.
    pub(crate) fn complete_at_next_poll(&self, environment: EnvironmentId, guard: CompletionGuard) {
        if let Some(environment) = self.state().environments.get_mut(&environment) {
            environment.complete_at_next_poll(guard);
        }
        self.changed.notify_one();
    }

    /// Records that the initialization of an environment failed. Its process exits next.
    pub(crate) fn fail_init(&self, environment: EnvironmentId, error: InvocationError) -> Result<(), StateError> {
        match self.state().environments.get_mut(&environment) {
            Some(environment) => environment.fail_init(error.clone())?,
            None => return Err(StateError::InvalidTransition),
        }
        if self.program.is_none() {
            // There will be no other environment.
            self.close(error);
        }
        Ok(())
    }

    /// Registers an extension of an environment. Returns its identifier, or `None` if the environment no longer exists.
    pub(crate) fn register_extension(&self, environment: EnvironmentId, events: EventTypes) -> Option<String> {
        let identifier = RequestId::random().as_str().to_owned();
        let mut state = self.state();
        let environment = state.environments.get_mut(&environment)?;
        environment.extensions.register(identifier.clone(), events);
        Some(identifier)
    }

    /// Waits for the next event for an extension. Returns `None` if it is not registered.
    pub(crate) async fn next_extension_event(
        &self,
        environment: EnvironmentId,
        identifier: &str,
    ) -> Option<ExtensionEvent> {
        let changed = {
            let mut state = self.state();
            state
                .environments
                .get_mut(&environment)?
                .extensions
                .begin_poll(identifier)?
        };
        self.notify();
        loop {
            if let Some(environment) = self.state().environments.get_mut(&environment) {
                if let Some(event) = environment.extensions.take(identifier) {
                    return Some(event);
                }
            }
            changed.notified().await;
        }
    }

    /// Sends the shutdown event to the extensions of an environment. Returns whether it has extensions, which Lambda gives
    /// time before it kills the process.
    pub(crate) fn shut_down_extensions(
        &self,
        environment: EnvironmentId,
        reason: &'static str,
        deadline: SystemTime,
    ) -> bool {
        match self.state().environments.get_mut(&environment) {
            Some(environment) => environment.extensions.shut_down(reason, deadline),
            None => false,
        }
    }

    /// Returns whether an environment has not polled yet.
    pub(crate) fn is_starting(&self, environment: EnvironmentId) -> bool {
        let state = self.state();
        state
            .environments
            .get(&environment)
            .is_some_and(Environment::is_starting)
    }

    /// Returns whether an invocation that an environment has received has no response yet.
    pub(crate) fn has_unanswered(&self, environment: EnvironmentId) -> bool {
        let state = self.state();
        state
            .environments
            .get(&environment)
            .is_some_and(Environment::has_running)
    }

    /// Waits until a function polls for its first event, or the broker closes. Only one task may wait.
    pub(crate) async fn ready(&self) {
        self.ready.notified().await;
    }

    /// Returns how many environments the queue needs.
    pub(crate) fn demand(&self) -> Demand {
        let state = self.state();
        let mut demand = Demand {
            queued: state.queue.len(),
            ..Demand::default()
        };
        for environment in state.environments.values() {
            demand.free += environment.free();
            demand.soon_free += environment.soon_free();
        }
        demand
    }

    /// Returns the invocations that an environment has received and not completed.
    pub(crate) fn in_flight(&self, environment: EnvironmentId) -> Vec<InFlight> {
        let state = self.state();
        let environment = state.environments.get(&environment);
        environment.map(Environment::in_flight).unwrap_or_default()
    }

    /// Returns the invocation that a line of the output of an environment belongs to.
    pub(crate) fn log_owner(&self, environment: EnvironmentId) -> Option<RequestId> {
        self.state().environments.get(&environment)?.log_owner()
    }

    /// Waits until the result of [`demand`](Self::demand) or [`in_flight`](Self::in_flight) may have changed. Only one task
    /// may wait.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Fails all queued and future invocations.
    pub(crate) fn close(&self, error: InvocationError) {
        let mut state = self.state();
        let queue = std::mem::take(&mut state.queue);
        state.closed = Some(error.clone());
        drop(state);
        for queued in queue {
            queued.responder.fail(error.clone());
        }
        self.notify();
        self.ready.notify_one();
    }

    fn notify(&self) {
        self.available.notify_waiters();
        self.changed.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts a poll as waiting until it is dropped.
struct WaitingPoll<'a> {
    broker: &'a Broker,
    environment: EnvironmentId,
}

impl<'a> WaitingPoll<'a> {
    fn new(broker: &'a Broker, environment: EnvironmentId) -> Self {
        Self { broker, environment }
    }
}

impl Drop for WaitingPoll<'_> {
    fn drop(&mut self) {
        if let Some(environment) = self.broker.state().environments.get_mut(&self.environment) {
            environment.end_poll();
        }
    }
}

#[cfg(test)]
mod tests;
