//! Why a call of the Runtime API failed, and what is to be said of it. It knows answers, and no requests.

use std::fmt::{self, Display};
use std::time::Duration;

use http::StatusCode;
use reqwest::Response;
use serde::Deserialize;

use crate::error::Closed;
use crate::logging::OneLine;
use crate::protocol::{MAX_REJECTION_LENGTH, REJECTION_TIMEOUT};

/// Whether a call failed because its connection ended, or could not be used, before the head of an answer came.
///
/// Not where there was no connection to begin with, and not where what came is no HTTP.
pub(super) fn is_lost_connection(error: &reqwest::Error) -> bool {
    let sources = std::iter::successors(std::error::Error::source(error), |error| error.source());
    let mut sources = sources.filter_map(|error| error.downcast_ref::<hyper::Error>());
    let Some(error) = sources.next() else {
        return false;
    };
    let is_of_the_socket = std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>());
    error.is_incomplete_message() || error.is_canceled() || is_of_the_socket
}

/// Why a call of the Runtime API failed.
#[derive(Debug)]
pub(crate) struct CallError {
    call: &'static str,
    why: Why,
}

#[derive(Debug)]
enum Why {
    Transport(reqwest::Error),
    Refused {
        status: StatusCode,
        error_type: Option<String>,
        message: Option<String>,
    },
    Malformed(&'static str),
    Unanswered(Duration),
    Endpoint(String),
}

/// What Lambda says when it refuses.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Refusal {
    error_type: Option<String>,
    error_message: Option<String>,
}

impl CallError {
    pub(super) fn transport(call: &'static str, error: reqwest::Error) -> Self {
        Self {
            call,
            why: Why::Transport(error),
        }
    }

    pub(super) fn malformed(call: &'static str, what: &'static str) -> Self {
        let why = Why::Malformed(what);
        Self { call, why }
    }

    pub(super) fn unanswered(call: &'static str, waited: Duration) -> Self {
        let why = Why::Unanswered(waited);
        Self { call, why }
    }

    /// There is nothing to call at `endpoint`.
    pub(super) fn endpoint(endpoint: &str) -> Self {
        Self {
            call: "the Runtime API",
            why: Why::Endpoint(endpoint.to_owned()),
        }
    }

    pub(super) async fn refused(call: &'static str, mut response: Response) -> Self {
        let status = response.status();
        let mut body = Vec::new();
        let reading = async {
            while let Ok(Some(piece)) = response.chunk().await {
                body.extend_from_slice(&piece);
                if body.len() > MAX_REJECTION_LENGTH {
                    break;
                }
            }
        };
        // Who waits for this is to hear of the refusal, with or without Lambda's words.
        let _ = tokio::time::timeout(REJECTION_TIMEOUT, reading).await;
        let refusal = serde_json::from_slice::<Refusal>(&body).ok();
        let (error_type, message) = refusal.map_or((None, None), |said| (said.error_type, said.error_message));
        Self {
            call,
            why: Why::Refused {
                status,
                error_type,
                message,
            },
        }
    }

    /// As the writer of the response is told.
    pub(crate) fn closed(&self) -> Closed {
        let error_type = match &self.why {
            Why::Refused { error_type, .. } => error_type.as_deref(),
            Why::Transport(_) | Why::Malformed(_) | Why::Unanswered(_) | Why::Endpoint(_) => None,
        };
        Closed::new(error_type, self)
    }
}

impl Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.why {
            Why::Transport(error) => {
                write!(f, "{} failed: {error}", self.call)?;
                let mut source = std::error::Error::source(error);
                while let Some(error) = source {
                    write!(f, ": {error}")?;
                    source = error.source();
                }
                Ok(())
            }
            Why::Refused {
                status,
                error_type,
                message,
            } => {
                write!(f, "{} was refused with {status}", self.call)?;
                for said in [error_type, message].into_iter().flatten() {
                    write!(f, ": {}", OneLine(said))?;
                }
                Ok(())
            }
            Why::Endpoint(endpoint) => write!(
                f,
                "AWS_LAMBDA_RUNTIME_API is {endpoint:?}, and not host:port: unset it to run the function here"
            ),
            Why::Unanswered(waited) => write!(f, "{} was not answered within {waited:?}", self.call),
            Why::Malformed(what) => write!(f, "the answer to {} is malformed: {what}", self.call),
        }
    }
}
