//! [`Context`]: the metadata of an invocation.

mod environment;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;

use self::environment::Environment;
use crate::protocol;

/// The metadata of an invocation: its request id, its deadline, and what Lambda knows about the function and the
/// caller.
///
/// A handler takes it as a parameter. Only the request id is always present. The other methods return `None` if Lambda
/// did not send the header or did not set the environment variable, or if the value is malformed.
///
/// ```
/// use std::time::Duration;
///
/// use lambda_stream::{Context, ResponseStream, StreamError};
///
/// async fn handler(context: Context, mut stream: ResponseStream) -> Result<(), StreamError> {
///     while context.remaining().is_none_or(|remaining| remaining > Duration::from_secs(1)) {
///         stream.write("tick\n").await?;
///         tokio::time::sleep(Duration::from_millis(100)).await;
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Context {
    request_id: String,
    headers: HeaderMap,
    /// The deadline on tokio's clock, which is monotonic and which tests can pause. The time at which the context was
    /// created, if the deadline had already passed.
    deadline: Option<Instant>,
}

impl Context {
    /// Returns `None` if the request id is missing, empty or not ASCII: without it no response can be sent.
    pub(crate) fn from_headers(headers: HeaderMap) -> Option<Self> {
        let request_id = headers.get(&protocol::REQUEST_ID)?.to_str().ok()?;
        if request_id.is_empty() {
            return None;
        }
        let mut context = Self {
            request_id: request_id.to_owned(),
            headers,
            deadline: None,
        };
        if let Some(deadline) = context.deadline() {
            let remaining = deadline.duration_since(SystemTime::now()).unwrap_or_default();
            context.deadline = Instant::now().checked_add(remaining);
        }
        Some(context)
    }

    /// Returns the id of the request, which Lambda also writes to its logs.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Returns the time at which the function's timeout ends, in the precision of a millisecond.
    ///
    /// The runtime stops the handler [earlier](crate::Runtime::deadline_margin), by default 200 ms before.
    #[must_use]
    pub fn deadline(&self) -> Option<SystemTime> {
        let milliseconds = self.text(&protocol::DEADLINE_MS)?.parse().ok()?;
        UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds))
    }

    /// Returns the time until the [deadline](Self::deadline), or zero if it has passed.
    ///
    /// It is measured with tokio's clock. In a test that pauses this clock, it decreases when the clock advances. It is
    /// also `None` if the deadline is too far in the future for this clock.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        Some(self.deadline?.saturating_duration_since(Instant::now()))
    }

    /// Returns the ARN that the caller invoked: that of the function, of a version or of an alias.
    #[must_use]
    pub fn invoked_function_arn(&self) -> Option<&str> {
        self.text(&protocol::INVOKED_FUNCTION_ARN)
    }

    /// Returns the name of the function: the environment variable `AWS_LAMBDA_FUNCTION_NAME`. If it is not set, as in
    /// local mode, the name in the [ARN](Self::invoked_function_arn), which in local mode is the name of the program.
    #[must_use]
    pub fn function_name(&self) -> Option<&str> {
        let variable = Environment::get().function_name.as_deref();
        variable.or_else(|| name_in_arn(self.invoked_function_arn()?))
    }

    /// Returns the version of the function that runs, `$LATEST` or a number: the environment variable
    /// `AWS_LAMBDA_FUNCTION_VERSION`. Local mode does not set it.
    #[must_use]
    pub fn function_version(&self) -> Option<&str> {
        Environment::get().function_version.as_deref()
    }

    /// Returns the configured memory of the function in MB, such as 1,024 for 1 GB: the environment variable
    /// `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`. Local mode does not set it.
    #[must_use]
    pub fn memory_limit_mb(&self) -> Option<u32> {
        Environment::get().memory_limit_mb
    }

    /// Returns the log group of the function in CloudWatch Logs: the environment variable `AWS_LAMBDA_LOG_GROUP_NAME`.
    /// Local mode does not set it, and neither does Lambda for a function with SnapStart.
    #[must_use]
    pub fn log_group_name(&self) -> Option<&str> {
        Environment::get().log_group_name.as_deref()
    }

    /// Returns the log stream of this process in CloudWatch Logs: the environment variable `AWS_LAMBDA_LOG_STREAM_NAME`.
    /// Local mode does not set it, and neither does Lambda for a function with SnapStart.
    #[must_use]
    pub fn log_stream_name(&self) -> Option<&str> {
        Environment::get().log_stream_name.as_deref()
    }

    /// Returns the X-Ray trace id, in the format of the header `X-Amzn-Trace-Id`.
    ///
    /// The runtime does not set the environment variable `_X_AMZN_TRACE_ID`, from which the AWS SDK takes this header.
    /// [Trace ids and the AWS SDK] shows an interceptor that sets it, and explains why Lambda's recursive loop detection
    /// requires it.
    ///
    /// [Trace ids and the AWS SDK]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/protocol.md#trace-ids-and-the-aws-sdk
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.text(&protocol::TRACE_ID)
    }

    /// Returns the id of the tenant, if the function uses tenant isolation.
    #[must_use]
    pub fn tenant_id(&self) -> Option<&str> {
        self.text(&protocol::TENANT_ID)
    }

    /// Returns the client context, which the AWS Mobile SDK or another caller of `Invoke` sends.
    #[must_use]
    pub fn client_context(&self) -> Option<serde_json::Value> {
        self.json(&protocol::CLIENT_CONTEXT)
    }

    /// Returns the Amazon Cognito identity of the caller, which the AWS Mobile SDK sends.
    #[must_use]
    pub fn identity(&self) -> Option<serde_json::Value> {
        self.json(&protocol::COGNITO_IDENTITY)
    }

    /// Returns the invocation id. If Lambda sent it, the runtime sends it back with the response.
    pub(crate) fn invocation_id(&self) -> Option<&HeaderValue> {
        self.headers.get(&protocol::INVOCATION_ID)
    }

    fn text(&self, header: &HeaderName) -> Option<&str> {
        self.headers.get(header)?.to_str().ok().filter(|text| !text.is_empty())
    }

    fn json(&self, header: &HeaderName) -> Option<serde_json::Value> {
        serde_json::from_slice(self.headers.get(header)?.as_bytes()).ok()
    }
}

/// Returns the name in `arn:aws:lambda:<region>:<account>:function:<name>`, which a version or an alias may follow.
fn name_in_arn(arn: &str) -> Option<&str> {
    arn.split(':').nth(6).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST_ID: (&str, &[u8]) = ("lambda-runtime-aws-request-id", b"8476a536");

    fn context(headers: &[(&'static str, &[u8])]) -> Option<Context> {
        let headers = headers.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_bytes(value).expect("a header value"),
            )
        });
        Context::from_headers(headers.collect())
    }

    #[test]
    fn only_request_id_is_required() {
        let minimal = context(&[REQUEST_ID]).unwrap();
        assert_eq!(minimal.request_id(), "8476a536");
        assert_eq!(minimal.deadline(), None);
        assert_eq!(minimal.remaining(), None);
        assert_eq!(minimal.invoked_function_arn(), None);
        assert!(context(&[]).is_none());
        assert!(context(&[("lambda-runtime-aws-request-id", b"")]).is_none());
        assert!(context(&[("lambda-runtime-aws-request-id", b"\xff")]).is_none());
    }

    #[test]
    fn malformed_optional_header_is_none() {
        let malformed = context(&[
            REQUEST_ID,
            ("lambda-runtime-deadline-ms", b"-5 soon"),
            ("lambda-runtime-trace-id", b"\xff\xfe"),
            ("lambda-runtime-client-context", b"{\"client\":"),
        ])
        .unwrap();
        assert_eq!(malformed.deadline(), None);
        assert_eq!(malformed.trace_id(), None);
        assert_eq!(malformed.client_context(), None);
        let largest = ("lambda-runtime-deadline-ms", &b"18446744073709551615"[..]);
        let _ = context(&[REQUEST_ID, largest]).unwrap().remaining();
    }

    #[test]
    fn deadline_is_unix_milliseconds() {
        let past = context(&[REQUEST_ID, ("lambda-runtime-deadline-ms", b"1500")]).unwrap();
        assert_eq!(past.deadline(), Some(UNIX_EPOCH + Duration::from_millis(1500)));
        assert_eq!(past.remaining(), Some(Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn remaining_follows_paused_clock() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let header = (now + 60_000).to_string();
        let context = context(&[REQUEST_ID, ("lambda-runtime-deadline-ms", header.as_bytes())]).unwrap();
        let at_start = context.remaining().unwrap();
        assert!(at_start <= Duration::from_secs(60) && at_start > Duration::from_secs(30));
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(context.remaining(), Some(at_start - Duration::from_secs(10)));
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(context.remaining(), Some(Duration::ZERO));
        assert_eq!(
            context.deadline(),
            Some(UNIX_EPOCH + Duration::from_millis(header.parse().unwrap()))
        );
    }

    #[test]
    fn name_in_arn_is_found_with_and_without_qualifier() {
        assert_eq!(
            name_in_arn("arn:aws:lambda:eu-west-1:1:function:orders"),
            Some("orders")
        );
        assert_eq!(
            name_in_arn("arn:aws:lambda:eu-west-1:1:function:orders:live"),
            Some("orders")
        );
        assert_eq!(name_in_arn("arn:aws:lambda:eu-west-1:1:function:"), None);
        assert_eq!(name_in_arn("orders"), None);
    }
}
