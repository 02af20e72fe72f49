//! The span and the events of an invocation in a test are those of production.
//!
//! In a process of its own: while another test registers a callsite without a subscriber, `tracing` may store that nobody is
//! interested in it.
#![allow(clippy::unwrap_used, reason = "a failing test panics")]

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use lambda_stream::testing::Invocation;
use lambda_stream::{Error, ResponseStream};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Stores each span and event of the library as a line of text.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // The durations differ from run to run.
        if !field.name().ends_with("_ms") {
            write!(self.0, " {}={value:?}", field.name()).unwrap();
        }
    }
}

impl Lines {
    fn push(&self, kind: &str, record: impl FnOnce(&mut Text)) {
        let mut text = Text(kind.to_owned());
        record(&mut text);
        self.0.lock().unwrap().push(text.0);
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "lambda_stream"
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        self.push("span", |text| attributes.record(text));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.push("event", |text| event.record(text));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn invocation_has_its_span_and_summary() {
    async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
        stream.write("ab").await?;
        stream.write("c").await?;
        Err(Error::new("it broke"))
    }
    let lines = Lines::default();
    let guard = tracing::subscriber::set_default(lines.clone());
    Invocation::new(()).request_id("r-1").run(handler).await;
    drop(guard);
    let lines = lines.0.lock().unwrap().join("\n");
    assert!(lines.contains(r#"span request_id="r-1""#), "{lines}");
    assert_eq!(lines.matches("it broke").count(), 1, "{lines}");
    assert!(lines.contains(r#"outcome="error""#), "{lines}");
    assert!(lines.contains("bytes=3 chunks=2"), "{lines}");
}
