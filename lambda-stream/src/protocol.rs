//! Header names, content types, size limits and timeouts of Lambda's protocols.
//!
//! The Runtime API, the Extensions API, the prelude of HTTP responses and the Application Load Balancer each set limits.
//! Every one of them is defined here, with its source.

use std::time::Duration;

use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderName, HeaderValue};

/// Headers of the response to `GET invocation/next`. Lambda guarantees only [`REQUEST_ID`].
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-request-id");
pub(crate) const DEADLINE_MS: HeaderName = HeaderName::from_static("lambda-runtime-deadline-ms");
pub(crate) const INVOKED_FUNCTION_ARN: HeaderName = HeaderName::from_static("lambda-runtime-invoked-function-arn");
pub(crate) const TRACE_ID: HeaderName = HeaderName::from_static("lambda-runtime-trace-id");
pub(crate) const TENANT_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-tenant-id");
pub(crate) const CLIENT_CONTEXT: HeaderName = HeaderName::from_static("lambda-runtime-client-context");
pub(crate) const COGNITO_IDENTITY: HeaderName = HeaderName::from_static("lambda-runtime-cognito-identity");

/// Identifies an invocation beyond its request id. Where Lambda sends it, the runtime sends it back with the response.
pub(crate) const INVOCATION_ID: HeaderName = HeaderName::from_static("lambda-runtime-invocation-id");

/// Selects a streamed response on `POST invocation/{id}/response`; its value is `streaming`.
pub(crate) const RESPONSE_MODE: HeaderName = HeaderName::from_static("lambda-runtime-function-response-mode");

/// The error type: a header of `POST …/error`, and a trailer of a streamed response that fails.
pub(crate) const ERROR_TYPE: HeaderName = HeaderName::from_static("lambda-runtime-function-error-type");

/// The error as base64 of its JSON: a trailer of a streamed response that fails.
pub(crate) const ERROR_BODY: HeaderName = HeaderName::from_static("lambda-runtime-function-error-body");

/// The value of the `Trailer` header of every streamed response.
///
/// Lambda's server and hyper both drop a trailer that the `Trailer` header does not declare. When the head is sent the
/// client does not know yet whether the handler will fail, so it always declares both.
pub(crate) const DECLARED_TRAILERS: HeaderValue =
    HeaderValue::from_static("Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body");

/// The error type of a handler or a hook that was stopped because its time was over.
pub(crate) const HANDLER_TIMEOUT: &str = "Function.Timeout";

/// The error type of an event that does not have the form that the handler takes.
pub(crate) const INVALID_EVENT: &str = "Function.InvalidEvent";

/// The error type of an HTTP response whose status counts as an error of the function.
#[cfg(feature = "http")]
pub(crate) const ERROR_STATUS: &str = "Function.ErrorStatus";

/// Headers of the Extensions API.
pub(crate) const EXTENSION_NAME: HeaderName = HeaderName::from_static("lambda-extension-name");
pub(crate) const EXTENSION_IDENTIFIER: HeaderName = HeaderName::from_static("lambda-extension-identifier");

/// The content type of a streamed body for which the handler chose none.
pub(crate) const OCTET_STREAM: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// The content type of JSON documents.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The content type of server-sent events.
pub(crate) const EVENT_STREAM: &str = "text/event-stream";

/// The content type of newline-delimited JSON.
pub(crate) const NDJSON: &str = "application/x-ndjson";

/// The content type of a streamed response whose body starts with a prelude.
pub(crate) const INTEGRATION_RESPONSE: HeaderValue =
    HeaderValue::from_static("application/vnd.awslambda.http-integration-response");

/// Separates the prelude's JSON from the body. JSON cannot contain a raw NUL, so the delimiter is unambiguous.
pub(crate) const PRELUDE_DELIMITER: &[u8; 8] = &[0; 8];

/// The longest prelude with its delimiter, in bytes: API Gateway looks for the delimiter only in the first 16 KiB.
pub(crate) const MAX_PRELUDE_LENGTH: usize = 16 * 1024;

/// Headers that a prelude never contains.
///
/// They describe a body of known length on one connection. With a chunked body they make API Gateway respond with 502,
/// and local tools truncate the response.
pub(crate) const NEVER_IN_PRELUDE: [HeaderName; 3] = [CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION];

/// The longest trailer section, with the final CRLF, in bytes.
///
/// Lambda's server is written in Go. `net/http` reads the trailer section within one buffer of 4 KiB, and rejects the
/// whole response if the section is longer.
pub(crate) const MAX_TRAILERS_LENGTH: usize = 4096;

/// The longest error type that is reported, in bytes. Lambda's own error types have about 40.
pub(crate) const MAX_ERROR_TYPE_LENGTH: usize = 256;

/// The longest error report in the body of a POST, in bytes.
///
/// Lambda's own limit is 6 MB. It rejects a longer report, and the caller then gets no error at all.
pub(crate) const MAX_ERROR_REPORT_LENGTH: usize = 64 * 1024;

/// How much of the body of a rejection is read, in bytes.
pub(crate) const MAX_REJECTION_LENGTH: usize = 64 * 1024;

/// The longest event, in bytes. Lambda rejects a longer one.
pub(crate) const MAX_EVENT_LENGTH: usize = 6 * 1024 * 1024;

/// The longest response to an Application Load Balancer, in bytes (quotas of Elastic Load Balancing).
pub(crate) const MAX_ALB_RESPONSE_LENGTH: usize = 1024 * 1024;

/// The pause before the next poll after a Runtime API responded that it has no event.
///
/// The emulator of `cargo lambda watch` may send that response immediately, again and again.
pub(crate) const IDLE_POLL_INTERVAL: Duration = Duration::from_millis(20);

/// How long the client reads the body of a rejection.
pub(crate) const REJECTION_TIMEOUT: Duration = Duration::from_secs(1);

/// How long `init` may run before the runtime polls for the first event, if Lambda limits the init phase.
///
/// The limit is 10 s from the start of the process. A process that exceeds it is killed and starts again.
pub(crate) const MAX_INIT_PHASE: Duration = Duration::from_secs(9);

/// How long the process waits for the response to `init/error` and `restore/error` before it exits.
pub(crate) const FATAL_REPORT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long the registration as an extension may delay the first invocation. The Extensions API is on the same machine.
pub(crate) const REGISTRATION_TIMEOUT: Duration = Duration::from_secs(1);

/// How long the process waits for the rest of an event's body after a shutdown was requested.
pub(crate) const SHUTDOWN_EVENT_TIMEOUT: Duration = Duration::from_secs(2);

/// The most concurrent invocations, and thus polls, of a process.
///
/// It is the largest `PerExecutionEnvironmentMaxConcurrency` that Lambda Managed Instances accept.
pub(crate) const MAX_CONCURRENCY: usize = 1600;

/// How long before the deadline the runtime stops a handler, by default.
///
/// Lambda kills the process at the deadline. The margin leaves time to send the error trailers.
pub(crate) const DEFAULT_DEADLINE_MARGIN: Duration = Duration::from_millis(200);

/// How long after the deadline the runtime waits for Lambda's response to a POST.
///
/// Lambda kills the process at the deadline, but an emulator does not, and clocks differ.
pub(crate) const DELIVERY_GRACE: Duration = Duration::from_secs(1);

/// How long the `on_shutdown` hook may run.
///
/// Lambda kills a process that registered an extension 500 ms after SIGTERM. The rest of that time is for the log line
/// about a hook that takes too long.
pub(crate) const SHUTDOWN_HOOK_TIMEOUT: Duration = Duration::from_millis(450);
