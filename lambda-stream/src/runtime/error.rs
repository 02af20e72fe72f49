//! [`RuntimeError`]: why a function's process cannot continue.

use std::error::Error as StdError;
use std::fmt::{self, Display};
use std::io;

use crate::client::{CallError, os_error_hint};
use crate::error::{Error, StdErrorAdapter};

/// The error that [`run`](crate::run) and [`Runtime::run`](crate::Runtime::run) return: `init` or a hook failed, or the
/// Runtime API delivers no further events.
///
/// The `Display` form is one line that includes the text of the [`source`](std::error::Error::source).
/// [`#[lambda_stream::main]`](macro@crate::main) logs it and exits with status 1. If a `main` function of your own
/// returns the error, Rust prints its `Debug` form instead. To print the `Display` form:
///
/// ```no_run
/// use std::process::ExitCode;
///
/// use lambda_stream::ResponseStream;
///
/// async fn handler(_: ResponseStream) {}
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> ExitCode {
///     match lambda_stream::run(handler).await {
///         Ok(()) => ExitCode::SUCCESS,
///         Err(error) => {
///             eprintln!("{error}");
///             ExitCode::FAILURE
///         }
///     }
/// }
/// ```
#[derive(Debug)]
pub struct RuntimeError(Kind);

#[derive(Debug)]
enum Kind {
    NoRuntimeApi,
    Call(CallError),
    /// `init` or a hook returned an error or panicked.
    Hook {
        name: &'static str,
        error: StdErrorAdapter,
        /// Why the error was not reported to Lambda.
        report_error: Option<CallError>,
    },
    Tokio(io::Error),
    /// tokio panicked with this message while its runtime was built.
    TokioPanicked(String),
    Signals(io::Error),
    #[cfg(feature = "local")]
    Local(crate::local::LocalError),
    #[cfg(feature = "local")]
    InvocationFailed,
    #[cfg(feature = "local")]
    ReplayDiffers,
}

impl RuntimeError {
    #[cfg_attr(
        feature = "local",
        expect(dead_code, reason = "with local mode there is always a Runtime API")
    )]
    pub(crate) fn no_runtime_api() -> Self {
        Self(Kind::NoRuntimeApi)
    }

    /// Creates the error of `init` or a hook. `report_error` says why it was not reported to Lambda.
    pub(crate) fn hook(name: &'static str, error: Error, report_error: Option<CallError>) -> Self {
        Self(Kind::Hook {
            name,
            error: StdErrorAdapter(error),
            report_error,
        })
    }

    /// Returns the backtrace if `init` or a hook panicked and a backtrace was captured.
    pub(crate) fn backtrace(&self) -> Option<&str> {
        match &self.0 {
            Kind::Hook { error, .. } => error.0.backtrace(),
            _ => None,
        }
    }

    pub(crate) fn tokio(error: io::Error) -> Self {
        Self(Kind::Tokio(error))
    }

    pub(crate) fn tokio_panicked(message: &str) -> Self {
        Self(Kind::TokioPanicked(message.to_owned()))
    }

    pub(crate) fn signals(error: io::Error) -> Self {
        Self(Kind::Signals(error))
    }

    #[cfg(feature = "local")]
    pub(crate) fn invocation_failed() -> Self {
        Self(Kind::InvocationFailed)
    }

    #[cfg(feature = "local")]
    pub(crate) fn replay_differs() -> Self {
        Self(Kind::ReplayDiffers)
    }

    /// Returns the exit status for this error: 2 for invalid command-line arguments, otherwise 1.
    pub(crate) fn exit_status(&self) -> u8 {
        match &self.0 {
            #[cfg(feature = "local")]
            Kind::Local(error) if error.is_usage() => 2,
            _ => 1,
        }
    }
}

impl From<CallError> for RuntimeError {
    fn from(error: CallError) -> Self {
        Self(Kind::Call(error))
    }
}

#[cfg(feature = "local")]
impl From<crate::local::LocalError> for RuntimeError {
    fn from(error: crate::local::LocalError) -> Self {
        Self(Kind::Local(error))
    }
}

impl Display for RuntimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::NoRuntimeApi => f.write_str(
                "AWS_LAMBDA_RUNTIME_API is not set, so the process does not run in Lambda; \
                 enable the feature `local` of lambda-stream to run the function on this machine",
            ),
            Kind::Call(error) => error.fmt(f),
            Kind::Hook {
                name,
                error: StdErrorAdapter(error),
                report_error,
            } => {
                write!(f, "{name} failed: {error:?}")?;
                match report_error {
                    Some(reason) => write!(f, "; failed to report this to Lambda: {reason}"),
                    None => Ok(()),
                }
            }
            Kind::Tokio(error) => write!(f, "failed to start the tokio runtime: {error}{}", os_error_hint(error)),
            Kind::TokioPanicked(message) => write!(
                f,
                "failed to start the tokio runtime: {message}; if the process may open too few files or start too few \
                 threads, raise the limits (`ulimit -n`, `ulimit -u`)"
            ),
            Kind::Signals(error) => write!(f, "failed to listen for signals: {error}{}", os_error_hint(error)),
            #[cfg(feature = "local")]
            Kind::Local(error) => error.fmt(f),
            #[cfg(feature = "local")]
            Kind::InvocationFailed => f.write_str("the invocation failed"),
            #[cfg(feature = "local")]
            Kind::ReplayDiffers => f.write_str("a response differs from the recording"),
        }
    }
}

impl StdError for RuntimeError {
    /// Returns the error of `init` or the hook, of the HTTP client, or of the operating system.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0 {
            Kind::NoRuntimeApi | Kind::TokioPanicked(_) => None,
            // `CallError` and `LocalError` have the same text as the `RuntimeError`.
            Kind::Call(error) => error.source(),
            Kind::Hook { error, .. } => Some(error),
            Kind::Tokio(error) | Kind::Signals(error) => Some(error),
            #[cfg(feature = "local")]
            Kind::Local(error) => error.source(),
            #[cfg(feature = "local")]
            Kind::InvocationFailed | Kind::ReplayDiffers => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hook_error_is_source_and_in_both_forms() {
        let error = Error::new("no table").with_type("Function.Setup");
        let error = RuntimeError::hook("init", error, None);
        assert_eq!(error.to_string(), "init failed: Function.Setup: no table");
        assert_eq!(
            format!("{error:?}"),
            r#"RuntimeError(Hook { name: "init", error: Function.Setup: no table, report_error: None })"#
        );
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("no table"));
    }

    #[test]
    fn too_many_open_files_error_says_what_to_do() {
        for error in [RuntimeError::signals, RuntimeError::tokio].map(|kind| kind(io::Error::from_raw_os_error(24))) {
            assert!(
                error
                    .to_string()
                    .ends_with("raise the limit of open files (`ulimit -n`)"),
                "{error}"
            );
        }
        let error = RuntimeError::tokio_panicked("failed to create UnixStream");
        assert!(error.to_string().contains("`ulimit -n`"), "{error}");
    }

    #[test]
    fn io_error_is_source() {
        let error = RuntimeError::signals(io::Error::other("no more"));
        assert_eq!(error.to_string(), "failed to listen for signals: no more");
        assert!(error.source().is_some_and(|source| source.is::<io::Error>()));
    }
}
