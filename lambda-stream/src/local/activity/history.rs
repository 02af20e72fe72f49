//! The recent records, within a bounded amount of memory.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;

use super::super::identifiers::RequestId;
use super::event::{Event, Record};

/// The number of invocations to retain.
const MAX_INVOCATIONS: usize = 200;

/// The number of records to retain that belong to no invocation.
const MAX_OTHER_RECORDS: usize = 2_000;

/// The number of records of one invocation to retain. The record that ends it is always retained.
const MAX_RECORDS_PER_INVOCATION: usize = 50_000;

/// The size of the response of one invocation to retain, in bytes.
const MAX_RESPONSE_BYTES: usize = 1024 * 1024;

/// The size of all retained events, responses and lines, in bytes.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// What a record counts in addition to its texts: about the size of its allocations.
const RECORD_BYTES: usize = 200;

#[derive(Default)]
pub(super) struct History {
    records: BTreeMap<u64, Arc<Record>>,
    /// Oldest first.
    invocations: VecDeque<RequestId>,
    by_id: HashMap<RequestId, Retained>,
    others: VecDeque<u64>,
    bytes: usize,
}

/// The retained records of one invocation.
#[derive(Default)]
struct Retained {
    sequences: Vec<u64>,
    bytes: usize,
    response_bytes: usize,
}

impl History {
    pub(super) fn add(&mut self, mut record: Record) {
        let sequence = record.sequence;
        let Some(id) = record.event.id().cloned() else {
            self.bytes += size(&record.event);
            self.others.push_back(sequence);
            self.records.insert(sequence, Arc::new(record));
            if self.others.len() > MAX_OTHER_RECORDS {
                self.remove_oldest_other();
            }
            return;
        };
        if matches!(record.event, Event::Invoked { .. }) {
            self.invocations.push_back(id.clone());
            self.by_id.insert(id.clone(), Retained::default());
        }
        // The invocation was removed while it was running.
        let Some(retained) = self.by_id.get_mut(&id) else {
            return;
        };
        match &mut record.event {
            Event::Chunk { data, .. } => {
                retained.response_bytes += data.len();
                if retained.response_bytes > MAX_RESPONSE_BYTES {
                    *data = Bytes::new();
                } else {
                    // A slice would keep the whole read buffer allocated.
                    *data = Bytes::copy_from_slice(data);
                }
                if retained.sequences.len() >= MAX_RECORDS_PER_INVOCATION {
                    return;
                }
            }
            Event::Log { .. } if retained.sequences.len() >= MAX_RECORDS_PER_INVOCATION => return,
            #[cfg(feature = "otel")]
            Event::Span { .. } if retained.sequences.len() >= MAX_RECORDS_PER_INVOCATION => return,
            _ => {}
        }
        let size = size(&record.event);
        retained.sequences.push(sequence);
        retained.bytes += size;
        self.bytes += size;
        self.records.insert(sequence, Arc::new(record));
        while self.invocations.len() > MAX_INVOCATIONS || (self.bytes > MAX_BYTES && self.invocations.len() > 1) {
            self.remove_oldest_invocation();
        }
    }

    pub(super) fn read(&self, after: u64, count: usize) -> Vec<Arc<Record>> {
        let newer = self.records.range(after.saturating_add(1)..);
        newer.take(count).map(|(_, record)| Arc::clone(record)).collect()
    }

    fn remove_oldest_invocation(&mut self) {
        let removed = self.invocations.pop_front().and_then(|id| self.by_id.remove(&id));
        let Some(removed) = removed else { return };
        self.bytes -= removed.bytes;
        for sequence in removed.sequences {
            self.records.remove(&sequence);
        }
    }

    fn remove_oldest_other(&mut self) {
        let removed = self
            .others
            .pop_front()
            .and_then(|sequence| self.records.remove(&sequence));
        if let Some(removed) = removed {
            self.bytes -= size(&removed.event);
        }
    }
}

/// Returns about how much memory the event occupies, in bytes.
fn size(event: &Event) -> usize {
    let content = match event {
        Event::Invoked { request, .. } => request.event.len() + request.path.len(),
        Event::Chunk { data, .. } => data.len(),
        Event::ResponseEnded { error: Some(error), .. } => error.message.len() + error.json.len(),
        Event::EnvironmentStopped { reason, .. } => reason.len(),
        Event::Log { line, .. } => line.len(),
        #[cfg(feature = "otel")]
        Event::Span { span, .. } => {
            let attributes = span.attributes.iter();
            span.name.len() + attributes.map(|(key, value)| key.len() + value.len()).sum::<usize>()
        }
        _ => 0,
    };
    RECORD_BYTES + content
}

#[cfg(test)]
mod tests {
    use super::super::Activity;
    use super::super::event::{RequestInfo, Source};
    use super::*;

    fn invoke(activity: &Activity, event_size: usize) -> RequestId {
        let id = RequestId::random();
        let request = RequestInfo {
            source: Source::FunctionUrl,
            method: "GET".to_owned(),
            path: "/".to_owned(),
            event: vec![b'x'; event_size].into(),
        };
        activity.record(Event::Invoked {
            id: id.clone(),
            request: Arc::new(request),
            function_arn: String::new(),
            client_context: None,
            tenant_id: None,
        });
        id
    }

    fn chunk(activity: &Activity, id: &RequestId, size: usize) {
        activity.record(Event::Chunk {
            id: id.clone(),
            data: vec![b'x'; size].into(),
            size,
        });
    }

    fn data_lengths(activity: &Activity) -> Vec<usize> {
        let records = activity.read(0, usize::MAX);
        let lengths = records.iter().filter_map(|record| match &record.event {
            Event::Chunk { data, .. } => Some(data.len()),
            _ => None,
        });
        lengths.collect()
    }

    #[test]
    fn read_returns_newer_records_in_order() {
        let activity = Activity::new(Vec::new());
        let id = invoke(&activity, 0);
        chunk(&activity, &id, 1);
        chunk(&activity, &id, 2);
        let sequences = |after, count| -> Vec<u64> {
            let records = activity.read(after, count);
            records.iter().map(|record| record.sequence).collect()
        };
        assert_eq!(sequences(0, 10), [1, 2, 3]);
        assert_eq!(sequences(1, 1), [2]);
        assert!(sequences(3, 10).is_empty());
        assert_eq!(*activity.changed().borrow(), 3);
    }

    #[test]
    fn long_response_is_retained_without_its_data() {
        let activity = Activity::new(Vec::new());
        let id = invoke(&activity, 0);
        chunk(&activity, &id, MAX_RESPONSE_BYTES);
        chunk(&activity, &id, 1);
        assert_eq!(data_lengths(&activity), [MAX_RESPONSE_BYTES, 0]);
    }

    #[test]
    fn oldest_invocations_are_removed() {
        let activity = Activity::new(Vec::new());
        let first = invoke(&activity, 0);
        for _ in 0..MAX_INVOCATIONS {
            invoke(&activity, 0);
        }
        // The removed invocation may still be running.
        chunk(&activity, &first, 1);
        let records = activity.read(0, usize::MAX);
        assert_eq!(records.len(), MAX_INVOCATIONS);
        assert!(records.iter().all(|record| record.event.id() != Some(&first)));
    }

    #[test]
    fn retained_bytes_are_bounded() {
        let activity = Activity::new(Vec::new());
        let megabytes = 2 * MAX_BYTES / (1024 * 1024);
        for _ in 0..megabytes {
            invoke(&activity, 1024 * 1024);
        }
        let count = activity.read(0, usize::MAX).len();
        assert!((megabytes / 2 - 2..=megabytes / 2).contains(&count), "{count}");
    }
}
