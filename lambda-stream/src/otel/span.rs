//! The span of an invocation by the semantic conventions for functions and for AWS Lambda.

use std::sync::Once;
use std::time::SystemTime;

use opentelemetry::Context as OtelContext;
use opentelemetry::trace::{Status, TraceContextExt as _};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::config::variable;
use super::xray;
use crate::context::Context;
use crate::event::{EventFormat, EventInfo};
use crate::telemetry::{InvocationSummary, Outcome};

/// The attribute with the request id, which only the span of an invocation has.
pub(super) const INVOCATION_ID: &str = "faas.invocation_id";

const SAMPLER: &str = "OTEL_TRACES_SAMPLER";

/// Sets the parent and the attributes of the span of an invocation. Call it before the span is entered.
///
/// It does nothing if the subscriber does not have the [layer](super::layer).
pub(crate) fn start(span: &Span, context: &Context, event_info: EventInfo, is_cold_start: bool) {
    if super::PIPELINE.get().is_none_or(Option::is_none) {
        return;
    }
    if let Some(parent) = context.trace_id().and_then(xray::parent) {
        if !parent.is_sampled() {
            log_not_sampled();
        }
        // An error means that the subscriber does not have the layer.
        let _ = span.set_parent(OtelContext::new().with_remote_span_context(parent));
    }
    span.set_attribute(INVOCATION_ID, context.request_id().to_owned());
    let is_http = event_info.format != EventFormat::NotHttp;
    span.set_attribute("faas.trigger", if is_http { "http" } else { "other" });
    span.set_attribute("faas.coldstart", is_cold_start);
    if let Some(arn) = context.invoked_function_arn() {
        span.set_attribute("aws.lambda.invoked_arn", arn.to_owned());
        let version = variable("AWS_LAMBDA_FUNCTION_VERSION").unwrap_or_default();
        if let Some((resource, account)) = resolve_arn(arn, &version) {
            span.set_attribute("cloud.resource_id", resource);
            span.set_attribute("cloud.account.id", account.to_owned());
        }
    }
}

/// Logs once that X-Ray prevents the export, unless the user chose a sampler.
fn log_not_sampled() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if variable(SAMPLER).is_none() {
            log!(
                WARN,
                "an invocation is not exported, because its X-Ray header has `Sampled=0`, as if active tracing is off; \
                 {SAMPLER}=always_on exports every invocation, {SAMPLER}=parentbased_always_on hides this message"
            );
        }
    });
}

/// Records how the invocation ended. Call it before the span is dropped, which ends it.
pub(crate) fn end(span: &Span, summary: &InvocationSummary) {
    if super::PIPELINE.get().is_none_or(Option::is_none) {
        return;
    }
    if let Some(first_byte) = summary.first_byte {
        let since = summary.duration.saturating_sub(first_byte);
        if let Some(time) = SystemTime::now().checked_sub(since) {
            span.add_event_with_timestamp("first byte", time, Vec::new());
        }
    }
    if summary.outcome != Outcome::Ok {
        // After a rejection, an error of the handler is a consequence.
        let error_type = match summary.error_type.as_deref() {
            Some(error_type) if summary.outcome != Outcome::Rejected => error_type,
            _ => summary.outcome.as_str(),
        };
        span.set_attribute("error.type", error_type.to_owned());
        span.set_status(Status::error(error_type.to_owned()));
    }
    // The span ends when it was last entered.
    span.in_scope(|| {});
}

/// Returns the ARN of the function's version, and the account in it.
///
/// The conventions require the version in place of an alias, because one process can be invoked by several aliases.
fn resolve_arn<'a>(arn: &'a str, version: &str) -> Option<(String, &'a str)> {
    let parts: Vec<_> = arn.split(':').collect();
    let (function, qualifier) = match parts.as_slice() {
        [_, _, _, _, _, "function", _] => (arn, None),
        [_, _, _, _, _, "function", _, qualifier] => {
            (arn.strip_suffix(qualifier)?.strip_suffix(':')?, Some(*qualifier))
        }
        _ => return None,
    };
    let resource = match qualifier {
        None => function.to_owned(),
        Some(qualifier) if version.is_empty() => format!("{function}:{qualifier}"),
        Some(_) => format!("{function}:{version}"),
    };
    Some((resource, parts[4]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alias_is_replaced_by_version() {
        let function = "arn:aws:lambda:eu-west-1:123456789012:function:orders";
        let version = format!("{function}:7");
        let alias = format!("{function}:live");
        for (arn, running, resource) in [
            (function, "$LATEST", function),
            (alias.as_str(), "7", version.as_str()),
            (version.as_str(), "7", version.as_str()),
            (alias.as_str(), "", alias.as_str()),
        ] {
            assert_eq!(resolve_arn(arn, running), Some((resource.to_owned(), "123456789012")));
        }
        for arn in ["", "orders", "arn:aws:s3:::bucket", "a:b:c:d:e:f:g:h:i"] {
            assert_eq!(resolve_arn(arn, "7"), None, "{arn}");
        }
    }
}
