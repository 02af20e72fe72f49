//! Why the process of a function ends.

use std::fmt::{self, Display};

use crate::client::CallError;
use crate::error::Error;

/// Why [`run`](crate::run) returned: nothing that a later invocation could mend.
///
/// Return it from `main`, and the process says why and exits with status 1; Lambda then starts another.
pub struct RuntimeError(Kind);

enum Kind {
    NoRuntimeApi,
    Call(CallError),
    /// Of the function's own work around the invocations, by its name.
    Hook {
        name: &'static str,
        error: Error,
        untold: Option<CallError>,
    },
    Tokio(std::io::Error),
    Signals(std::io::Error),
    #[cfg(feature = "local")]
    Local(crate::local::LocalError),
    #[cfg(feature = "local")]
    InvocationFailed,
}

impl RuntimeError {
    #[cfg_attr(
        feature = "local",
        expect(dead_code, reason = "with a local mode there is always a Runtime API")
    )]
    pub(crate) fn no_runtime_api() -> Self {
        Self(Kind::NoRuntimeApi)
    }

    /// `untold` is why Lambda could not be told of it, where it was to be told.
    pub(crate) fn hook(name: &'static str, error: Error, untold: Option<CallError>) -> Self {
        Self(Kind::Hook { name, error, untold })
    }

    pub(crate) fn tokio(error: std::io::Error) -> Self {
        Self(Kind::Tokio(error))
    }

    pub(crate) fn signals(error: std::io::Error) -> Self {
        Self(Kind::Signals(error))
    }

    #[cfg(feature = "local")]
    pub(crate) fn invocation_failed() -> Self {
        Self(Kind::InvocationFailed)
    }

    /// The exit status for this error: 2 for a command line that cannot be understood, else 1.
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
                "AWS_LAMBDA_RUNTIME_API is not set, so this is no Lambda environment; \
                 build with the feature `local` to run the function here",
            ),
            Kind::Call(error) => error.fmt(f),
            Kind::Hook {
                name,
                error,
                untold: None,
            } => write!(f, "{name} failed: {error:?}"),
            Kind::Hook {
                name,
                error,
                untold: Some(why),
            } => write!(f, "{name} failed: {error:?}; Lambda could not be told, since {why}"),
            Kind::Tokio(error) => write!(f, "the asynchronous runtime cannot start: {error}"),
            Kind::Signals(error) => write!(f, "signals cannot be listened for: {error}"),
            #[cfg(feature = "local")]
            Kind::Local(error) => error.fmt(f),
            #[cfg(feature = "local")]
            Kind::InvocationFailed => f.write_str("the invocation failed"),
        }
    }
}

/// As [`Display`], since a `main` that returns an error prints it so.
impl fmt::Debug for RuntimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl std::error::Error for RuntimeError {}
