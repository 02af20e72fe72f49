//! What happens in local mode, as a sequence of records: invocations, responses, environments and log lines.
//!
//! The broker, the environments and the front ends add records with [`Activity::record`]. Observers receive each record
//! when it is added. The viewer reads the recent records from the history with [`Activity::read`], and waits for new ones
//! with [`Activity::changed`].

pub(crate) mod event;
mod history;
pub(crate) mod log_collector;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use tokio::sync::watch;

use self::event::{Event, Record};
use self::history::History;
use self::log_collector::Collectors;

/// Receives each record when it is added, in order. It must not block for long: the caller of [`Activity::record`] waits.
pub(crate) type Observer = Box<dyn FnMut(&Record) + Send>;

/// The records of local mode.
pub(crate) struct Activity {
    started: Instant,
    started_at: SystemTime,
    state: Mutex<State>,
    /// The number of records that were added.
    count: watch::Sender<u64>,
}

struct State {
    next_sequence: u64,
    history: History,
    observers: Vec<Observer>,
    collectors: Collectors,
}

impl Activity {
    pub(crate) fn new(observers: Vec<Observer>) -> Self {
        Self {
            started: Instant::now(),
            started_at: SystemTime::now(),
            state: Mutex::new(State {
                next_sequence: 1,
                history: History::default(),
                observers,
                collectors: Collectors::default(),
            }),
            count: watch::Sender::new(0),
        }
    }

    /// Returns the time from which [`Record::at`] counts.
    pub(crate) fn started_at(&self) -> SystemTime {
        self.started_at
    }

    /// Adds a record.
    pub(crate) fn record(&self, event: Event) {
        let mut state = self.state();
        let record = Record {
            sequence: state.next_sequence,
            at: self.started.elapsed(),
            event,
        };
        state.next_sequence += 1;
        for observer in &mut state.observers {
            observer(&record);
        }
        state.collectors.add(&record);
        let sequence = record.sequence;
        state.history.add(record);
        drop(state);
        self.count.send_replace(sequence);
    }

    /// Returns the oldest retained records whose sequence number is greater than `after`: at most `count`, and none if
    /// there are no such records yet.
    pub(crate) fn read(&self, after: u64, count: usize) -> Vec<Arc<Record>> {
        self.state().history.read(after, count)
    }

    /// Returns a receiver that is notified when records were added. Its value is the sequence number of the newest record.
    pub(crate) fn changed(&self) -> watch::Receiver<u64> {
        self.count.subscribe()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
