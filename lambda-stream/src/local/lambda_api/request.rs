//! Reads a request of the Lambda API: the event, and the parameters in the headers.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use hyper::body::Incoming;
use serde::de::IgnoredAny;

use super::super::activity::event::{RequestInfo, Source};
use super::super::broker::invocation::NewInvocation;
use super::super::identifiers::{self, RequestId};
use super::super::server::request_body::Budgeted;
use super::super::shared::Shared;
use super::super::variables;
use super::Operation;
use super::client_context;
use super::error::ApiError;
use super::function_name::FunctionName;

/// The longest event of an asynchronous invocation, in bytes.
const MAX_ASYNC_EVENT_LENGTH: usize = 1024 * 1024;

/// The longest tenant id, in bytes.
const MAX_TENANT_ID_LENGTH: usize = 256;

/// The longest trace header that is passed on, in bytes. Those of AWS have about 100.
const MAX_TRACE_HEADER_LENGTH: usize = 512;

/// When the caller gets its response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InvocationType {
    /// When the function has responded.
    RequestResponse,
    /// Immediately. The response of the function is discarded.
    Event,
    /// Immediately. The function is not invoked.
    DryRun,
}

/// A valid request.
#[derive(Debug)]
pub(super) struct InvokeRequest {
    pub(super) invocation_type: InvocationType,
    /// Whether the response contains the end of the log.
    pub(super) has_log: bool,
    name: FunctionName,
    source: Source,
    event: Bytes,
    /// JSON.
    client_context: Option<String>,
    tenant_id: Option<String>,
    trace_id: Option<String>,
}

impl InvokeRequest {
    /// Reads the headers and the body of a request.
    ///
    /// # Errors
    /// Returns an error if a parameter is not valid, or if the body is too large or not JSON.
    pub(super) async fn read(
        operation: Operation,
        name: FunctionName,
        headers: &HeaderMap,
        body: &mut Incoming,
        shared: &Shared,
    ) -> Result<Self, ApiError> {
        let invocation_type = invocation_type(operation, headers)?;
        let has_log = has_log(headers)?;
        let client_context = match header(headers, "x-amz-client-context") {
            // Lambda passes it to the function in synchronous invocations only.
            Some(base64) if invocation_type != InvocationType::Event => Some(client_context::decode(&base64)?),
            _ => None,
        };
        let tenant_id = tenant_id(headers)?;
        let body = shared.budget.read_body(body).await;
        let body = body.map_err(|error| ApiError::unreadable_body(&error))?;
        let length = body.as_ref().len();
        if invocation_type == InvocationType::Event && shared.settings.limits.size && length > MAX_ASYNC_EVENT_LENGTH {
            return Err(ApiError::too_large(MAX_ASYNC_EVENT_LENGTH));
        }
        check_json(body.as_ref())?;
        Ok(Self {
            invocation_type,
            has_log,
            name,
            source: match operation {
                Operation::Invoke => Source::Invoke,
                Operation::InvokeWithResponseStream => Source::InvokeWithResponseStream,
            },
            event: Bytes::from_owner(Event(body)),
            client_context,
            tenant_id,
            trace_id: trace_id(headers),
        })
    }

    /// Returns the invocation for this request.
    pub(super) fn into_invocation(self, id: RequestId) -> NewInvocation {
        let request = RequestInfo {
            source: self.source,
            method: "INVOKE".to_owned(),
            path: self.name.text,
            event: self.event,
        };
        NewInvocation {
            function_arn: variables::function_arn(self.name.qualifier.as_deref()),
            trace_id: self.trace_id.unwrap_or_else(identifiers::trace_header),
            client_context: self.client_context,
            tenant_id: self.tenant_id,
            ..NewInvocation::new(id, request)
        }
    }
}

/// An event, with its reservation in the memory budget.
struct Event(Budgeted<Vec<u8>>);

impl AsRef<[u8]> for Event {
    fn as_ref(&self) -> &[u8] {
        match self.0.as_ref() {
            // The event of a caller that sends no payload.
            [] => b"{}",
            body => body,
        }
    }
}

/// Returns the value of a header. Bytes that are not UTF-8 are replaced, and no parameter accepts the replacement.
fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.get(name).map(text).filter(|value| !value.is_empty())
}

fn invocation_type(operation: Operation, headers: &HeaderMap) -> Result<InvocationType, ApiError> {
    let allowed = match operation {
        Operation::Invoke => "[Event, RequestResponse, DryRun]",
        Operation::InvokeWithResponseStream => "[RequestResponse, DryRun]",
    };
    match (header(headers, "x-amz-invocation-type").as_deref(), operation) {
        (None | Some("RequestResponse"), _) => Ok(InvocationType::RequestResponse),
        (Some("DryRun"), _) => Ok(InvocationType::DryRun),
        (Some("Event"), Operation::Invoke) => Ok(InvocationType::Event),
        (Some(value), _) => Err(not_in_enum("invocationType", value, allowed)),
    }
}

fn has_log(headers: &HeaderMap) -> Result<bool, ApiError> {
    match header(headers, "x-amz-log-type").as_deref() {
        None | Some("None") => Ok(false),
        Some("Tail") => Ok(true),
        Some(value) => Err(not_in_enum("logType", value, "[None, Tail]")),
    }
}

fn not_in_enum(name: &str, value: &str, allowed: &str) -> ApiError {
    ApiError::validation(name, value, &format!("Member must satisfy enum value set: {allowed}"))
}

fn tenant_id(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/=+-@ ".contains(&byte);
    match header(headers, "x-amz-tenant-id") {
        Some(id) if id.len() > MAX_TENANT_ID_LENGTH => {
            let constraint = format!("Member must have length less than or equal to {MAX_TENANT_ID_LENGTH}");
            Err(ApiError::validation("tenantId", &id, &constraint))
        }
        Some(id) if !id.bytes().all(is_allowed) => {
            let constraint = "Member must satisfy regular expression pattern: [a-zA-Z0-9\\._:\\/=+\\-@ ]+";
            Err(ApiError::validation("tenantId", &id, constraint))
        }
        id => Ok(id),
    }
}

/// Returns the trace header of the caller. A malformed one is ignored.
fn trace_id(headers: &HeaderMap) -> Option<String> {
    let value = headers.get("x-amzn-trace-id")?.to_str().ok()?;
    let is_valid = value.contains("Root=") && value.len() <= MAX_TRACE_HEADER_LENGTH;
    is_valid.then(|| value.to_owned())
}

/// Checks that an event is JSON. An event without any byte is valid too.
fn check_json(event: &[u8]) -> Result<(), ApiError> {
    if event.is_empty() {
        return Ok(());
    }
    let checked = match std::str::from_utf8(event) {
        Ok(text) => serde_json::from_str::<IgnoredAny>(text).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    checked
        .map(|_| ())
        .map_err(|error| ApiError::invalid_content(format!("Could not parse request body into json: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: impl AsRef<[u8]>) -> HeaderMap {
        let value = HeaderValue::from_bytes(value.as_ref()).unwrap();
        HeaderMap::from_iter([(http::HeaderName::from_static(name), value)])
    }

    #[test]
    fn each_operation_has_its_invocation_types() {
        for (value, invoke, stream) in [
            ("RequestResponse", true, true),
            ("", true, true),
            ("DryRun", true, true),
            ("Event", true, false),
            ("event", false, false),
        ] {
            let headers = headers("x-amz-invocation-type", value);
            let is_valid = |operation| invocation_type(operation, &headers).is_ok();
            assert_eq!(is_valid(Operation::Invoke), invoke, "{value}");
            assert_eq!(is_valid(Operation::InvokeWithResponseStream), stream, "{value}");
        }
    }

    #[test]
    fn tenant_id_has_allowed_characters_only() {
        let is_valid = |value: &[u8]| tenant_id(&headers("x-amz-tenant-id", value)).is_ok();
        for value in ["a", "A.b_c:d/e=f+g-h@i j", &"x".repeat(256)] {
            assert!(is_valid(value.as_bytes()), "{value}");
        }
        for value in [b"a,b".as_slice(), b"\xc3\xa9", b"\xff", b"a\tb", &[b'x'; 257]] {
            assert!(!is_valid(value), "{value:?}");
        }
    }

    #[test]
    fn malformed_trace_header_is_ignored() {
        let trace = |value: &[u8]| trace_id(&headers("x-amzn-trace-id", value));
        let valid = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1";
        assert_eq!(trace(valid.as_bytes()).as_deref(), Some(valid));
        let long = format!("Root={}", "x".repeat(MAX_TRACE_HEADER_LENGTH));
        for value in [b"".as_slice(), b"1-5759e988", b"Root=\xff", long.as_bytes()] {
            assert_eq!(trace(value), None, "{value:?}");
        }
    }

    #[test]
    fn event_is_json_or_empty() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        for event in ["", "null", " {\"a\": 1} ", "1e999", "\"\\ud800\"", &deep] {
            assert!(check_json(event.as_bytes()).is_ok(), "{event:.20}");
        }
        for event in [
            b" ".as_slice(),
            b"{",
            b"{} {}",
            b"\"\xff\"",
            b"eyJhIjoxfQ==",
            b"\xef\xbb\xbf{}",
        ] {
            assert!(check_json(event).is_err(), "{event:?}");
        }
    }
}
