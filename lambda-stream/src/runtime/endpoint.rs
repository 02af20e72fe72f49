//! The Runtime API that this process uses: Lambda's, or the one of local mode.

use std::future::Future;

use super::RuntimeError;
#[cfg(feature = "local")]
use crate::local;
#[cfg(feature = "local")]
use crate::signals;
use crate::signals::Interrupts;

pub(super) enum Endpoint {
    /// The value of `AWS_LAMBDA_RUNTIME_API`.
    Lambda(String),
    #[cfg(feature = "local")]
    Local(local::Session),
}

impl Endpoint {
    /// Reads `AWS_LAMBDA_RUNTIME_API`, or starts local mode if it is not set.
    ///
    /// Returns `None` if this process does not need a Runtime API: it printed text, or local mode ran the function in
    /// child processes and has shut down.
    pub(super) async fn find() -> Result<Option<Self>, RuntimeError> {
        match std::env::var("AWS_LAMBDA_RUNTIME_API") {
            Ok(endpoint) if !endpoint.is_empty() => {
                #[cfg(feature = "local")]
                local::end_with_service();
                Ok(Some(Self::Lambda(endpoint)))
            }
            _ => Self::start_local().await,
        }
    }

    #[cfg(feature = "local")]
    async fn start_local() -> Result<Option<Self>, RuntimeError> {
        match local::start(std::env::args_os().skip(1))? {
            local::Started::Nothing => Ok(None),
            local::Started::Session(session) => Ok(Some(Self::Local(session))),
            local::Started::Service(service) => {
                service.ended().await;
                Ok(None)
            }
        }
    }

    #[cfg(not(feature = "local"))]
    async fn start_local() -> Result<Option<Self>, RuntimeError> {
        Err(RuntimeError::no_runtime_api())
    }

    /// Returns the address of the Runtime API, in the form of `AWS_LAMBDA_RUNTIME_API`.
    pub(super) fn runtime_api(&self) -> &str {
        match self {
            Self::Lambda(endpoint) => endpoint,
            #[cfg(feature = "local")]
            Self::Local(session) => session.runtime_api(),
        }
    }

    /// Returns whether the Runtime API is Lambda's, or that of an emulator outside of this process.
    pub(super) fn is_lambda(&self) -> bool {
        matches!(self, Self::Lambda(_))
    }

    /// Runs the event loops until they end. In local mode, ends them when the invocation of `--event` has ended, and
    /// waits until all callers have received their responses.
    ///
    /// # Errors
    /// The outer result is that of the event loops. The inner result is that of the invocation of `--event`, after
    /// which the shutdown hook still runs.
    pub(super) async fn serve(
        self,
        event_loops: impl Future<Output = Result<(), RuntimeError>>,
    ) -> Result<Result<(), RuntimeError>, RuntimeError> {
        match self {
            Self::Lambda(_) => {
                let interrupts = Interrupts::listen().map_err(RuntimeError::signals)?;
                tokio::spawn(interrupts.exit_on_second());
                event_loops.await.map(Ok)
            }
            #[cfg(feature = "local")]
            Self::Local(mut session) => {
                use futures::future::{Either, select};
                signals::start_exit_thread().map_err(RuntimeError::signals)?;
                let ended = match select(std::pin::pin!(event_loops), std::pin::pin!(session.one_shot_result())).await {
                    Either::Left((result, _)) => result.map(|()| None)?,
                    Either::Right((ended, _)) => Some(ended),
                };
                let ended = match ended {
                    Some(ended) => ended,
                    None => session.shut_down().await,
                };
                Ok(match ended {
                    local::OneShotResult::Succeeded => Ok(()),
                    local::OneShotResult::Failed => Err(RuntimeError::invocation_failed()),
                    local::OneShotResult::Differs => Err(RuntimeError::replay_differs()),
                })
            }
        }
    }
}
