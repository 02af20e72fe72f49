//! Where this process finds its Runtime API: in Lambda's environment, or, on a laptop, in itself.

use std::convert::Infallible;
use std::future::Future;

use super::RuntimeError;
#[cfg(feature = "local")]
use crate::local;

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

    /// Serves until that fails, or until what the command line asked for is done.
    pub(super) async fn unless_ended(
        self,
        serving: impl Future<Output = Result<Infallible, RuntimeError>>,
    ) -> Result<(), RuntimeError> {
        match self {
            Self::Lambda(_) => serving.await.map(|never| match never {}),
            #[cfg(feature = "local")]
            Self::Local(session) => {
                use futures::future::{Either, select};
                match select(std::pin::pin!(serving), std::pin::pin!(session.ended())).await {
                    Either::Left((served, _)) => served.map(|never| match never {}),
                    Either::Right((local::Ended::Succeeded, _)) => Ok(()),
                    Either::Right((local::Ended::Failed, _)) => Err(RuntimeError::invocation_failed()),
                }
            }
        }
    }
}
