//! [`CallError`]: why a request to the Runtime API failed.

use std::error::Error as StdError;
use std::fmt::{self, Display};
use std::io;
use std::time::Duration;

use http::StatusCode;
use reqwest::Response;
use serde::Deserialize;

use crate::error::Closed;
use crate::protocol::{MAX_REJECTION_LENGTH, REJECTION_TIMEOUT};
use crate::stderr::OneLine;

/// Returns whether a connection was lost before the response headers arrived: it was closed, or a read or write failed.
///
/// Returns `false` if no connection could be established, or if the peer did not send HTTP.
pub(super) fn is_lost_connection(error: &reqwest::Error) -> bool {
    let mut sources = std::iter::successors(error.source(), |&error| error.source());
    let Some(error) = sources.find_map(|error| error.downcast_ref::<hyper::Error>()) else {
        return false;
    };
    let is_io_error = error.source().is_some_and(|source| source.is::<std::io::Error>());
    error.is_incomplete_message() || error.is_canceled() || is_io_error
}

/// Returns what to do about an error of the operating system that the configuration of the machine causes, to be appended
/// to its text, or an empty string.
pub(crate) fn os_error_hint(error: &(dyn StdError + 'static)) -> &'static str {
    // ENFILE and EMFILE have the same numbers on all Unix systems that tokio supports.
    const TOO_MANY_OPEN_FILES: [i32; 2] = [23, 24];
    let mut errors = std::iter::successors(Some(error), |&error| error.source());
    let code = errors.find_map(|error| error.downcast_ref::<io::Error>()?.raw_os_error());
    match code {
        Some(code) if cfg!(unix) && TOO_MANY_OPEN_FILES.contains(&code) => {
            "; close unused files and connections, or raise the limit of open files (`ulimit -n`)"
        }
        _ => "",
    }
}

/// Why a request to the Runtime API failed.
#[derive(Debug)]
pub(crate) struct CallError {
    /// The request, such as `GET invocation/next`.
    call: &'static str,
    cause: Cause,
}

#[derive(Debug)]
enum Cause {
    /// The request could not be sent, or the response could not be read.
    Transport(reqwest::Error),
    /// The status of the response is not 2xx.
    Rejected {
        status: StatusCode,
        error_type: Option<String>,
        message: Option<String>,
    },
    /// The response has status 2xx, but not what the protocol requires.
    Malformed(&'static str),
    /// No response arrived within this time.
    Timeout(Duration),
    /// `AWS_LAMBDA_RUNTIME_API` cannot be used.
    InvalidEndpoint { endpoint: String, reason: &'static str },
}

/// The body of a response with which Lambda rejects a request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RejectionBody {
    error_type: Option<String>,
    error_message: Option<String>,
}

impl CallError {
    pub(crate) fn transport(call: &'static str, error: reqwest::Error) -> Self {
        let cause = Cause::Transport(error);
        Self { call, cause }
    }

    pub(super) fn malformed(call: &'static str, reason: &'static str) -> Self {
        let cause = Cause::Malformed(reason);
        Self { call, cause }
    }

    pub(super) fn timeout(call: &'static str, timeout: Duration) -> Self {
        let cause = Cause::Timeout(timeout);
        Self { call, cause }
    }

    pub(super) fn invalid_endpoint(endpoint: &str, reason: &'static str) -> Self {
        Self {
            call: "parsing AWS_LAMBDA_RUNTIME_API",
            cause: Cause::InvalidEndpoint {
                endpoint: endpoint.to_owned(),
                reason,
            },
        }
    }

    /// Creates the error for a response whose status is not 2xx. Reads the body for Lambda's error type and message,
    /// but at most [`MAX_REJECTION_LENGTH`] bytes for [`REJECTION_TIMEOUT`].
    pub(crate) async fn rejected(call: &'static str, mut response: Response) -> Self {
        let status = response.status();
        let mut body = Vec::new();
        let read = async {
            while let Ok(Some(chunk)) = response.chunk().await {
                body.extend_from_slice(&chunk);
                if body.len() > MAX_REJECTION_LENGTH {
                    break;
                }
            }
        };
        // After the timeout the error is created without them.
        let _ = tokio::time::timeout(REJECTION_TIMEOUT, read).await;
        let body = serde_json::from_slice::<RejectionBody>(&body).ok();
        let (error_type, message) = body.map_or((None, None), |body| (body.error_type, body.error_message));
        Self {
            call,
            cause: Cause::Rejected {
                status,
                error_type,
                message,
            },
        }
    }

    /// Returns the reason with which the writer's response is closed.
    pub(crate) fn to_closed(&self) -> Closed {
        let error_type = match &self.cause {
            Cause::Rejected { error_type, .. } => error_type.as_deref(),
            Cause::Transport(_) | Cause::Malformed(_) | Cause::Timeout(_) | Cause::InvalidEndpoint { .. } => None,
        };
        Closed::new(error_type, self)
    }
}

/// One line, with the text of all sources.
impl Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let call = self.call;
        match &self.cause {
            Cause::Transport(error) => {
                write!(f, "{call} failed: {error}")?;
                for source in std::iter::successors(error.source(), |&error| error.source()) {
                    write!(f, ": {source}")?;
                }
                f.write_str(os_error_hint(error))
            }
            Cause::Rejected {
                status,
                error_type,
                message,
            } => {
                write!(f, "{call} was rejected with status {status}")?;
                for text in [error_type, message].into_iter().flatten() {
                    write!(f, ": {}", OneLine(text))?;
                }
                Ok(())
            }
            Cause::Malformed(reason) => write!(f, "the response to {call} is malformed: {reason}"),
            Cause::Timeout(timeout) => write!(f, "{call} failed: no response within {timeout:?}"),
            Cause::InvalidEndpoint { endpoint, reason } => write!(
                f,
                "AWS_LAMBDA_RUNTIME_API is {endpoint:?}, which cannot be used: {reason}; set it to `host:port` or \
                 `http://host:port/path`, or unset it to run the function on this machine"
            ),
        }
    }
}

impl StdError for CallError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.cause {
            Cause::Transport(error) => Some(error),
            Cause::Rejected { .. } | Cause::Malformed(_) | Cause::Timeout(_) | Cause::InvalidEndpoint { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_too_many_open_files_has_a_hint() {
        let hint = |code| os_error_hint(&io::Error::from_raw_os_error(code));
        assert!(hint(24).contains("`ulimit -n`"));
        // EACCES, EPIPE
        assert_eq!([hint(13), hint(32)], ["", ""]);
        assert_eq!(os_error_hint(&io::Error::other("no code")), "");
    }

    #[test]
    fn http_client_error_is_source() {
        let error = reqwest::Client::new().get("no URL").build().unwrap_err();
        let error = CallError::transport("GET x", error);
        assert!(error.source().is_some_and(|source| source.is::<reqwest::Error>()));
        assert!(CallError::malformed("GET x", "no reason").source().is_none());
    }
}
