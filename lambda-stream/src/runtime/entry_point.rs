//! The entry point of a function with the attribute: the generated `main` calls [`start`].

use std::future::Future;
use std::process::ExitCode;

use super::{Runtime, RuntimeError, concurrency};
use crate::error::Error;
use crate::handler::Invocation;
use crate::handler::macro_support::MacroHandler;
use crate::logging;

/// The settings of the tokio runtime, from the attribute's arguments.
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
    /// Creates the default settings.
    #[must_use]
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

    /// Returns a builder with these settings. The default is one thread, or several for concurrent invocations.
    ///
    /// Below 1,769 MB of memory a function has less than one vCPU, and one thread needs half the time of two for an
    /// invocation.
    fn builder(&self) -> tokio::runtime::Builder {
        let default = match concurrency::max_concurrency() {
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

/// Runs the function in a new tokio runtime, logs the error if it ends with one, and returns the exit status.
pub fn start<S, F, O>(settings: Settings, runtime: Runtime<S>, function: F) -> ExitCode
where
    S: Send + Sync + 'static,
    F: Fn(Invocation<S>) -> O + Send + Sync + 'static,
    O: Future<Output = Result<(), Error>> + Send + 'static,
{
    let result = settings
        .builder()
        .build()
        .map_err(RuntimeError::tokio)
        .and_then(|tokio| {
            let result = tokio.block_on(runtime.run(MacroHandler(function)));
            // Tasks that the handler spawned and that still run are not waited for.
            tokio.shutdown_background();
            result
        });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            logging::line(&error);
            ExitCode::from(error.exit_status())
        }
    }
}
