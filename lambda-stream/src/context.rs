//! What Lambda says of an invocation besides its event.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::protocol;

/// The circumstances of one invocation, from the headers that came with its event.
///
/// Only the request id is certain. Everything else is `None` where Lambda did not send it, or sent something that
/// cannot be read.
#[derive(Debug, Clone)]
pub struct Context {
    request_id: String,
    headers: HeaderMap,
}

impl Context {
    /// `None` where the request id is missing or no text: without it no answer can be given.
    pub(crate) fn from_headers(headers: HeaderMap) -> Option<Self> {
        let request_id = headers.get(&protocol::REQUEST_ID)?.to_str().ok()?;
        if request_id.is_empty() {
            return None;
        }
        Some(Self {
            request_id: request_id.to_owned(),
            headers,
        })
    }

    /// The id of this invocation, as it stands in Lambda's logs.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// When Lambda will end this invocation.
    pub fn deadline(&self) -> Option<SystemTime> {
        let milliseconds = self.text(&protocol::DEADLINE_MS)?.parse().ok()?;
        UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds))
    }

    /// The time left until the [deadline](Self::deadline), zero when it has passed.
    pub fn remaining(&self) -> Option<Duration> {
        let deadline = self.deadline()?;
        Some(deadline.duration_since(SystemTime::now()).unwrap_or_default())
    }

    /// The ARN that was invoked: of the function, a version or an alias.
    pub fn invoked_function_arn(&self) -> Option<&str> {
        self.text(&protocol::INVOKED_FUNCTION_ARN)
    }

    /// The X-Ray trace id, in the form of the header `X-Amzn-Trace-Id`.
    pub fn trace_id(&self) -> Option<&str> {
        self.text(&protocol::TRACE_ID)
    }

    /// The tenant, where the function isolates tenants.
    pub fn tenant_id(&self) -> Option<&str> {
        self.text(&protocol::TENANT_ID)
    }

    /// What the AWS Mobile SDK, or the caller of `Invoke`, says of the client.
    pub fn client_context(&self) -> Option<serde_json::Value> {
        self.json(&protocol::CLIENT_CONTEXT)
    }

    /// The Cognito identity of the caller, where the AWS Mobile SDK called.
    pub fn identity(&self) -> Option<serde_json::Value> {
        self.json(&protocol::COGNITO_IDENTITY)
    }

    /// To be echoed with the answer, where Lambda sent it.
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

#[cfg(test)]
mod tests {
    use super::*;

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
    fn only_the_request_id_is_required() {
        let bare = context(&[("lambda-runtime-aws-request-id", b"8476a536")]).unwrap();
        assert_eq!(bare.request_id(), "8476a536");
        assert_eq!(bare.deadline(), None);
        assert_eq!(bare.remaining(), None);
        assert_eq!(bare.invoked_function_arn(), None);
        assert!(context(&[]).is_none());
        assert!(context(&[("lambda-runtime-aws-request-id", b"")]).is_none());
        assert!(context(&[("lambda-runtime-aws-request-id", b"\xff")]).is_none());
    }

    #[test]
    fn malformed_headers_are_as_good_as_none() {
        let odd = context(&[
            ("lambda-runtime-aws-request-id", b"1"),
            ("lambda-runtime-deadline-ms", b"-5 soon"),
            ("lambda-runtime-trace-id", b"\xff\xfe"),
            ("lambda-runtime-client-context", b"{\"client\":"),
        ])
        .unwrap();
        assert_eq!(
            (odd.deadline(), odd.trace_id(), odd.client_context()),
            (None, None, None)
        );
        let huge = [
            ("lambda-runtime-aws-request-id", &b"1"[..]),
            ("lambda-runtime-deadline-ms", b"18446744073709551615"),
        ];
        let _ = context(&huge).unwrap().remaining();
    }

    #[test]
    fn a_deadline_is_in_unix_milliseconds() {
        let some = [
            ("lambda-runtime-aws-request-id", &b"1"[..]),
            ("lambda-runtime-deadline-ms", b"1500"),
        ];
        let some = context(&some).unwrap();
        assert_eq!(some.deadline(), Some(UNIX_EPOCH + Duration::from_millis(1500)));
        assert_eq!(some.remaining(), Some(Duration::ZERO));
    }
}
