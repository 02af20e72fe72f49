//! The queue of ended spans, and their export to the collector.

use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_otlp::{Protocol, RetryPolicy, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanExporter as _, SpanProcessor};
use tokio::task::coop::unconstrained;
use tokio::time::timeout;

use super::client::Client;
use super::config;
use crate::error::Error;
use crate::panic;

/// How many ended spans wait for the export. Further spans are dropped.
const MAX_QUEUED_SPANS: usize = 2048;

/// How long an export must at least be able to take. If less time is left, the spans wait for the next export.
const MIN_TIMEOUT: Duration = Duration::from_millis(10);

/// Exports spans.
pub(super) struct Export {
    queue: Queue,
    exporter: SpanExporter,
    client: Client,
    timeout: Duration,
    /// Held during an export, so that an event loop whose spans another loop exports waits for them.
    exporting: tokio::sync::Mutex<()>,
    /// The last export failed, which was logged.
    is_failing: AtomicBool,
}

impl Export {
    /// Creates an exporter with the settings of the environment.
    ///
    /// # Errors
    /// A variable is invalid.
    pub(super) fn from_env(resource: &Resource) -> Result<Self, String> {
        config::check_protocol();
        let client = Client::new().map_err(|error| format!("failed to create an HTTP client: {error}"))?;
        let timeout = config::timeout();
        let mut exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client.clone())
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(timeout)
            .with_retry_policy(RetryPolicy::disabled())
            .build()
            .map_err(|error| error.to_string())?;
        exporter.set_resource(resource);
        Ok(Self {
            queue: Queue::default(),
            exporter,
            client,
            timeout,
            exporting: tokio::sync::Mutex::default(),
            is_failing: AtomicBool::new(false),
        })
    }

    /// Returns the processor that adds ended spans to the queue.
    pub(super) fn processor(&self) -> impl SpanProcessor + use<> {
        self.queue.clone()
    }

    /// Exports the queued spans, for at most `limit` and the configured time limit. Waits for the export of another event
    /// loop first. Spans that cannot be exported are dropped, and that is logged.
    pub(super) async fn flush(&self, limit: Option<Duration>) {
        let limit = limit.map_or(self.timeout, |limit| limit.min(self.timeout));
        if limit < MIN_TIMEOUT.min(self.timeout) {
            return;
        }
        // Counts the spans of the export that is running when the time is over.
        let mut count = 0;
        let export = async {
            let _guard = self.exporting.lock().await;
            let spans = self.queue.take();
            count = spans.len();
            match count {
                0 => Ok(()),
                // The exporter is not code of this library.
                _ => panic::catch(async { self.exporter.export(spans).await.map_err(Error::from) }).await,
            }
        };
        // An export consists of few polls, which other work of the task must not delay.
        let result = match timeout(limit, unconstrained(export)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.client.take_failure().unwrap_or_else(|| error.to_string())),
            Err(_) => Err(format!("the collector did not respond within {} ms", limit.as_millis())),
        };
        if count > 0 {
            self.log(count, result);
        }
    }

    /// Logs the first failure in a row.
    fn log(&self, count: usize, result: Result<(), String>) {
        let was_failing = self.is_failing.swap(result.is_err(), Ordering::Relaxed);
        let reason = match result {
            Err(reason) if !was_failing => reason,
            _ => return,
        };
        log!(
            WARN,
            "failed to export {count} spans, which are dropped: {reason}; further failures are not logged until an \
                 export succeeds"
        );
    }
}

/// The ended spans that are not exported yet. Clones share it.
#[derive(Debug, Clone, Default)]
struct Queue(Arc<Mutex<Vec<SpanData>>>);

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Vec<SpanData>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Vec<SpanData> {
        mem::take(&mut *self.lock())
    }
}

impl SpanProcessor for Queue {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        let mut spans = self.lock();
        if spans.len() < MAX_QUEUED_SPANS {
            spans.push(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}
