//! Where this process finds its Runtime API: in Lambda's environment, or, on a laptop, in itself.

use std::future::Future;

use super::RuntimeError;
#[cfg(feature = "local")]
use crate::local;
use crate::signals::Interrupts;

pub(super) enum Endpoint {
    Lambda(String),
    #[cfg(feature = "local")]
    Local(local::Session),
}

impl Endpoint {
    /// `None` where there is nothing to run, since the command line only asked for help.
    pub(super) fn find() -> Result<Option<Self>, RuntimeError> {
        match std::env::var("AWS_LAMBDA_RUNTIME_API") {
            Ok(endpoint) if !endpoint.is_empty() => Ok(Some(Self::Lambda(endpoint))),
            _ => Self::here(),
        }
    }

    #[cfg(feature = "local")]
    fn here() -> Result<Option<Self>, RuntimeError> {
        Ok(local::start(std::env::args_os().skip(1))?.map(Self::Local))
    }

    #[cfg(not(feature = "local"))]
    fn here() -> Result<Option<Self>, RuntimeError> {
        Err(RuntimeError::no_runtime_api())
    }

    pub(super) fn runtime_api(&self) -> &str {
        match self {
            Self::Lambda(endpoint) => endpoint,
            #[cfg(feature = "local")]
            Self::Local(session) => session.runtime_api(),
        }
    }

    /// Whether this is Lambda, or a program that plays Lambda.
    pub(super) fn is_lambda(&self) -> bool {
        matches!(self, Self::Lambda(_))
    }

    /// Serves until that ends, or until what the command line asked for is done, and sees to it that callers have what
    /// was answered. The inner result is that of the one invocation that a command line may have asked for.
    pub(super) async fn until_done(
        self,
        serving: impl Future<Output = Result<(), RuntimeError>>,
    ) -> Result<Result<(), RuntimeError>, RuntimeError> {
        let interrupts = Interrupts::listen().map_err(RuntimeError::signals)?;
        match self {
            Self::Lambda(_) => {
                tokio::spawn(interrupts.exit_on_second());
                serving.await.map(Ok)
            }
            #[cfg(feature = "local")]
            Self::Local(mut session) => {
                use futures::future::{Either, select};
                // In the servers' thread: a handler that holds its own would hear nothing.
                session.spawn(interrupts.exit_on_second());
                let ended = match select(std::pin::pin!(serving), std::pin::pin!(session.one_shot_result())).await {
                    Either::Left((served, _)) => served.map(|()| None)?,
                    Either::Right((ended, _)) => Some(ended),
                };
                let ended = match ended {
                    Some(ended) => ended,
                    None => session.shut_down().await,
                };
                Ok(match ended {
                    local::OneShotResult::Succeeded => Ok(()),
                    local::OneShotResult::Failed => Err(RuntimeError::invocation_failed()),
                })
            }
        }
    }
}
