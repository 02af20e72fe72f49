//! What a generated `main` does: starts the asynchronous runtime, runs the function in it, and turns how that ended into
//! an exit status.

use std::future::Future;
use std::process::ExitCode;

use super::{Runtime, RuntimeError, concurrency};
use crate::error::Error;
use crate::handler::Invocation;
use crate::handler::macro_support::MacroHandler;
use crate::logging;

/// What the attribute's arguments say of the asynchronous runtime.
#[derive(Debug, Default)]
pub struct Settings {
    flavor: Option<Flavor>,
    worker_threads: Option<usize>,
}

#[derive(Debug, Clone, Copy)]
enum Flavor {
    CurrentThread,
    MultiThread,
}

impl Settings {
    /// Nothing said.
    pub fn new() -> Self {
        Self::default()
    }

    /// `flavor = "current_thread"`
    #[must_use]
    pub fn current_thread(self) -> Self {
        Self {
            flavor: Some(Flavor::CurrentThread),
            ..self
        }
    }

    /// `flavor = "multi_thread"`
    #[must_use]
    pub fn multi_thread(self) -> Self {
        Self {
            flavor: Some(Flavor::MultiThread),
            ..self
        }
    }

    /// `worker_threads = …`
    #[must_use]
    pub fn worker_threads(self, threads: usize) -> Self {
        Self {
            worker_threads: Some(threads),
            ..self
        }
    }

    /// One thread unless more are asked for: below 1,769 MB a function has one processor, and one thread takes half the
    /// time of two for an invocation. Where several invocations run at once, several threads.
    fn builder(&self) -> tokio::runtime::Builder {
        let default = match concurrency::at_once() {
            1 => Flavor::CurrentThread,
            _ => Flavor::MultiThread,
        };
        let mut builder = match self.flavor.unwrap_or(default) {
            Flavor::CurrentThread => tokio::runtime::Builder::new_current_thread(),
            Flavor::MultiThread => tokio::runtime::Builder::new_multi_thread(),
        };
        if let Some(threads) = self.worker_threads {
            builder.worker_threads(threads);
        }
        builder.enable_all();
        builder
    }
}

/// Runs the function until it ends, and says why if that was an error.
pub fn start<S, F, O>(settings: Settings, runtime: Runtime<S>, function: F) -> ExitCode
where
    S: Send + Sync + 'static,
    F: Fn(Invocation<S>) -> O + Send + Sync + 'static,
    O: Future<Output = Result<(), Error>> + Send + 'static,
{
    let ended = settings
        .builder()
        .build()
        .map_err(RuntimeError::tokio)
        .and_then(|tokio| {
            let ended = tokio.block_on(runtime.run(MacroHandler(function)));
            // Whatever the handler left running has no one to run for.
            tokio.shutdown_background();
            ended
        });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            logging::line(&error);
            ExitCode::from(error.exit_status())
        }
    }
}
