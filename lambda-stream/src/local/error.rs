//! The error type for a failed start of local mode.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use super::cli::UsageError;

/// The reason why local mode did not start. The message says how to fix it.
#[derive(Debug)]
pub(crate) enum LocalError {
    /// The command line is invalid.
    Usage(UsageError),
    /// The port of `--port` is in use.
    PortInUse(u16),
    /// All default ports are in use.
    DefaultPortsInUse(RangeInclusive<u16>),
    /// The address cannot be bound, for a reason other than a port in use.
    Bind(SocketAddr, io::Error),
    /// The file of `--record` cannot be opened.
    Recording(PathBuf, io::Error),
    /// The process cannot be replaced with one that has the variables of `--env`.
    Restart(io::Error),
    /// The system provides no socket or no thread.
    Start(io::Error),
}

impl LocalError {
    /// Returns whether the command line caused the error. The exit status is then 2 by convention, otherwise 1.
    pub(crate) fn is_usage(&self) -> bool {
        matches!(self, Self::Usage(_))
    }
}

impl fmt::Display for LocalError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(error) => write!(formatter, "{error} (run with --help for usage)"),
            Self::PortInUse(port) => write!(
                formatter,
                "port {port} is already in use: stop the program that listens on it, or choose another port with \
                 --port N (0 picks a free port)"
            ),
            Self::DefaultPortsInUse(ports) => write!(
                formatter,
                "ports {} to {} are all in use: choose another port with --port N (0 picks a free port)",
                ports.start(),
                ports.end()
            ),
            Self::Bind(address, error) => write!(
                formatter,
                "failed to listen on {address}: {error}; choose another port with --port N (0 picks a free port), or \
                 another IP address of this machine with --host ADDRESS"
            ),
            Self::Recording(path, error) => write!(
                formatter,
                "failed to open the recording `{}`: {error}; choose another file with --record FILE",
                path.display()
            ),
            Self::Restart(error) => write!(
                formatter,
                "failed to restart the program with the variables of --env and --env-file: {error}; set them in the \
                 environment of the program instead"
            ),
            Self::Start(error) => write!(formatter, "failed to start the local servers: {error}"),
        }
    }
}

impl std::error::Error for LocalError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Bind(_, error) | Self::Recording(_, error) | Self::Restart(error) | Self::Start(error) => Some(error),
            Self::Usage(_) | Self::PortInUse(_) | Self::DefaultPortsInUse(_) => None,
        }
    }
}

impl From<UsageError> for LocalError {
    fn from(error: UsageError) -> Self {
        Self::Usage(error)
    }
}
