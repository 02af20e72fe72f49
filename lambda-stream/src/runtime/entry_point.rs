//! The entry point of a function with the attribute: the generated `main` calls [`start`].

use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;

use super::{Runtime, RuntimeError};
use crate::concurrency::Concurrency;
use crate::handler::Handler;
#[cfg(feature = "logging")]
use crate::logging;
use crate::stderr;

/// The settings of the tokio runtime and of logging, from the attribute's arguments.
#[derive(Debug)]
pub struct Settings {
    flavor: Option<Flavor>,
    worker_threads: Option<usize>,
    #[cfg_attr(not(feature = "logging"), expect(dead_code, reason = "nothing is installed"))]
    logging: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            flavor: None,
            worker_threads: None,
            logging: true,
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Flavor {
    CurrentThread,
    #[cfg(feature = "multi-thread")]
    MultiThread,
}

/// Implemented for nothing: the bound of a method that requires the feature `multi-thread`.
#[cfg(not(feature = "multi-thread"))]
#[diagnostic::on_unimplemented(
    message = "`flavor = \"multi_thread\"` requires the feature `multi-thread` of `lambda-stream`",
    label = "the feature `multi-thread` is disabled",
    note = "enable it with `cargo add lambda-stream --features multi-thread`, or write `flavor = \"current_thread\"`"
)]
pub trait MultiThreadFeature {}

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
    #[cfg(feature = "multi-thread")]
    #[must_use]
    pub fn multi_thread(self) -> Self {
        Self {
            flavor: Some(Flavor::MultiThread),
            ..self
        }
    }

    /// `flavor = "multi_thread"` without the feature, which is a compile error of the call.
    // The lifetime defers the check of the bound to the call.
    #[cfg(not(feature = "multi-thread"))]
    #[must_use]
    pub fn multi_thread(self) -> Self
    where
        for<'a> &'a Self: MultiThreadFeature,
    {
        self
    }

    /// `worker_threads = …`
    #[must_use]
    pub fn worker_threads(self, threads: usize) -> Self {
        Self {
            worker_threads: Some(threads),
            ..self
        }
    }

    /// `logging = …`
    #[must_use]
    pub fn logging(self, logging: bool) -> Self {
        Self { logging, ..self }
    }

    /// Returns a builder with these settings. The default is one thread, or several for concurrent invocations.
    ///
    /// Below 1,769 MB of memory a function has less than one vCPU, and one thread needs half the time of two for an
    /// invocation.
    fn builder(&self) -> tokio::runtime::Builder {
        let default = match Concurrency::from_env().event_loops() {
            1 => Flavor::CurrentThread,
            #[cfg(feature = "multi-thread")]
            _ => Flavor::MultiThread,
            #[cfg(not(feature = "multi-thread"))]
            _ => Flavor::CurrentThread,
        };
        let mut builder = match self.flavor.unwrap_or(default) {
            Flavor::CurrentThread => tokio::runtime::Builder::new_current_thread(),
            #[cfg(feature = "multi-thread")]
            Flavor::MultiThread => tokio::runtime::Builder::new_multi_thread(),
        };
        if let Some(threads) = self.worker_threads {
            builder.worker_threads(threads);
        }
        builder.enable_all();
        builder
    }

    /// Logs that concurrent invocations share one thread, unless the attribute requests that.
    #[cfg(not(feature = "multi-thread"))]
    fn log_if_threads_are_missing(&self) {
        let concurrency = Concurrency::from_env().event_loops();
        if self.flavor.is_none() && concurrency > 1 {
            log!(
                WARN,
                "AWS_LAMBDA_MAX_CONCURRENCY is {concurrency}, but all invocations share one thread: enable the feature \
                 `multi-thread` of `lambda-stream`, or write `#[lambda_stream::main(flavor = \"current_thread\")]`"
            );
        }
    }

    /// Builds the tokio runtime.
    ///
    /// tokio panics if the pipe of its signal driver cannot be created, for example because the process may open too few
    /// files. The panic is returned as an error, and the panic hook does not print it.
    fn build(&self) -> Result<tokio::runtime::Runtime, RuntimeError> {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(|_| {}));
        // Unwind safe: the builder is not used again.
        let built = panic::catch_unwind(AssertUnwindSafe(|| self.builder().build()));
        panic::set_hook(hook);
        match built {
            Ok(built) => built.map_err(RuntimeError::tokio),
            Err(payload) => {
                let message = payload.downcast_ref::<String>().map(String::as_str);
                let message = message.or_else(|| payload.downcast_ref::<&str>().copied());
                let message = message.unwrap_or("it panicked");
                Err(RuntimeError::tokio_panicked(message))
            }
        }
    }
}

/// Runs the function in a new tokio runtime, logs the error if it ends with one, and returns the exit status.
pub(crate) fn start<S, H, M>(settings: Settings, runtime: Runtime<S>, handler: H) -> ExitCode
where
    S: Send + Sync + 'static,
    H: Handler<S, M> + 'static,
    M: 'static,
{
    #[cfg(feature = "logging")]
    let runtime = match settings.logging {
        true => {
            logging::attribute::start();
            Runtime {
                init: runtime.init.with_logging(),
                ..runtime
            }
        }
        false => runtime,
    };
    #[cfg(not(feature = "multi-thread"))]
    settings.log_if_threads_are_missing();
    let result = settings.build().and_then(|tokio| {
        let result = tokio.block_on(runtime.run(handler));
        // Tasks that the handler spawned and that still run are not waited for.
        tokio.shutdown_background();
        result
    });
    // The process may end before `init` has returned.
    #[cfg(feature = "logging")]
    logging::attribute::install();
    let exit_code = match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log!(ERROR, { backtrace = error.backtrace() }, "{error}");
            ExitCode::from(error.exit_status())
        }
    };
    stderr::flush();
    exit_code
}
