//! The metrics of one invocation: what the handler records, and the document at the end.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::document::{self, Metric, Properties};
use super::{Destination, Unit};
use crate::context::Context;
use crate::stderr;
use crate::telemetry::{InvocationSummary, Outcome};

tokio::task_local! {
    /// The metrics that the running invocation has recorded.
    static RECORDED: Recorded;
}

#[derive(Clone, Default)]
struct Recorded(Arc<Mutex<Vec<Metric>>>);

/// Adds a metric to the running invocation. Writes it as a document of its own if there is none.
pub(super) fn record(metric: Metric) {
    let mut metric = Some(metric);
    // An error means that no invocation polls this code.
    let _ = RECORDED.try_with(|recorded| metric.take().map(|metric| recorded.add(metric)));
    if let (Some(metric), Some(destination)) = (metric, Destination::current()) {
        write(&destination, &[], vec![metric]);
    }
}

impl Recorded {
    fn add(&self, metric: Metric) {
        let mut metrics = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = metrics
            .iter_mut()
            .find(|known| known.unit == metric.unit && known.name == metric.name);
        match known {
            Some(known) => known.values.extend(metric.values),
            None => metrics.push(metric),
        }
    }
}

/// The metrics of an invocation that is running.
pub(crate) struct InvocationMetrics {
    recorded: Recorded,
    request_id: String,
    tenant_id: Option<String>,
    trace_id: Option<String>,
}

impl InvocationMetrics {
    /// Starts an invocation. Returns `None` if metrics are disabled.
    pub(crate) fn start(context: &Context) -> Option<Self> {
        Destination::is_enabled().then(|| Self {
            recorded: Recorded::default(),
            request_id: context.request_id().to_owned(),
            tenant_id: context.tenant_id().map(str::to_owned),
            trace_id: context.trace_id().map(str::to_owned),
        })
    }

    /// Runs the handler: what it records belongs to this invocation.
    pub(crate) async fn scope<F: Future>(metrics: Option<&Self>, handler: F) -> F::Output {
        // Without a scope, `record` finds metrics disabled.
        match metrics {
            Some(metrics) => RECORDED.scope(metrics.recorded.clone(), handler).await,
            None => handler.await,
        }
    }

    /// Writes the metrics of the invocation, which has ended.
    pub(crate) fn write(self, summary: &InvocationSummary) {
        let Some(destination) = Destination::current() else {
            return;
        };
        let mut metrics = of_summary(summary);
        metrics.append(&mut self.recorded.0.lock().unwrap_or_else(PoisonError::into_inner));
        let properties = [
            (document::REQUEST_ID, Some(self.request_id)),
            (document::TENANT_ID, self.tenant_id),
            (document::TRACE_ID, self.trace_id),
            (document::OUTCOME, Some(summary.outcome.as_str().to_owned())),
            (document::ERROR_TYPE, summary.error_type.clone()),
        ];
        write(&destination, &properties, metrics);
    }
}

/// Returns the metrics of each invocation.
fn of_summary(summary: &InvocationSummary) -> Vec<Metric> {
    let milliseconds =
        |name, duration: Duration| Metric::of(name, Unit::Milliseconds, duration.as_micros() as f64 / 1e3);
    let count = |name, count: bool| Metric::of(name, Unit::Count, f64::from(u8::from(count)));
    let mut metrics = vec![
        milliseconds(document::DURATION, summary.duration),
        Metric::of(document::RESPONSE_BYTES, Unit::Bytes, summary.bytes as f64),
        Metric::of(document::RESPONSE_CHUNKS, Unit::Count, summary.chunks as f64),
        milliseconds(document::BACKPRESSURE, summary.backpressure),
        count(document::COLD_START, summary.cold_start),
        count(document::ERRORS, summary.outcome == Outcome::Error),
        count(document::TIMEOUTS, summary.outcome == Outcome::Timeout),
        count(document::REJECTIONS, summary.outcome == Outcome::Rejected),
    ];
    metrics.extend(
        summary
            .first_byte
            .map(|duration| milliseconds(document::TIME_TO_FIRST_BYTE, duration)),
    );
    metrics
}

/// Writes documents as whole lines to standard error, which Lambda sends to CloudWatch Logs.
fn write(destination: &Destination, properties: &Properties, metrics: Vec<Metric>) {
    for line in document::encode(destination, properties, metrics) {
        stderr::write_line(line);
    }
}
