//! Local mode (feature `local`): runs the function together with a local Lambda in one process.
//!
//! If `AWS_LAMBDA_RUNTIME_API` is not set, [`start`] opens a Runtime API on a loopback port. Events come from one of
//! two front ends: an HTTP server that acts as a Function URL, or the command line (`--event`). The runtime's event
//! loop connects to [`Session::runtime_api`] over a socket, as on Lambda. The event loop does not depend on this
//! module, and this module does not depend on handlers.
//!
//! An event moves from a front end through `broker` and `runtime_api` to the function. The response takes the same path
//! back. To add a front end, add a module next to `function_url` that uses the same `Broker`.
//!
//! A module imports only modules that this table lists after it, so there are no import cycles:
//!
//! | module | content |
//! |---|---|
//! | `session` | starts the servers and the front end |
//! | `one_shot` | front end for `--event` |
//! | `function_url` | front end for HTTP: event, response, decoding of the prelude |
//! | `runtime_api` | the Runtime API that the function calls |
//! | `broker` | the queue of invocations between the front ends and the Runtime API |
//! | `server` | HTTP/1.1: listener, connection limits, origin check, request body |
//! | `output` | standard output, and the detection of an output that is not read |
//! | `error`, `cli` | startup errors, command line |
//! | `identifiers`, `shutdown` | request ids and ARNs, graceful shutdown |
//!
//! Requests are untrusted input: `server` limits connections, request heads, bodies and the time that each may take,
//! and `server::origin_check` rejects requests from other websites.

mod broker;
mod cli;
mod error;
pub(crate) mod function_url;
mod identifiers;
mod one_shot;
pub(crate) mod output;
mod runtime_api;
mod server;
mod session;
mod shutdown;
#[cfg(test)]
mod test_client;

use std::ffi::OsString;
use std::io::{self, Write};

use cli::Command;
pub(crate) use error::LocalError;
pub(crate) use one_shot::OneShotResult;
use server::listener;
use server::origin_check::Exposure;
pub(crate) use session::Session;
use session::{FrontEnd, launch};

use crate::stderr;

/// Starts local mode as the command line specifies. `arguments` excludes the program name.
///
/// If the command line contains `--help`, prints the help to standard output and returns `None`.
///
/// # Errors
/// Returns an error if the arguments are invalid ([`LocalError::is_usage`]), if the event cannot be read, if the port
/// is in use, or if the system provides no socket or thread.
pub(crate) fn start(arguments: impl Iterator<Item = OsString>) -> Result<Option<Session>, LocalError> {
    match cli::parse(arguments)? {
        Command::Help => {
            let _ = io::stdout().write_all(cli::help().as_bytes());
            Ok(None)
        }
        Command::Serve(host, port) => {
            let (listener, announcement) = listener::bind(host, port)?;
            let session = launch(FrontEnd::FunctionUrl(listener, Exposure::of(host)))?;
            stderr::line(announcement);
            Ok(Some(session))
        }
        Command::Invoke(source) => {
            let event = source.read()?;
            let output = Box::new(output::Stdout);
            launch(FrontEnd::OneShot { event, output }).map(Some)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, TcpListener};

    #[test]
    fn exact_port_in_use_returns_error_with_port() {
        let occupied = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = occupied.local_addr().unwrap().port();
        let arguments = [format!("--port={port}").into()];
        let error = start(arguments.into_iter()).err().unwrap();
        assert!(!error.is_usage());
        assert!(error.to_string().starts_with(&format!("port {port} is already in use")));
    }

    #[test]
    fn unknown_argument_returns_usage_error() {
        let error = start(["--prot".into()].into_iter()).err().unwrap();
        assert!(error.is_usage());
        assert_eq!(
            error.to_string(),
            "unknown argument `--prot` (run with --help for usage)"
        );
    }
}
