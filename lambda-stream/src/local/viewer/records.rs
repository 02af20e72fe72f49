//! Encodes the records of the activity as JSON for the page. Bytes are base64, times are milliseconds since the start.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::activity::event::{Event, Record};

/// Returns the JSON of a record: `n` is its sequence number, `t` its time and `e` the name of its event.
pub(super) fn encode(record: &Record) -> Value {
    let mut json = encode_event(&record.event);
    json["n"] = record.sequence.into();
    json["t"] = milliseconds(record.at).into();
    if let Some(id) = record.event.id() {
        json["id"] = id.as_str().into();
    }
    json
}

fn encode_event(event: &Event) -> Value {
    match event {
        Event::EnvironmentStarted {
            environment,
            process_id,
            build,
        } => json!({ "e": "environment", "environment": environment.0, "process": process_id, "build": build }),
        Event::EnvironmentReady { environment, init } => {
            json!({ "e": "ready", "environment": environment.0, "init": milliseconds(*init) })
        }
        Event::EnvironmentStopped {
            environment, reason, ..
        } => {
            json!({ "e": "stopped", "environment": environment.0, "reason": reason })
        }
        Event::BuildChanged { build } => json!({ "e": "build", "build": build }),
        Event::Invoked { request, .. } => json!({
            "e": "invoked",
            "source": request.source.name(),
            "method": request.method,
            "path": request.path,
            "event": STANDARD.encode(&request.event),
        }),
        Event::Delivered {
            environment,
            is_cold_start,
            deadline,
            ..
        } => json!({ "e": "delivered", "environment": environment.0, "cold": is_cold_start, "deadline": deadline }),
        Event::ResponseStarted { content_type, .. } => json!({ "e": "started", "contentType": content_type }),
        Event::Chunk { data, size, .. } => json!({ "e": "chunk", "size": size, "data": STANDARD.encode(data) }),
        Event::ResponseEnded { error, .. } => json!({
            "e": "ended",
            "error": error.as_ref().map(|error| json!({
                "type": error.error_type,
                "message": error.message,
                "json": STANDARD.encode(&error.json),
            })),
        }),
        Event::StatusSent { status, .. } => json!({ "e": "status", "status": status }),
        Event::Completed { .. } => json!({ "e": "completed" }),
        Event::Log { environment, line, .. } => {
            json!({ "e": "log", "environment": environment.0, "line": line })
        }
        #[cfg(feature = "otel")]
        Event::Span { span, .. } => json!({
            "e": "span",
            "name": span.name,
            "span": span.span_id,
            "parent": span.parent_id,
            // With fractions: a span may take less than a millisecond.
            "start": milliseconds(span.start.duration_since(std::time::UNIX_EPOCH).unwrap_or_default()),
            "duration": milliseconds(span.duration),
            "attributes": span.attributes,
            "error": span.error,
        }),
    }
}

fn milliseconds(duration: std::time::Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
