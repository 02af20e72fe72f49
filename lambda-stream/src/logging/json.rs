//! Encodes a record as one line of JSON, in the form of Lambda's own runtimes.

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value;

use super::record::Record;

/// The lengths of strings, in bytes, to which [`line`] truncates them in turn until the line is short enough.
const STRING_LIMITS: [usize; 7] = [12 * 1024, 6 * 1024, 2 * 1024, 1024, 256, 64, 16];

/// Bytes of a string per element of an array, when both are truncated.
const BYTES_PER_ELEMENT: usize = 64;

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("timestamp", &format_args!("{}", self.timestamp))?;
        map.serialize_entry("level", self.level.as_str())?;
        for (name, value) in [
            ("message", &self.message),
            ("requestId", &self.ids.request_id),
            ("xRayTraceId", &self.ids.trace_id),
            ("tenantId", &self.ids.tenant_id),
        ] {
            if let Some(value) = value {
                map.serialize_entry(name, value)?;
            }
        }
        map.serialize_entry("target", &self.target)?;
        for (name, value) in &self.fields.0 {
            map.serialize_entry(name, value)?;
        }
        if self.is_truncated {
            map.serialize_entry("truncated", &true)?;
        }
        map.end()
    }
}

/// Encodes `record` in at most `max_length` bytes (1,024 or more), without a line break.
///
/// If the line is too long, its strings are truncated, and the field `truncated` says so. If it is still too long, the
/// last fields are left out.
pub(super) fn line(mut record: Record<'_>, max_length: usize) -> String {
    let mut line = encode(&record);
    let mut limits = STRING_LIMITS.into_iter();
    while line.len() > max_length {
        record.is_truncated = true;
        match limits.next() {
            Some(limit) => truncate_strings(&mut record, limit),
            None if record.fields.0.is_empty() => break,
            None => record.fields.0.truncate(record.fields.0.len() / 2),
        }
        line = encode(&record);
    }
    line
}

fn encode(record: &Record<'_>) -> String {
    // All keys are strings, so it does not fail.
    serde_json::to_string(record).unwrap_or_default()
}

fn truncate_strings(record: &mut Record<'_>, limit: usize) {
    let ids = [
        &mut record.ids.request_id,
        &mut record.ids.trace_id,
        &mut record.ids.tenant_id,
    ];
    for text in ids.into_iter().flatten() {
        // A UUID and an X-Ray header are kept.
        truncate(text, limit.max(256));
    }
    truncate(record.target.to_mut(), limit);
    record.message.iter_mut().for_each(|text| truncate(text, limit));
    for (_, value) in &mut record.fields.0 {
        match value {
            Value::String(text) => truncate(text, limit),
            Value::Array(elements) => {
                elements.truncate((limit / BYTES_PER_ELEMENT).max(1));
                for element in elements {
                    if let Value::String(text) = element {
                        truncate(text, limit);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Truncates `text` to about `limit` bytes, and appends `…`.
fn truncate(text: &mut String, limit: usize) {
    if text.len() > limit + '…'.len_utf8() {
        let mut kept = limit;
        while !text.is_char_boundary(kept) {
            kept -= 1;
        }
        text.truncate(kept);
        text.push('…');
    }
}
