//! A function with a `tracing` subscriber of its own. It runs the steps in its event, as `scripted` does.
//!
//! The variable `SUBSCRIBER` is `record`, which prints spans and events as one line each, or the name of the method of
//! `tracing::Subscriber` that panics: `enabled`, `new_span`, `record_values`, `event`, `enter`, `exit` or `try_close`.
#![allow(clippy::panic, clippy::print_stderr, reason = "a variable can request it")]

use std::env;
use std::fmt::{self, Write as _};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use lambda_stream_tests::scripted::scripted;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

struct TestSubscriber {
    /// The method that panics.
    panics: String,
    next_id: AtomicU64,
}

impl TestSubscriber {
    fn panic_if(&self, method: &str) {
        assert!(self.panics != method, "the subscriber panicked in `{method}`");
    }
}

/// The fields of a span or an event, as ` name=value`.
struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl Subscriber for TestSubscriber {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.panic_if("enabled");
        metadata.target() == "lambda_stream"
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        self.panic_if("new_span");
        let mut fields = Fields(String::new());
        attributes.record(&mut fields);
        eprintln!("span {}{}", attributes.metadata().name(), fields.0);
        Id::from_u64(self.next_id.fetch_add(1, Ordering::Relaxed))
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.panic_if("record_values");
        let mut fields = Fields(String::new());
        values.record(&mut fields);
        eprintln!("record{}", fields.0);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.panic_if("event");
        let mut fields = Fields(String::new());
        event.record(&mut fields);
        eprintln!("{}{}", event.metadata().level(), fields.0);
    }

    fn enter(&self, _: &Id) {
        self.panic_if("enter");
    }

    fn exit(&self, _: &Id) {
        self.panic_if("exit");
    }

    fn try_close(&self, _: Id) -> bool {
        self.panic_if("try_close");
        true
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let subscriber = TestSubscriber {
        panics: env::var("SUBSCRIBER").unwrap_or_default(),
        next_id: AtomicU64::new(1),
    };
    if tracing::subscriber::set_global_default(subscriber).is_err() {
        return ExitCode::FAILURE;
    }
    match lambda_stream::run(scripted).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
