//! [`LogLayer`]: collects the fields of spans and events, and writes a line for each event.

use std::borrow::Cow;
use std::sync::Once;

use tracing::span::{Attributes, Id};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use super::fields::{Collector, Fields, Kind};
use super::record::{Ids, LIBRARY_TARGET, Record, is_invocation_span};
use super::settings::{Format, Settings};
use super::timestamp::Timestamp;
use super::{json, text};
use crate::stderr;

pub(super) struct LogLayer {
    format: Format,
    /// Written before the first event.
    warning: Option<String>,
    warned: Once,
    write: Box<dyn Fn(String) + Send + Sync>,
}

/// What is stored for a span.
enum SpanData {
    Invocation(Ids),
    Other(Fields),
}

impl LogLayer {
    /// Creates a layer that writes to standard error.
    pub(super) fn to_stderr(settings: Settings) -> Self {
        stderr::set_warning_format(match settings.format {
            Format::Json => |text| Format::Json.line(Record::warning(text)),
            Format::Text | Format::Terminal { .. } => |text| Format::Text.line(Record::warning(text)),
        });
        Self::new(settings, stderr::write_line)
    }

    /// Creates a layer that gives each line, without its line break, to `write`.
    pub(super) fn new(settings: Settings, write: impl Fn(String) + Send + Sync + 'static) -> Self {
        Self {
            format: settings.format,
            warning: settings.warning,
            warned: Once::new(),
            write: Box::new(write),
        }
    }

    fn write(&self, record: Record<'_>) {
        (self.write)(self.format.line(record));
    }
}

impl Format {
    fn line(self, record: Record<'_>) -> String {
        match self {
            Self::Json => json::line(record, stderr::MAX_LINE_LENGTH),
            Self::Text => text::line(&record),
            Self::Terminal { colors } => text::terminal_line(&record, colors),
        }
    }
}

impl<S> Layer<S> for LogLayer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        // Before the span is locked, because this runs code of the user.
        let mut collector = Collector::new(kind_of_span(attributes.metadata()));
        attributes.record(&mut collector);
        let mut data = SpanData::new(attributes.metadata());
        data.update(collector.fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().replace(data);
        }
    }

    fn on_record(&self, id: &Id, values: &tracing::span::Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else {
            return;
        };
        let mut collector = Collector::new(kind_of_span(span.metadata()));
        values.record(&mut collector);
        if let Some(data) = span.extensions_mut().get_mut::<SpanData>() {
            data.update(collector.fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        self.warned.call_once(|| {
            if let Some(warning) = &self.warning {
                self.write(Record::warning(warning));
            }
        });
        let timestamp = Timestamp::now();
        let metadata = event.metadata();
        let mut collector = Collector::new(match metadata.target() {
            LIBRARY_TARGET => Kind::LibraryEvent,
            _ => Kind::Event,
        });
        event.record(&mut collector);

        let mut ids = Ids::default();
        let mut fields = Fields::default();
        for span in context
            .event_scope(event)
            .into_iter()
            .flat_map(|scope| scope.from_root())
        {
            match span.extensions().get::<SpanData>() {
                Some(SpanData::Invocation(invocation)) => ids = invocation.clone(),
                Some(SpanData::Other(outer)) => fields.extend_from(outer),
                None => {}
            }
        }
        fields.extend(collector.fields);
        self.write(Record {
            timestamp,
            level: *metadata.level(),
            target: Cow::Borrowed(metadata.target()),
            ids,
            message: collector.message,
            fields,
            is_truncated: false,
        });
    }
}

impl SpanData {
    fn new(metadata: &Metadata<'_>) -> Self {
        match is_invocation_span(metadata) {
            true => Self::Invocation(Ids::default()),
            false => Self::Other(Fields::default()),
        }
    }

    fn update(&mut self, recorded: Fields) {
        match self {
            Self::Invocation(ids) => ids.update(recorded),
            Self::Other(fields) => fields.extend(recorded),
        }
    }
}

fn kind_of_span(metadata: &Metadata<'_>) -> Kind {
    match is_invocation_span(metadata) {
        true => Kind::InvocationSpan,
        false => Kind::Span,
    }
}
