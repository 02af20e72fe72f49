//! An OpenTelemetry collector that tests hold: it receives spans over OTLP/HTTP.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as ProtoValue;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use prost::Message as _;
use serde_json::{Value, json};

use crate::WAIT_TIMEOUT;
use crate::http::{Fields, RecordedRequest};
use crate::retry::retry_interrupted;
use crate::watched::Watched;

/// How the collector responds to an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CollectorMode {
    /// With 200.
    Accept,
    /// With this status.
    Respond(u16),
    /// With 200, after [`OtlpCollector::release`].
    Hold,
}

/// A collector on a port of the loopback interface.
pub struct OtlpCollector {
    address: SocketAddr,
    state: Arc<Watched<State>>,
}

#[derive(Default)]
struct State {
    exports: Vec<Export>,
    is_released: bool,
    /// The first request that is not OTLP.
    violation: Option<String>,
}

/// One request of an exporter.
#[derive(Clone, Debug)]
pub struct Export {
    /// The path in the request line.
    pub path: String,
    /// The headers in the order received.
    pub headers: Fields,
    /// When the request was complete.
    pub at: Instant,
    /// The spans of all resources.
    pub spans: Vec<CollectedSpan>,
}

/// A span that the collector received.
#[derive(Clone, Debug)]
pub struct CollectedSpan {
    /// The name.
    pub name: String,
    /// The kind, such as `Server`.
    pub kind: SpanKind,
    /// The trace id in hexadecimal digits.
    pub trace_id: String,
    /// The span id in hexadecimal digits.
    pub span_id: String,
    /// The span id of the parent in hexadecimal digits. Empty for a root.
    pub parent_span_id: String,
    /// Nanoseconds since 1970.
    pub start: u64,
    /// Nanoseconds since 1970.
    pub end: u64,
    /// The attributes of the span.
    pub attributes: BTreeMap<String, Value>,
    /// The attributes of the resource.
    pub resource: BTreeMap<String, Value>,
    /// The name and the time of each event, in nanoseconds since 1970.
    pub events: Vec<(String, u64)>,
    /// The status.
    pub status: StatusCode,
    /// The description of the status.
    pub status_message: String,
}

impl OtlpCollector {
    /// Starts a collector on a free port.
    ///
    /// # Panics
    /// If there is no free port.
    pub fn start(mode: CollectorMode) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("a local address");
        let state = Arc::new(Watched::new(State::default()));
        // The threads end with the test process.
        thread::spawn({
            let state = Arc::clone(&state);
            move || {
                for stream in listener.incoming().flatten() {
                    let state = Arc::clone(&state);
                    thread::spawn(move || serve(stream, mode, &state));
                }
            }
        });
        Self { address, state }
    }

    /// Returns a URL at which no collector listens: connections are refused.
    ///
    /// # Panics
    /// If there is no free port.
    pub fn refused_endpoint() -> String {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("a local address");
        format!("http://{address}")
    }

    /// Returns the value of `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Responds to all requests of a collector that holds them.
    pub fn release(&self) {
        self.state.change(|state| state.is_released = true);
    }

    /// Returns the complete requests so far.
    pub fn exports(&self) -> Vec<Export> {
        self.check(|state| state.exports.clone())
    }

    /// Returns the spans of all requests so far.
    pub fn spans(&self) -> Vec<CollectedSpan> {
        self.exports().into_iter().flat_map(|export| export.spans).collect()
    }

    /// Waits until there are `count` complete requests. Panics after 20 seconds.
    #[track_caller]
    pub fn wait_for_exports(&self, count: usize) {
        let found = self.state.wait_until(WAIT_TIMEOUT, |state| {
            (state.exports.len() >= count || state.violation.is_some()).then_some(())
        });
        let exports = self.exports();
        assert!(found.is_some(), "{} exports in place of {count}", exports.len());
    }

    #[track_caller]
    fn check<R>(&self, read: impl FnOnce(&State) -> R) -> R {
        self.state.read(|state| {
            if let Some(violation) = &state.violation {
                panic!("the exporter violates OTLP: {violation}");
            }
            read(state)
        })
    }
}

/// Serves one connection until it ends.
fn serve(mut stream: TcpStream, mode: CollectorMode, state: &Watched<State>) {
    let mut pending = Vec::new();
    loop {
        let mut request = RecordedRequest::default();
        let mut bytes = std::mem::take(&mut pending);
        loop {
            if !bytes.is_empty() {
                match request.push(&bytes, Instant::now()) {
                    Ok(rest) => pending = rest,
                    Err(violation) => return state.change(|state| state.violation = Some(violation)),
                }
            }
            if request.body_end().is_some() {
                break;
            }
            bytes.resize(64 * 1024, 0);
            match retry_interrupted(|| stream.read(&mut bytes)) {
                Ok(size @ 1..) => bytes.truncate(size),
                _ => return,
            }
        }
        match parse(&request) {
            Ok(export) => state.change(|state| state.exports.push(export)),
            Err(violation) => return state.change(|state| state.violation = Some(violation)),
        }
        if mode == CollectorMode::Hold {
            // A collector that is never released stalls, until the test ends.
            state.wait_until(WAIT_TIMEOUT * 10, |state| state.is_released.then_some(()));
        }
        let status = match mode {
            CollectorMode::Respond(status) => status,
            CollectorMode::Accept | CollectorMode::Hold => 200,
        };
        let response =
            format!("HTTP/1.1 {status} Status\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n");
        if stream.write_all(response.as_bytes()).is_err() {
            return;
        }
    }
}

fn parse(request: &RecordedRequest) -> Result<Export, String> {
    let head = request.head().ok_or("no head")?;
    let content_type = head.headers.get("Content-Type");
    if head.method != "POST" || content_type != Some("application/x-protobuf") {
        return Err(format!("{} with the content type {content_type:?}", head.method));
    }
    let message = ExportTraceServiceRequest::decode(request.body()).map_err(|error| error.to_string())?;
    let mut spans = Vec::new();
    for group in message.resource_spans {
        let resource = attributes(group.resource.unwrap_or_default().attributes);
        for span in group.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            let status = span.status.clone().unwrap_or_default();
            spans.push(CollectedSpan {
                kind: span.kind(),
                trace_id: hex(&span.trace_id),
                span_id: hex(&span.span_id),
                parent_span_id: hex(&span.parent_span_id),
                start: span.start_time_unix_nano,
                end: span.end_time_unix_nano,
                attributes: attributes(span.attributes),
                resource: resource.clone(),
                events: span
                    .events
                    .into_iter()
                    .map(|event| (event.name, event.time_unix_nano))
                    .collect(),
                status: status.code(),
                status_message: status.message,
                name: span.name,
            });
        }
    }
    Ok(Export {
        path: head.path.clone(),
        headers: head.headers.clone(),
        at: Instant::now(),
        spans,
    })
}

fn attributes(attributes: Vec<KeyValue>) -> BTreeMap<String, Value> {
    let attributes = attributes.into_iter();
    attributes
        .map(|attribute| (attribute.key, value(attribute.value)))
        .collect()
}

fn value(value: Option<AnyValue>) -> Value {
    match value.and_then(|value| value.value) {
        Some(ProtoValue::StringValue(text)) => json!(text),
        Some(ProtoValue::BoolValue(bool)) => json!(bool),
        Some(ProtoValue::IntValue(number)) => json!(number),
        Some(ProtoValue::DoubleValue(number)) => json!(number),
        other => json!(format!("{other:?}")),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
