//! The tracer: starts spans, and gives the span of an invocation its name and kind.

use std::borrow::Cow;

use opentelemetry::Context;
use opentelemetry::trace::{SpanBuilder, SpanKind, Tracer};
use opentelemetry_sdk::trace::{SdkTracer, Span};

use super::config::variable;
use super::span::INVOCATION_ID;

/// A tracer for the spans of the library and of the user.
#[derive(Debug, Clone)]
pub(super) struct InvocationTracer {
    tracer: SdkTracer,
    /// The name of the span of an invocation.
    function_name: Option<Cow<'static, str>>,
}

impl InvocationTracer {
    pub(super) fn new(tracer: SdkTracer) -> Self {
        Self {
            tracer,
            function_name: variable("AWS_LAMBDA_FUNCTION_NAME").map(Cow::Owned),
        }
    }
}

impl Tracer for InvocationTracer {
    type Span = Span;

    /// `tracing` has neither span kinds nor names that are determined at run time.
    fn build_with_context(&self, mut builder: SpanBuilder, parent: &Context) -> Span {
        let attributes = builder.attributes.as_deref().unwrap_or_default();
        if attributes
            .iter()
            .any(|attribute| attribute.key.as_str() == INVOCATION_ID)
        {
            builder.span_kind = Some(SpanKind::Server);
            if let Some(name) = &self.function_name {
                builder.name = name.clone();
            }
        }
        self.tracer.build_with_context(builder, parent)
    }
}
