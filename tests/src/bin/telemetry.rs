//! A function that records metrics and creates spans, as its event says. It installs its own subscriber.

use std::sync::OnceLock;
use std::time::Duration;

use futures::StreamExt as _;
use lambda_stream::metrics::{self, Unit};
use lambda_stream::{AnyResponse, Error, ResponseStream, Runtime, RuntimeError};
use serde::Deserialize;
use tokio::sync::Barrier;
use tracing::{Instrument as _, info_span};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::prelude::*;

#[derive(Deserialize)]
struct Script {
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    Write(String),
    /// Records a metric: its name and its value.
    Record(String, f64),
    /// Records metrics of this many names, with this many values each.
    RecordMany(usize, usize),
    /// Records values that CloudWatch rejects.
    RecordInvalid,
    /// Records a metric in a task that the handler spawns.
    SpawnRecord(String, f64),
    /// Runs a span `work` with this number.
    Span(i64),
    /// Waits until this many handlers wait.
    Await(usize),
    Sleep(u64),
    Fail(String),
    Panic(String),
}

async fn handler(Script { steps }: Script, mut stream: ResponseStream) -> Result<(), Error> {
    for step in steps {
        run(step, &mut stream).await?;
    }
    Ok(())
}

async fn run(step: Step, stream: &mut ResponseStream) -> Result<(), Error> {
    match step {
        Step::Write(text) => stream.write(text).await?,
        Step::Record(name, value) => metrics::record(name, value, Unit::Count),
        Step::RecordMany(names, values) => {
            for (name, value) in (0..names).flat_map(|name| (0..values).map(move |value| (name, value))) {
                metrics::record(format!("Many{name}"), value as f64, Unit::None);
            }
        }
        Step::RecordInvalid => {
            for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX] {
                metrics::record("Invalid", value, Unit::Percent);
            }
            metrics::record("_aws", 1.0, Unit::Count);
        }
        Step::SpawnRecord(name, value) => {
            let task = tokio::spawn(async move { metrics::record(name, value, Unit::BytesPerSecond) });
            task.await?;
        }
        Step::Span(number) => {
            let work = async { tokio::task::yield_now().await };
            work.instrument(info_span!("work", number)).await;
        }
        Step::Await(handlers) => {
            static BARRIER: OnceLock<Barrier> = OnceLock::new();
            BARRIER.get_or_init(|| Barrier::new(handlers)).wait().await;
        }
        Step::Sleep(milliseconds) => tokio::time::sleep(Duration::from_millis(milliseconds)).await,
        Step::Fail(message) => return Err(Error::new(message)),
        #[expect(clippy::panic, reason = "the test is about this panic")]
        Step::Panic(message) => panic!("{message}"),
    }
    Ok(())
}

/// Returns a stream that records the metric `Item` and a span for each of its items.
async fn items(numbers: Vec<i64>) -> AnyResponse {
    AnyResponse::stream(futures::stream::iter(numbers).then(|number| async move {
        info_span!("work", number).in_scope(|| metrics::record("Item", number as f64, Unit::Count));
        number.to_string()
    }))
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), RuntimeError> {
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_filter(LevelFilter::WARN);
    tracing_subscriber::registry()
        .with(lines)
        .with(lambda_stream::otel::layer())
        .init();
    metrics::record("Started", 1.0, Unit::Count);
    let runtime = Runtime::new().metrics_namespace("Tests/Telemetry");
    match std::env::args().nth(1).as_deref() {
        Some("items") => runtime.run(items).await,
        Some("shutdown") => {
            let runtime = runtime.on_shutdown(async || info_span!("shutdown").in_scope(|| {}));
            runtime.run(handler).await
        }
        _ => runtime.run(handler).await,
    }
}
