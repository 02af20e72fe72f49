//! Local mode (feature `local`): a Lambda service on this machine.
//!
//! If `AWS_LAMBDA_RUNTIME_API` is not set, [`start`] opens the front ends on one loopback port, and a Runtime API on another.
//! The function runs in child processes of the same program, the execution environments, which connect to the Runtime API
//! over a socket, as on Lambda. With `--in-process`, `--event` and `--replay` it runs in this process instead.
//!
//! An event moves from a front end through `broker` and `runtime_api` to the function. The response takes the same path
//! back. To add a front end, add a module next to `function_url` that uses the same `Broker`, and a route in `front_end`.
//!
//! A module imports only modules that this table lists after it, so there are no import cycles:
//!
//! | module | content |
//! |---|---|
//! | `service`, `session` | start the servers, with the function in child processes or in this process |
//! | `restart` | restarts this program with the variables of the command line |
//! | `banner` | what is printed when the function is initialized |
//! | `environments` | starts, replaces and stops the child processes |
//! | `front_end` | decides which front end a request is for |
//! | `viewer`, `lambda_api`, `rest_api`, `function_url` | front ends for HTTP |
//! | `replay` | front end for `--replay` |
//! | `one_shot` | front end for `--event` |
//! | `shared` | what the front ends have in common |
//! | `servers`, `runtime_api` | the Runtime API and the Extensions API that the function calls |
//! | `broker` | the queue of invocations between the front ends and the Runtime API |
//! | `terminal` | the output on the terminal |
//! | `recording` | the file of `--record` |
//! | `activity` | what happens, for the terminal and the viewer |
//! | `server` | HTTP/1.1: listener, connection limits, origin check, request body |
//! | `program`, `variables` | the program file and its builds, the environment variables of the function |
//! | `output` | standard output, and the detection of an output that is not read |
//! | `platform_limits` | the limits of Lambda and API Gateway that `--limits` selects |
//! | `error`, `cli`, `settings` | startup errors, command line |
//! | `identifiers`, `shutdown` | request ids and secrets, graceful shutdown |
//!
//! Requests are untrusted input: `server` limits connections, request heads, bodies and the time that each may take,
//! and `server::origin_check` rejects requests from other websites.

mod activity;
mod banner;
mod broker;
mod cli;
mod environments;
mod error;
mod front_end;
pub(crate) mod function_url;
mod identifiers;
mod lambda_api;
mod one_shot;
pub(crate) mod output;
mod platform_limits;
mod program;
mod recording;
mod replay;
mod rest_api;
mod restart;
mod runtime_api;
mod server;
mod servers;
mod service;
mod session;
mod settings;
mod shared;
mod shutdown;
mod terminal;
#[cfg(test)]
mod test_client;
mod variables;
mod viewer;

use std::ffi::OsString;
use std::io::{self, Write};
use std::sync::Arc;

use activity::{Activity, Observer};
use banner::Banner;
use broker::Broker;
use cli::Command;
use environments::Template;
pub(crate) use error::LocalError;
use front_end::FrontEnd;
pub(crate) use one_shot::OneShotResult;
use program::Program;
use recording::Recording;
use server::listener;
use server::origin_check::Exposure;
use servers::Servers;
pub(crate) use service::Service;
use session::EventSource;
pub(crate) use session::Session;
use settings::{Execution, Settings};
use shared::Shared;

use crate::concurrency::Concurrency;

/// What [`start`] has started.
pub(crate) enum Started {
    /// Nothing: the command line asked for the help or a completion script.
    Nothing,
    /// The function must poll the Runtime API of the session.
    Session(Session),
    /// The function runs in child processes.
    Service(Service),
}

/// Starts local mode as the command line specifies. `arguments` excludes the program name.
///
/// # Errors
/// Returns an error if the arguments are invalid ([`LocalError::is_usage`]), if the event cannot be read, if the port
/// is in use, or if the system provides no socket or thread.
pub(crate) fn start(arguments: impl Iterator<Item = OsString>) -> Result<Started, LocalError> {
    let arguments: Vec<OsString> = arguments.collect();
    match cli::parse(&arguments)? {
        Command::Print(text) => {
            let _ = io::stdout().write_all(text.as_bytes());
            Ok(Started::Nothing)
        }
        Command::Serve(settings) | Command::Invoke(_, settings) | Command::Replay(_, settings)
            if !settings.variables.is_empty() && (settings.execution == Execution::InProcess || cfg!(unix)) =>
        {
            // The service reads some of the variables itself, such as the name of the function.
            Err(restart::with_variables(&settings.variables, arguments))
        }
        Command::Serve(settings) => serve(settings),
        Command::Invoke(source, settings) => {
            let event = source.read()?;
            let output = Box::new(output::Stdout);
            invoke(&settings, EventSource::OneShot { event, output })
        }
        Command::Replay(recording, settings) => {
            let invocations = replay::read(&recording)?;
            let output = Box::new(output::Stdout);
            invoke(&settings, EventSource::Replay { invocations, output })
        }
    }
}

/// Starts a session without a front end for HTTP.
fn invoke(settings: &Settings, source: EventSource) -> Result<Started, LocalError> {
    let (activity, recording) = activity(settings, Vec::new())?;
    let broker = Broker::new(activity, settings.timeout(), None).with_limits(settings.limits);
    let broker = Arc::new(broker);
    let concurrency = Concurrency::from_env().event_loops();
    let session = session::launch(servers::bind(broker)?, source, concurrency)?;
    Ok(Started::Session(session.with_recording(recording)))
}

fn serve(settings: Settings) -> Result<Started, LocalError> {
    let bound = listener::bind(settings.host, settings.port)?;
    let banner = Banner::new(&settings, &bound);
    let (activity, recording) = activity(&settings, vec![terminal::observer()])?;
    let program = match settings.execution {
        Execution::Environments(_) => Some(Program::new(identifiers::program_path().map_err(LocalError::Start)?)),
        Execution::InProcess => None,
    };
    let broker = Broker::new(activity, settings.timeout(), program).with_limits(settings.limits);
    let broker = Arc::new(broker);
    let servers = servers::bind(Arc::clone(&broker))?;
    let front_end = front_end(&servers, bound.listener, settings.clone())?;
    match settings.execution {
        Execution::InProcess => {
            let concurrency = Concurrency::from_env().event_loops();
            servers.runtime.spawn(banner::announce(broker, banner));
            let session = session::launch(servers, EventSource::Http(front_end), concurrency)?;
            Ok(Started::Session(session.with_recording(recording)))
        }
        Execution::Environments(max_environments) => {
            let template = Template {
                endpoint: servers.endpoint.clone(),
                concurrency: concurrency_of(&settings.variables),
                variables: settings.variables,
                max_environments,
            };
            service::start(servers, front_end, template, banner, recording).map(Started::Service)
        }
    }
}

/// Returns the activity with these observers, and the recording if the command line asks for one.
fn activity(
    settings: &Settings,
    mut observers: Vec<Observer>,
) -> Result<(Arc<Activity>, Option<Recording>), LocalError> {
    let recording = match &settings.record {
        Some(path) => {
            let (observer, recording) =
                recording::start(path).map_err(|error| LocalError::Recording(path.clone(), error))?;
            observers.push(observer);
            Some(recording)
        }
        None => None,
    };
    Ok((Arc::new(Activity::new(observers)), recording))
}

fn front_end(servers: &Servers, listener: std::net::TcpListener, settings: Settings) -> Result<FrontEnd, LocalError> {
    let listener = listener::register(&servers.runtime, listener).map_err(LocalError::Start)?;
    Ok(FrontEnd {
        listener,
        exposure: Exposure::of(settings.host),
        shared: Shared::new(Arc::clone(&servers.broker), settings),
    })
}

/// Returns how many events an environment with these variables takes at a time.
fn concurrency_of(variables: &[(String, String)]) -> usize {
    let variable = variables.iter().rfind(|(name, _)| name == "AWS_LAMBDA_MAX_CONCURRENCY");
    let concurrency = match variable {
        Some((_, value)) => Concurrency::parse(value),
        None => Concurrency::from_env(),
    };
    concurrency.event_loops()
}

/// Makes this process end when the service that started it ends, however that happens. Has no effect in other processes.
pub(crate) fn end_with_service() {
    #[cfg(target_os = "linux")]
    if let Some(service) = std::env::var(variables::SERVICE_PROCESS)
        .ok()
        .and_then(|id| id.parse().ok())
    {
        use rustix::process::{Signal, getppid, set_parent_process_death_signal};
        let _ = set_parent_process_death_signal(Some(Signal::KILL));
        // The service may have ended before.
        if getppid()
            .map(rustix::process::Pid::as_raw_nonzero)
            .map(std::num::NonZeroI32::get)
            != Some(service)
        {
            std::process::exit(1);
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
            "unknown argument `--prot`, did you mean `--port`? (run with --help for usage)"
        );
    }
}
