//! Export of spans to an OpenTelemetry collector over OTLP/HTTP (feature `otel`).
//!
//! The library's span of each invocation is exported together with the `tracing` spans inside of it. It follows the
//! [semantic conventions][faas] for functions: it is named after the function, has the kind `SERVER`, and its parent is
//! the span in the X-Ray header that Lambda sends with the event.
//!
//! # Setup
//! With the attribute [`main`](macro@crate::main) and the feature `logging`, set one environment variable:
//! `OTEL_EXPORTER_OTLP_ENDPOINT`, for example `http://localhost:4318`, or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`.
//!
//! A program that installs its own subscriber adds [`layer`] to it.
//!
//! # Environment variables
//! | variable | default | meaning |
//! |---|---|---|
//! | `OTEL_EXPORTER_OTLP_ENDPOINT` | `http://localhost:4318` | the URL of the collector; `/v1/traces` is appended |
//! | `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` | | the same, used unchanged |
//! | `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_EXPORTER_OTLP_TRACES_HEADERS` | | headers of the requests, as `name=value,name=value` |
//! | `OTEL_EXPORTER_OTLP_TIMEOUT`, `OTEL_EXPORTER_OTLP_TRACES_TIMEOUT` | 500 | the time limit of an export, in milliseconds |
//! | `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES` | the function's name | the resource |
//! | `OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG` | `parentbased_always_on` | which traces are exported |
//! | `OTEL_SDK_DISABLED` | `false` | `true` disables the export |
//! | `OTEL_TRACES_EXPORTER` | `otlp` | `none` disables the export |
//!
//! With the default sampler, an invocation is exported only if X-Ray samples its trace: `Sampled=0` in the X-Ray header,
//! which Lambda sends if active tracing is off, prevents the export. `OTEL_TRACES_SAMPLER=always_on` exports every
//! invocation.
//!
//! The protocol is HTTP with protobuf, without retries. The library connects directly, not through a proxy. TLS requires
//! that the program enables a TLS feature of `reqwest` 0.13, such as `rustls`.
//!
//! # When spans are exported
//! The runtime exports spans after the response of an invocation has ended and before it polls for the next event, and
//! after [`on_shutdown`](crate::Runtime::on_shutdown). The collector delays no response. It delays the next event by at most
//! the time limit, and never past the deadline of the invocation. Spans whose export fails are dropped; the first failure
//! in a row is logged.
//!
//! [faas]: https://opentelemetry.io/docs/specs/semconv/faas/faas-spans/

mod client;
mod config;
mod export;
mod resource;
mod span;
mod tracer;
mod xray;

use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::registry::LookupSpan;

use self::export::Export;
pub(crate) use self::span::{end, start};
use self::tracer::InvocationTracer;

/// The export of the process, `None` inside if it is disabled. Set by the first call of [`layer`].
static PIPELINE: OnceLock<Option<Pipeline>> = OnceLock::new();

/// How long before its end the time of an invocation counts as over: the next event must be polled before.
const RESERVE: Duration = Duration::from_millis(20);

/// From the layer to the collector.
struct Pipeline {
    tracer: InvocationTracer,
    export: Arc<Export>,
    /// Dropping the provider shuts the export down.
    _provider: SdkTracerProvider,
}

/// Returns a layer that exports spans as the [module](self) describes. Add it to the subscriber of a program that does not
/// use the one of the attribute.
///
/// It exports spans and events of the level `INFO` or more severe, whatever the filter of other layers. It does nothing
/// if the environment disables the export, or if a variable is invalid; the latter is logged.
///
/// ```no_run
/// use lambda_stream::{ResponseStream, RuntimeError};
/// use tracing_subscriber::prelude::*;
///
/// async fn handler(mut stream: ResponseStream) {
///     let _ = stream.write("hello").await;
/// }
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), RuntimeError> {
///     tracing_subscriber::registry()
///         .with(tracing_subscriber::fmt::layer())
///         .with(lambda_stream::otel::layer())
///         .init();
///     lambda_stream::run(handler).await
/// }
/// ```
pub fn layer<S>() -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let pipeline = PIPELINE.get_or_init(Pipeline::from_env).as_ref();
    pipeline.map(|pipeline| {
        OpenTelemetryLayer::new(pipeline.tracer.clone())
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(LevelFilter::INFO)
    })
}

/// Returns [`layer`] if the environment names a collector, else `None`.
#[cfg(feature = "logging")]
pub(crate) fn layer_if_configured<S>() -> Option<impl Layer<S>>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    config::has_endpoint().then(layer)
}

/// Exports the spans that have ended, within the configured time limit and before `end`.
pub(crate) async fn flush(end: Option<SystemTime>) {
    if let Some(Some(pipeline)) = PIPELINE.get() {
        let left = end.map(|end| end.duration_since(SystemTime::now()).unwrap_or_default());
        pipeline
            .export
            .flush(left.map(|left| left.saturating_sub(RESERVE)))
            .await;
    }
}

impl Pipeline {
    /// Returns `None` if the export is disabled, or if the environment is invalid, which is logged.
    fn from_env() -> Option<Self> {
        if config::is_disabled() {
            return None;
        }
        let resource = resource::from_env();
        let export = match Export::from_env(&resource) {
            Ok(export) => Arc::new(export),
            Err(error) => {
                log!(ERROR, "no spans are exported: {error}");
                return None;
            }
        };
        let provider = SdkTracerProvider::builder()
            .with_resource(resource)
            .with_span_processor(export.processor())
            .build();
        Some(Self {
            tracer: InvocationTracer::new(provider.tracer("lambda-stream")),
            export,
            _provider: provider,
        })
    }
}
