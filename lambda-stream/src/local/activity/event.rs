//! The records of [`Activity`](super::Activity).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;
#[cfg(feature = "otel")]
use std::time::SystemTime;

use bytes::Bytes;

use super::super::identifiers::RequestId;

/// One record.
#[derive(Debug)]
pub(crate) struct Record {
    /// Counts from 1. In the history, numbers are missing if their records were removed.
    pub(crate) sequence: u64,
    /// The time since local mode started.
    pub(crate) at: Duration,
    pub(crate) event: Event,
}

/// An execution environment. Numbers count from 1 and are not used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct EnvironmentId(pub(crate) u32);

impl fmt::Display for EnvironmentId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// What happened.
#[derive(Debug)]
pub(crate) enum Event {
    /// A process was started. `build` counts the builds of the function that local mode has seen, from 1.
    EnvironmentStarted {
        environment: EnvironmentId,
        process_id: u32,
        build: u32,
    },
    /// The environment polled for its first event, `init` after its start.
    EnvironmentReady { environment: EnvironmentId, init: Duration },
    /// The process has ended.
    EnvironmentStopped {
        environment: EnvironmentId,
        reason: String,
        /// Local mode stopped the idle process, for a new build or for the shutdown.
        is_expected: bool,
    },
    /// The program file has changed. New requests go to environments of this build.
    BuildChanged { build: u32 },
    /// A front end received a request.
    Invoked {
        id: RequestId,
        request: Arc<RequestInfo>,
        function_arn: String,
        /// JSON.
        client_context: Option<String>,
        tenant_id: Option<String>,
    },
    /// An environment received the event.
    Delivered {
        id: RequestId,
        environment: EnvironmentId,
        /// The event is the first one of its environment.
        is_cold_start: bool,
        /// In milliseconds since the Unix epoch.
        deadline: u64,
    },
    /// The function began to respond.
    ResponseStarted {
        id: RequestId,
        /// The content type of a streaming response. `None`: the response is buffered.
        content_type: Option<String>,
    },
    /// A piece of the response. The chunks of a streaming response are those that the Runtime API received.
    Chunk {
        id: RequestId,
        /// In the history, empty if the response is too long to be retained.
        data: Bytes,
        size: usize,
    },
    /// The response has ended.
    ResponseEnded {
        id: RequestId,
        error: Option<InvocationError>,
    },
    /// The front end chose the HTTP status. `None`: the caller disconnected before.
    StatusSent { id: RequestId, status: Option<u16> },
    /// The function polled for its next event, or its process ended.
    Completed { id: RequestId },
    /// The function wrote a line.
    Log {
        environment: EnvironmentId,
        /// The invocation that was running, if there was exactly one, or the last one if the environment was idle.
        id: Option<RequestId>,
        output: Output,
        line: String,
    },
    /// The function exported a span.
    #[cfg(feature = "otel")]
    Span { id: RequestId, span: SpanInfo },
}

/// A span of an invocation.
#[cfg(feature = "otel")]
#[derive(Debug, PartialEq)]
pub(crate) struct SpanInfo {
    pub(crate) name: String,
    /// In hexadecimal.
    pub(crate) span_id: String,
    /// In hexadecimal. Empty without a parent.
    pub(crate) parent_id: String,
    pub(crate) start: SystemTime,
    pub(crate) duration: Duration,
    pub(crate) attributes: Vec<(String, String)>,
    /// The description of the status, if the status is an error.
    pub(crate) error: Option<String>,
}

/// An output of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    Stdout,
    Stderr,
}

/// A request as the front end received it.
#[derive(Debug, PartialEq)]
pub(crate) struct RequestInfo {
    pub(crate) source: Source,
    /// The method of an HTTP request, else `INVOKE`.
    pub(crate) method: String,
    /// The path and query of an HTTP request, else the name of the function.
    pub(crate) path: String,
    pub(crate) event: Bytes,
}

/// The front end of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    FunctionUrl,
    RestApi,
    /// `Invoke` of the Lambda API.
    Invoke,
    /// `InvokeWithResponseStream` of the Lambda API.
    InvokeWithResponseStream,
    /// The form of the viewer.
    Viewer,
    /// The command line: `--event` or `--replay`.
    CommandLine,
}

impl Source {
    /// Returns the name for the terminal, the viewer and records.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FunctionUrl => "Function URL",
            Self::RestApi => "REST API",
            Self::Invoke => "Invoke",
            Self::InvokeWithResponseStream => "InvokeWithResponseStream",
            Self::Viewer => "viewer",
            Self::CommandLine => "command line",
        }
    }
}

/// The error of a failed invocation, reported by the function or detected by local mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InvocationError {
    pub(crate) error_type: String,
    pub(crate) message: String,
    /// The JSON that the function reported, with its stack trace. Empty if local mode detected the error.
    pub(crate) json: Bytes,
}

impl InvocationError {
    /// Returns an error that local mode detected.
    pub(crate) fn new(error_type: &str, message: impl Into<String>) -> Self {
        Self {
            error_type: error_type.to_owned(),
            message: message.into(),
            json: Bytes::new(),
        }
    }

    /// Returns the error for a truncated response.
    pub(crate) fn truncated() -> Self {
        Self::new(
            "Runtime.TruncatedResponse",
            "the function's response ended before it was complete",
        )
    }
}

impl Event {
    /// Returns the invocation that the record belongs to.
    pub(crate) fn id(&self) -> Option<&RequestId> {
        match self {
            Self::EnvironmentStarted { .. }
            | Self::EnvironmentReady { .. }
            | Self::EnvironmentStopped { .. }
            | Self::BuildChanged { .. } => None,
            Self::Invoked { id, .. }
            | Self::Delivered { id, .. }
            | Self::ResponseStarted { id, .. }
            | Self::Chunk { id, .. }
            | Self::ResponseEnded { id, .. }
            | Self::StatusSent { id, .. }
            | Self::Completed { id } => Some(id),
            Self::Log { id, .. } => id.as_ref(),
            #[cfg(feature = "otel")]
            Self::Span { id, .. } => Some(id),
        }
    }
}
