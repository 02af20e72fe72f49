//! The extensions of one execution environment, which the function or another process has registered.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::Notify;

use super::invocation::NewInvocation;
use crate::local::identifiers::unix_millis;

/// The extensions of an environment.
#[derive(Default)]
pub(super) struct Extensions {
    /// By the identifier that the registration returned.
    registered: BTreeMap<String, Extension>,
}

struct Extension {
    events: EventTypes,
    queue: VecDeque<ExtensionEvent>,
    is_polling: bool,
    changed: Arc<Notify>,
}

/// The types of events that an extension has registered for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct EventTypes {
    pub(crate) invoke: bool,
    pub(crate) shutdown: bool,
}

/// An event for an extension.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ExtensionEvent {
    Invoke {
        request_id: String,
        function_arn: String,
        trace_id: String,
        /// In milliseconds since the Unix epoch.
        deadline: u64,
    },
    Shutdown {
        reason: &'static str,
        /// In milliseconds since the Unix epoch.
        deadline: u64,
    },
}

impl Extensions {
    /// Adds an extension.
    pub(super) fn register(&mut self, identifier: String, events: EventTypes) {
        let extension = Extension {
            events,
            queue: VecDeque::new(),
            is_polling: false,
            changed: Arc::default(),
        };
        self.registered.insert(identifier, extension);
    }

    /// Returns whether every extension waits for an event.
    pub(super) fn are_ready(&self) -> bool {
        self.registered.values().all(|extension| extension.is_polling)
    }

    /// Queues the event of an invocation for the extensions that have registered for it.
    pub(super) fn deliver(&mut self, invocation: &NewInvocation, deadline: SystemTime) {
        let event = ExtensionEvent::Invoke {
            request_id: invocation.id.as_str().to_owned(),
            function_arn: invocation.function_arn.clone(),
            trace_id: invocation.trace_id.clone(),
            deadline: unix_millis(deadline),
        };
        self.send(&event, |events| events.invoke);
    }

    /// Queues the event of the shutdown for the extensions that have registered for it. Returns whether there are
    /// extensions.
    pub(super) fn shut_down(&mut self, reason: &'static str, deadline: SystemTime) -> bool {
        let deadline = unix_millis(deadline);
        self.send(&ExtensionEvent::Shutdown { reason, deadline }, |events| events.shutdown);
        !self.registered.is_empty()
    }

    fn send(&mut self, event: &ExtensionEvent, is_registered: impl Fn(EventTypes) -> bool) {
        for extension in self
            .registered
            .values_mut()
            .filter(|extension| is_registered(extension.events))
        {
            extension.queue.push_back(event.clone());
            extension.changed.notify_one();
        }
    }

    /// Begins a poll. Returns `None` if there is no extension with this identifier.
    pub(super) fn begin_poll(&mut self, identifier: &str) -> Option<Arc<Notify>> {
        let extension = self.registered.get_mut(identifier)?;
        extension.is_polling = true;
        Some(Arc::clone(&extension.changed))
    }

    /// Takes the event for a poll, if there is one.
    pub(super) fn take(&mut self, identifier: &str) -> Option<ExtensionEvent> {
        let extension = self.registered.get_mut(identifier)?;
        let event = extension.queue.pop_front()?;
        extension.is_polling = false;
        Some(event)
    }
}
