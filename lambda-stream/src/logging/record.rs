//! [`Record`]: what one line of the log says, and the [`Ids`] of its invocation.

use std::borrow::Cow;

use serde_json::Value;
use tracing::{Level, Metadata};

use super::fields::Fields;
use super::timestamp::Timestamp;

/// The target of the library's events and spans.
pub(super) const LIBRARY_TARGET: &str = "lambda_stream";

/// The name of the library's span around each invocation.
const INVOCATION: &str = "invocation";

/// Whether this is the library's span around an invocation.
pub(super) fn is_invocation_span(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target() == LIBRARY_TARGET && metadata.name() == INVOCATION
}

/// What the library's span says about the invocation. Its other fields are not repeated on each line.
#[derive(Debug, Default, Clone)]
pub(super) struct Ids {
    pub(super) request_id: Option<String>,
    pub(super) trace_id: Option<String>,
    pub(super) tenant_id: Option<String>,
}

impl Ids {
    /// Takes the ids from the fields of the library's span.
    pub(super) fn update(&mut self, fields: Fields) {
        for (name, value) in fields.0 {
            let id = match &*name {
                "request_id" => &mut self.request_id,
                "trace_id" => &mut self.trace_id,
                "tenant_id" => &mut self.tenant_id,
                _ => continue,
            };
            if let Value::String(text) = value {
                *id = Some(text);
            }
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Record<'a> {
    pub(super) timestamp: Timestamp,
    pub(super) level: Level,
    pub(super) target: Cow<'a, str>,
    pub(super) ids: Ids,
    pub(super) message: Option<String>,
    pub(super) fields: Fields,
    pub(super) is_truncated: bool,
}

impl Record<'_> {
    /// Creates the record of a warning of this library.
    pub(super) fn warning(message: &str) -> Self {
        Self {
            timestamp: Timestamp::now(),
            level: Level::WARN,
            target: Cow::Borrowed(LIBRARY_TARGET),
            ids: Ids::default(),
            message: Some(message.to_owned()),
            fields: Fields::default(),
            is_truncated: false,
        }
    }
}
