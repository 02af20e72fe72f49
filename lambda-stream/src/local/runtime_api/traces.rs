//! Receives the spans that the function exports with OTLP over HTTP, for the viewer.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::AnyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode as SpanStatus;
use prost::Message as _;

use super::super::activity::event::{EnvironmentId, Event, SpanInfo};
use super::super::broker::Broker;
use super::super::identifiers::RequestId;
use super::replies;

/// The most that an export may contain, in bytes.
const MAX_EXPORT_BYTES: usize = 4 * 1024 * 1024;

/// The most attributes of a span to keep.
const MAX_ATTRIBUTES: usize = 64;

/// The most characters of a name or a value to keep.
const MAX_TEXT_LENGTH: usize = 1000;

/// The attribute that contains the request id.
const INVOCATION_ID: &str = "faas.invocation_id";

/// Records the spans of an export.
pub(super) async fn receive(body: Incoming, environment: EnvironmentId, broker: &Broker) -> Response<Full<Bytes>> {
    let Ok(body) = Limited::new(body, MAX_EXPORT_BYTES).collect().await else {
        let message = format!("the export is not complete, or larger than {MAX_EXPORT_BYTES} bytes");
        return replies::error(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message);
    };
    let request = match ExportTraceServiceRequest::decode(body.to_bytes()) {
        Ok(request) => request,
        Err(error) => {
            let message = format!("failed to decode the export: {error}");
            return replies::error(StatusCode::BAD_REQUEST, "BadRequest", &message);
        }
    };
    let scopes = request
        .resource_spans
        .into_iter()
        .flat_map(|resource| resource.scope_spans);
    let spans: Vec<Span> = scopes.flat_map(|scope| scope.spans).collect();
    let invocations = invocations(&spans);
    for span in spans {
        let id = invocations.get(&span.trace_id).cloned();
        if let Some(id) = id.or_else(|| broker.log_owner(environment)) {
            let span = span_info(span);
            broker.activity().record(Event::Span { id, span });
        }
    }
    // The response of a complete export is an empty message.
    Response::new(Full::default())
}

/// Returns the invocation of each trace, whose span has the request id as an attribute.
fn invocations(spans: &[Span]) -> HashMap<Vec<u8>, RequestId> {
    let invocation = |span: &Span| {
        let attribute = span
            .attributes
            .iter()
            .find(|attribute| attribute.key == INVOCATION_ID)?;
        let id = RequestId::parse(&text(attribute.value.as_ref()))?;
        Some((span.trace_id.clone(), id))
    };
    spans.iter().filter_map(invocation).collect()
}

fn span_info(span: Span) -> SpanInfo {
    let error = span.status.filter(|status| status.code() == SpanStatus::Error);
    let attributes = span.attributes.into_iter().take(MAX_ATTRIBUTES);
    SpanInfo {
        name: truncated(span.name),
        span_id: hex(&span.span_id),
        parent_id: hex(&span.parent_span_id),
        start: UNIX_EPOCH + Duration::from_nanos(span.start_time_unix_nano),
        duration: Duration::from_nanos(span.end_time_unix_nano.saturating_sub(span.start_time_unix_nano)),
        attributes: attributes
            .map(|attribute| (truncated(attribute.key), truncated(text(attribute.value.as_ref()))))
            .collect(),
        error: error.map(|status| truncated(status.message)),
    }
}

fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::BoolValue(value)) => value.to_string(),
        Some(Value::IntValue(value)) => value.to_string(),
        Some(Value::DoubleValue(value)) => value.to_string(),
        Some(value) => format!("{value:?}"),
        None => String::new(),
    }
}

fn truncated(text: String) -> String {
    match text.char_indices().nth(MAX_TEXT_LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes.iter().take(16) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
