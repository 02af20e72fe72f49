//! The trace id of an invocation, in requests to AWS services.

use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use lambda_stream::Context;

/// Sets the header `X-Amzn-Trace-Id` of a request to the trace id of an invocation.
///
/// The SDK sets the header itself only if the environment variable `_X_AMZN_TRACE_ID` is set. The interceptor replaces
/// that value, which would be wrong with concurrent invocations.
#[derive(Clone, Debug)]
pub(crate) struct TraceId(Option<String>);

impl TraceId {
    pub(crate) fn of(context: &Context) -> Self {
        Self(context.trace_id().map(str::to_owned))
    }
}

impl Intercept for TraceId {
    fn name(&self) -> &'static str {
        "TraceId"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(trace_id) = &self.0 {
            let headers = context.request_mut().headers_mut();
            headers.try_insert("x-amzn-trace-id", trace_id.clone())?;
        }
        Ok(())
    }
}
