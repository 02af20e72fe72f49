//! [`Fields`]: the fields of a span or an event, as JSON values.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt::{self, Write as _};

use serde_json::{Number, Value};
use tracing::field::{Field, Visit};

/// The names that a line of the log uses itself.
const RESERVED: [&str; 8] = [
    "timestamp",
    "level",
    "message",
    "requestId",
    "xRayTraceId",
    "tenantId",
    "target",
    "truncated",
];

/// The fields of this library's events that have a name in Lambda's own logs.
const LAMBDA_NAMES: [(&str, &str); 3] = [
    ("error_type", "errorType"),
    ("error_message", "errorMessage"),
    ("stack_trace", "stackTrace"),
];

/// How many sources of an error are written. An error may be its own source, and the chain then has no end.
const MAX_SOURCES: usize = 100;

/// Names and values, in the order in which they were recorded. No name occurs twice.
#[derive(Debug, Default, Clone)]
pub(super) struct Fields(pub(super) Vec<(Cow<'static, str>, Value)>);

impl Fields {
    /// Adds a field, or replaces the value of the field with this name.
    pub(super) fn set(&mut self, name: Cow<'static, str>, value: Value) {
        match self.0.iter_mut().find(|(existing, _)| *existing == name) {
            Some((_, existing)) => *existing = value,
            None => self.0.push((name, value)),
        }
    }

    /// Adds copies of the fields of an inner span or event.
    pub(super) fn extend_from(&mut self, inner: &Self) {
        for (name, value) in &inner.0 {
            self.set(name.clone(), value.clone());
        }
    }

    /// Adds the fields of an inner span or event.
    pub(super) fn extend(&mut self, inner: Self) {
        for (name, value) in inner.0 {
            self.set(name, value);
        }
    }
}

/// Collects the fields of a span or an event.
///
/// It runs the `Debug` and `Display` implementations of the user, so the caller must hold no lock.
pub(super) struct Collector {
    pub(super) fields: Fields,
    /// The message of an event.
    pub(super) message: Option<String>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Span,
    Event,
    /// An event of this library.
    LibraryEvent,
    /// The library's span around an invocation.
    InvocationSpan,
}

impl Collector {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            fields: Fields::default(),
            message: None,
            kind,
        }
    }

    fn set(&mut self, field: &Field, value: Value) {
        let name = field.name();
        let name = name.strip_prefix("r#").unwrap_or(name);
        if name == "message" && matches!(self.kind, Kind::Event | Kind::LibraryEvent) {
            self.message = Some(match value {
                Value::String(text) => text,
                other => other.to_string(),
            });
            return;
        }
        self.fields.set(self.line_name(name), value);
    }

    /// Returns the name of a field in the log.
    fn line_name(&self, name: &'static str) -> Cow<'static, str> {
        if self.kind == Kind::LibraryEvent {
            if let Some((_, lambda_name)) = LAMBDA_NAMES.iter().find(|(own, _)| *own == name) {
                return Cow::Borrowed(lambda_name);
            }
        }
        match RESERVED.contains(&name) {
            true => Cow::Owned(format!("{name}_")),
            false => Cow::Borrowed(name),
        }
    }
}

impl Visit for Collector {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if self.kind == Kind::LibraryEvent && field.name() == "stack_trace" {
            // The alternate form of `StackTrace` is JSON.
            let json = serde_json::from_str(&text(format_args!("{value:#?}")));
            self.set(field, json.unwrap_or_else(|_| Value::String(text(value))));
            return;
        }
        self.set(field, Value::String(text(value)));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, Value::String(value.to_owned()));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, Value::Bool(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value.into());
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.set(field, number_or_text(Number::from_i128(value), &value));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.set(field, number_or_text(Number::from_u128(value), &value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, number_or_text(Number::from_f64(value), &value));
    }

    fn record_error(&mut self, field: &Field, error: &(dyn StdError + 'static)) {
        let sources = std::iter::successors(error.source(), |&error| error.source());
        let sources: Vec<Value> = sources
            .take(MAX_SOURCES)
            .map(|source| Value::String(text(format_args!("{source}"))))
            .collect();
        self.set(field, Value::String(text(format_args!("{error}"))));
        if !sources.is_empty() && field.name() != "message" {
            let name = format!("{}.sources", self.line_name(field.name()));
            self.fields.set(Cow::Owned(name), Value::Array(sources));
        }
    }
}

/// Returns a number that JSON has, or the text of one that it does not have.
fn number_or_text(number: Option<Number>, value: &dyn fmt::Debug) -> Value {
    number.map_or_else(|| Value::String(text(value)), Value::Number)
}

/// Returns the `Debug` form. Unlike `format!` it does not panic if the implementation returns an error.
fn text(value: impl fmt::Debug) -> String {
    let mut text = String::new();
    let _ = write!(text, "{value:?}");
    text
}
