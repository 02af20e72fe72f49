//! Collects the end of the log of single invocations, for callers that request it.
//!
//! The history does not suffice: it removes old invocations while they are running.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::super::identifiers::RequestId;
use super::Activity;
use super::event::{EnvironmentId, Event, Record};

/// The size of the lines to collect for an invocation, in bytes.
pub(crate) const MAX_LOG_BYTES: usize = 4096;

/// What is known about the log of an invocation. Times count from the start of local mode.
#[derive(Clone, Debug, Default)]
pub(crate) struct InvocationLog {
    /// The last lines: at least [`MAX_LOG_BYTES`], if the function wrote so many.
    pub(crate) lines: VecDeque<String>,
    /// The number of lines that the function wrote.
    pub(crate) line_count: u64,
    /// When an environment received the event.
    pub(crate) delivered: Option<Duration>,
    /// When the invocation was complete.
    pub(crate) completed: Option<Duration>,
    /// How long the environment initialized, if the event is its first one.
    pub(crate) init: Option<Duration>,
    /// The type of the error with which the invocation failed.
    pub(crate) error_type: Option<String>,
    /// The size of `lines`, in bytes.
    pub(crate) size: usize,
}

/// The logs that are being collected.
#[derive(Default)]
pub(super) struct Collectors {
    by_id: HashMap<RequestId, InvocationLog>,
    /// The time that the initialization of each environment took.
    inits: BTreeMap<EnvironmentId, Duration>,
}

impl Collectors {
    pub(super) fn add(&mut self, record: &Record) {
        match &record.event {
            Event::EnvironmentReady { environment, init } => {
                self.inits.insert(*environment, *init);
            }
            Event::EnvironmentStopped { environment, .. } => {
                self.inits.remove(environment);
            }
            _ => {}
        }
        let Some(log) = record.event.id().and_then(|id| self.by_id.get_mut(id)) else {
            return;
        };
        match &record.event {
            Event::Delivered {
                environment,
                is_cold_start,
                ..
            } => {
                log.delivered = Some(record.at);
                log.init = self.inits.get(environment).copied().filter(|_| *is_cold_start);
            }
            Event::ResponseEnded { error, .. } => {
                log.error_type = error.as_ref().map(|error| error.error_type.clone());
            }
            Event::Completed { .. } => log.completed = Some(record.at),
            Event::Log { line, .. } => log.add_line(line),
            _ => {}
        }
    }
}

impl InvocationLog {
    fn add_line(&mut self, line: &str) {
        let line = end_of(line, MAX_LOG_BYTES).to_owned();
        self.line_count += 1;
        self.size += line.len();
        self.lines.push_back(line);
        while let Some(first) = self.lines.front().map(String::len) {
            if self.size - first < MAX_LOG_BYTES {
                break;
            }
            self.size -= first;
            self.lines.pop_front();
        }
    }
}

/// Returns the longest end of a text that has at most `max` bytes and starts with a whole character.
pub(crate) fn end_of(text: &str, max: usize) -> &str {
    let mut start = text.len().saturating_sub(max);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

/// Collects the log of one invocation until it is dropped.
pub(crate) struct LogCollector {
    activity: Arc<Activity>,
    id: RequestId,
}

impl LogCollector {
    /// Starts to collect the log of an invocation that will be queued next.
    pub(crate) fn start(activity: &Arc<Activity>, id: RequestId) -> Self {
        activity
            .state()
            .collectors
            .by_id
            .insert(id.clone(), InvocationLog::default());
        let activity = Arc::clone(activity);
        Self { activity, id }
    }

    /// Returns what is known now.
    pub(crate) fn log(&self) -> InvocationLog {
        let state = self.activity.state();
        state.collectors.by_id.get(&self.id).cloned().unwrap_or_default()
    }
}

impl Drop for LogCollector {
    fn drop(&mut self) {
        self.activity.state().collectors.by_id.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::Output;
    use super::*;

    fn write(activity: &Activity, id: &RequestId, line: &str) {
        activity.record(Event::Log {
            environment: EnvironmentId(1),
            id: Some(id.clone()),
            output: Output::Stderr,
            line: line.to_owned(),
        });
    }

    #[test]
    fn last_lines_of_the_invocation_are_collected() {
        let activity = Arc::new(Activity::new(Vec::new()));
        let id = RequestId::random();
        let collector = LogCollector::start(&activity, id.clone());
        write(&activity, &RequestId::random(), "of another invocation");
        write(&activity, &id, "first");
        assert_eq!(collector.log().lines, ["first"]);
        // A line is cut at a character, and replaces all lines before it.
        write(&activity, &id, &"é".repeat(4000));
        write(&activity, &id, "last");
        let log = collector.log();
        assert_eq!(log.line_count, 3);
        assert_eq!(log.lines, ["é".repeat(2048).as_str(), "last"]);
        write(&activity, &id, &"x".repeat(4092));
        assert_eq!(collector.log().lines.len(), 2);
        drop(collector);
        assert!(activity.state().collectors.by_id.is_empty());
    }

    #[test]
    fn init_belongs_to_the_first_event() {
        let activity = Arc::new(Activity::new(Vec::new()));
        let environment = EnvironmentId(1);
        let init = Duration::from_millis(5);
        activity.record(Event::EnvironmentReady { environment, init });
        for is_cold_start in [true, false] {
            let id = RequestId::random();
            let collector = LogCollector::start(&activity, id.clone());
            activity.record(Event::Delivered {
                id,
                environment,
                is_cold_start,
                deadline: 0,
            });
            assert_eq!(collector.log().init.is_some(), is_cold_start);
            assert!(collector.log().delivered.is_some());
        }
    }
}
