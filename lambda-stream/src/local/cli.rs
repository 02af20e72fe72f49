//! The command line of local mode: parses the arguments into [`Settings`].

mod arguments;
mod env_file;
mod event_source;
mod usage_error;
mod values;

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use clap::ArgMatches;
use clap::error::ErrorKind;
use clap_complete::Shell;

use super::identifiers;
use super::settings::{AuthType, Execution, FrontEndSettings, InvokeMode, LimitSettings, Port, Settings};
pub(crate) use event_source::EventSource;
pub(crate) use usage_error::UsageError;

/// The action that the command line requests.
#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    /// Print this text: the help, or a completion script.
    Print(String),
    /// Serve requests.
    Serve(Settings),
    /// Invoke the function once with this event.
    Invoke(EventSource, Settings),
    /// Invoke the function with the events of this recording.
    Replay(PathBuf, Settings),
}

/// Parses the arguments that follow the program name, and reads the files of `--env-file` and `--cors`.
pub(crate) fn parse(arguments: &[OsString]) -> Result<Command, UsageError> {
    let mut matches = match arguments::command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) if error.kind() == ErrorKind::DisplayHelp => return Ok(Command::Print(error.to_string())),
        Err(error) if error.kind() == ErrorKind::InvalidUtf8 => return Err(invalid_utf8(arguments)),
        Err(error) => return Err(error.into()),
    };
    if let Some(shell) = matches.remove_one::<Shell>("completions") {
        return Ok(Command::Print(completion_script(shell)));
    }
    let event = matches.remove_one::<EventSource>("event");
    let replay = matches.remove_one::<PathBuf>("replay");
    let mut settings = settings(matches)?;
    if event.is_some() || replay.is_some() {
        settings.execution = Execution::InProcess;
    }
    Ok(match (event, replay) {
        (Some(event), _) => Command::Invoke(event, settings),
        (None, Some(recording)) => Command::Replay(recording, settings),
        (None, None) => Command::Serve(settings),
    })
}

fn settings(mut matches: ArgMatches) -> Result<Settings, UsageError> {
    let defaults = Settings::default();
    Ok(Settings {
        host: matches
            .remove_one::<IpAddr>("host")
            .unwrap_or(Ipv4Addr::LOCALHOST.into()),
        port: matches.remove_one("port").map_or(defaults.port, Port::Exactly),
        execution: match matches.get_flag("in-process") {
            true => Execution::InProcess,
            false => matches
                .remove_one("environments")
                .map_or(defaults.execution, Execution::Environments),
        },
        timeout: matches.remove_one::<Duration>("timeout"),
        variables: variables(&matches)?,
        front_end: front_end(&matches)?,
        limits: match matches.get_many::<String>("limits") {
            Some(elements) => values::limits(&elements.map(String::as_str).collect::<Vec<_>>())?,
            None => LimitSettings::default(),
        },
        record: matches.remove_one("record"),
    })
}

fn front_end(matches: &ArgMatches) -> Result<FrontEndSettings, UsageError> {
    if matches.get_flag("rest-api") {
        return Ok(FrontEndSettings::RestApi);
    }
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    Ok(FrontEndSettings::FunctionUrl {
        invoke_mode: text("invoke-mode").map_or(InvokeMode::ResponseStream, values::invoke_mode),
        auth: text("auth").map_or(AuthType::None, values::auth),
        cors: text("cors").map(values::cors).transpose()?,
    })
}

/// Returns the variables of `--env` and `--env-file` in the order of the options.
fn variables(matches: &ArgMatches) -> Result<Vec<(String, String)>, UsageError> {
    let mut options = Vec::new();
    let indices = |name: &str| matches.indices_of(name).into_iter().flatten();
    let variables = matches.get_many::<(String, String)>("env").into_iter().flatten();
    for (index, variable) in indices("env").zip(variables) {
        options.push((index, vec![variable.clone()]));
    }
    let files = matches.get_many::<PathBuf>("env-file").into_iter().flatten();
    for (index, path) in indices("env-file").zip(files) {
        options.push((index, env_file::read(path)?));
    }
    options.sort_by_key(|(index, _)| *index);
    Ok(options.into_iter().flat_map(|(_, variables)| variables).collect())
}

fn completion_script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(
        shell,
        &mut arguments::command(),
        identifiers::program_name(),
        &mut script,
    );
    String::from_utf8_lossy(&script).into_owned()
}

fn invalid_utf8(arguments: &[OsString]) -> UsageError {
    let argument = arguments.iter().find(|argument| argument.to_str().is_none());
    let argument = argument.map(|argument| argument.to_string_lossy()).unwrap_or_default();
    UsageError::new(format!("argument `{argument}` is not valid UTF-8"))
}

#[cfg(test)]
mod tests;
