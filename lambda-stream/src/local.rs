//! The local mode (feature `local`): Lambda on a laptop, inside the function's own process.
//!
//! Where `AWS_LAMBDA_RUNTIME_API` is not set, [`start`] opens a Lambda Runtime API on loopback, and in front of it
//! either a Function URL (serving) or one event from the command line (one shot). The function's ordinary runtime loop
//! then runs against [`Session::runtime_api`] over a real socket: it knows nothing of this module, and this module
//! knows nothing of handlers.
//!
//! An invocation flows one way: a front end (`function_url`, `one_shot`) -> `broker` -> `runtime_api` -> the function,
//! and its answer the same way back. A further front end is a module beside `function_url` on the same broker.
//!
//! What comes from outside is hostile until it is checked: `server` bounds what connections and heads may take,
//! `cross_site` tells callers from pages of other sites, `request_body` bounds bodies.

mod answer;
mod arguments;
mod broker;
mod closing;
mod connection;
mod cross_site;
mod event;
#[cfg(test)]
mod fake_runtime;
mod function_url;
mod identifiers;
mod one_shot;
mod prelude;
mod request_body;
mod runtime_api;
mod server;

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::oneshot;

use arguments::{Command, Port, UsageError};
use broker::Broker;
use closing::Close;
use cross_site::Reach;
pub(crate) use one_shot::Ended;

use crate::logging;

#[cfg(any(test, fuzzing))]
pub(crate) use event::law as event_law;

/// The ports that serving tries in turn when the command line names none.
const DEFAULT_PORTS: std::ops::RangeInclusive<u16> = 9000..=9099;

/// Starts what the command line asks for; `arguments` are those after the program's name.
///
/// `None`: the help was asked for, and has been printed to standard output.
///
/// # Errors
/// Arguments that make no sense ([`LocalError::is_usage`]), a port that is taken, or a machine that gives no socket or
/// thread.
pub(crate) fn start(arguments: impl Iterator<Item = OsString>) -> Result<Option<Session>, LocalError> {
    match arguments::parse(arguments)? {
        Command::Help => {
            let _ = io::stdout().write_all(arguments::help().as_bytes());
            Ok(None)
        }
        Command::Serve(host, port) => {
            let (listener, announcement) = listen(host, port)?;
            let session = launch(FrontEnd::FunctionUrl(listener, Reach::of(host)))?;
            logging::line(announcement);
            Ok(Some(session))
        }
        Command::Invoke(event) => {
            let event = event.read()?;
            let output = Box::new(io::stdout());
            launch(FrontEnd::OneShot { event, output }).map(Some)
        }
    }
}

/// A running local mode. It runs until the process exits, whether this is dropped or not.
pub(crate) struct Session {
    runtime_api: String,
    ended: Option<oneshot::Receiver<Ended>>,
    broker: Arc<Broker>,
    close: Close,
    servers: tokio::runtime::Handle,
}

impl Session {
    /// What `AWS_LAMBDA_RUNTIME_API` would hold, `127.0.0.1:PORT`, and behind it a path that the function alone knows.
    pub(crate) fn runtime_api(&self) -> &str {
        &self.runtime_api
    }

    /// Waits for the end of the one invocation of a one shot; serving never ends.
    ///
    /// The end has come when all output is flushed and the function, having had the answer to its response, has asked
    /// for its next event. The runtime loop must therefore go on while this waits.
    pub(crate) async fn ended(&mut self) -> Ended {
        match &mut self.ended {
            Some(ended) => ended.await.unwrap_or(Ended::Failed),
            None => std::future::pending().await,
        }
    }

    /// Waits, when the function asks for no more events, until callers have all that it answered. Who still waits for an
    /// answer is told that there is none.
    pub(crate) async fn finish(mut self) -> Ended {
        self.broker.close();
        match self.ended {
            Some(_) => self.ended().await,
            None => {
                self.close.begin().await;
                Ended::Succeeded
            }
        }
    }

    /// Runs `task` in the servers' thread.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.servers.spawn(task);
    }
}

/// Why the local mode did not start. Its text says what to do about it.
#[derive(Debug)]
pub(crate) struct LocalError(Kind);

#[derive(Debug)]
enum Kind {
    Usage(UsageError),
    PortTaken(u16),
    DefaultPortsTaken,
    Listen(SocketAddr, io::Error),
    Start(io::Error),
}

impl LocalError {
    /// The command line was wrong (exit status 2 by custom), not the machine (1).
    pub(crate) fn is_usage(&self) -> bool {
        matches!(self.0, Kind::Usage(_))
    }
}

impl fmt::Display for LocalError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Usage(error) => write!(formatter, "{error} (--help shows the usage)"),
            Kind::PortTaken(port) => write!(
                formatter,
                "port {port} is taken: stop the program that listens there, or choose another port with --port N \
                 (0: any free one)"
            ),
            Kind::DefaultPortsTaken => write!(
                formatter,
                "ports {} to {} are all taken: choose one with --port N (0: any free one)",
                DEFAULT_PORTS.start(),
                DEFAULT_PORTS.end()
            ),
            Kind::Listen(address, error) => write!(
                formatter,
                "cannot listen on {address}: {error}; choose another port with --port N (0: any free one), and with \
                 --host an address that this machine has"
            ),
            Kind::Start(error) => write!(formatter, "cannot start the local servers: {error}"),
        }
    }
}

impl std::error::Error for LocalError {}

impl From<UsageError> for LocalError {
    fn from(error: UsageError) -> Self {
        Self(Kind::Usage(error))
    }
}

/// Listens where it was asked for; the text tells the user where, and who can come.
fn listen(host: IpAddr, port: Port) -> Result<(TcpListener, String), LocalError> {
    let bind = |port| {
        TcpListener::bind((host, port)).map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => LocalError(Kind::PortTaken(port)),
            _ => LocalError(Kind::Listen((host, port).into(), error)),
        })
    };
    let (listener, remark) = match port {
        Port::Exactly(port) => (bind(port)?, String::new()),
        Port::Default => first_free(DEFAULT_PORTS, bind)?,
    };
    let address = listener.local_addr().map_err(|error| LocalError(Kind::Start(error)))?;
    let url = SocketAddr::new(here(address.ip()), address.port());
    let mut announcement = format!("{remark}serving at http://{url}, try:\ncurl -N http://{url}/");
    if Reach::of(host) == Reach::Network {
        announcement += &format!(
            "\nwarning: because of --host {host}, anyone who can reach this machine over the network can invoke the \
             function"
        );
    }
    Ok((listener, announcement))
}

/// An address of the machine, where the one that is listened on stands for all of them.
fn here(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(all) if all.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(all) if all.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        one => one,
    }
}

/// The first of `ports` that nobody listens on, with a remark where it is not the first of them.
fn first_free<L>(
    ports: std::ops::RangeInclusive<u16>,
    bind: impl Fn(u16) -> Result<L, LocalError>,
) -> Result<(L, String), LocalError> {
    let first = *ports.start();
    for port in ports {
        match bind(port) {
            Ok(listener) if port == first => return Ok((listener, String::new())),
            Ok(listener) => return Ok((listener, format!("port {first} is taken, "))),
            Err(LocalError(Kind::PortTaken(_))) => {}
            Err(error) => return Err(error),
        }
    }
    Err(LocalError(Kind::DefaultPortsTaken))
}

/// Where the invocations come from.
enum FrontEnd {
    FunctionUrl(TcpListener, Reach),
    OneShot {
        event: Bytes,
        output: Box<dyn Write + Send>,
    },
}

/// Starts the servers in a thread of their own, so that a handler that blocks its thread does not stop them.
fn launch(front_end: FrontEnd) -> Result<Session, LocalError> {
    let start_error = |error| LocalError(Kind::Start(error));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(start_error)?;
    let secret = identifiers::secret();
    let runtime_api = format!("{}/{secret}", listener.local_addr().map_err(start_error)?);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(start_error)?;
    let listener = server::adopt(&runtime, listener).map_err(start_error)?;

    let broker = Arc::new(Broker::default());
    let (close, closing) = closing::close();
    runtime.spawn(runtime_api::serve(listener, secret, Arc::clone(&broker)));
    let ended = match front_end {
        FrontEnd::FunctionUrl(listener, reach) => {
            let listener = server::adopt(&runtime, listener).map_err(start_error)?;
            runtime.spawn(function_url::serve(listener, reach, Arc::clone(&broker), closing));
            None
        }
        FrontEnd::OneShot { event, output } => {
            let (sender, ended) = oneshot::channel();
            let broker = Arc::clone(&broker);
            runtime.spawn(async move {
                let _ = sender.send(one_shot::run(&broker, event, output).await);
            });
            Some(ended)
        }
    };
    let servers = runtime.handle().clone();
    std::thread::Builder::new()
        .name("lambda-local".to_owned())
        // After a one shot too: the function's poll stays open, so its loop sees no error before the process exits.
        .spawn(move || runtime.block_on(std::future::pending::<()>()))
        .map_err(start_error)?;
    Ok(Session {
        runtime_api,
        ended,
        broker,
        close,
        servers,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_port_is_taken_and_said_when_the_first_is_busy() {
        let busy = |port| match port {
            7000 | 7001 => Err(LocalError(Kind::PortTaken(port))),
            port => Ok(port),
        };
        assert_eq!(
            first_free(7000..=7009, busy).unwrap(),
            (7002, "port 7000 is taken, ".to_owned())
        );
        assert_eq!(first_free(7002..=7009, busy).unwrap(), (7002, String::new()));
        let error = first_free(7000..=7001, busy).unwrap_err();
        assert!(matches!(error.0, Kind::DefaultPortsTaken));
    }

    #[test]
    fn an_exact_port_that_is_taken_is_an_error_that_names_it() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let arguments = [format!("--port={port}").into()];
        let error = start(arguments.into_iter()).err().unwrap();
        assert!(!error.is_usage());
        assert!(error.to_string().starts_with(&format!("port {port} is taken")));
    }

    #[test]
    fn a_wrong_command_line_is_a_usage_error() {
        let error = start(["--prot".into()].into_iter()).err().unwrap();
        assert!(error.is_usage());
        assert_eq!(error.to_string(), "unknown argument `--prot` (--help shows the usage)");
    }
}
