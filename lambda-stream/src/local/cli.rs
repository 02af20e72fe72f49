//! The command line of local mode: parses the arguments, prints the help, and reads the event of `--event`.

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr};

use bytes::{Buf, Bytes};
use serde::de::IgnoredAny;

use super::identifiers;
use super::settings::{Execution, Port, Settings};
use crate::protocol::MAX_EVENT_LENGTH;

/// UTF-8's byte order mark.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The action that the command line requests.
#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    /// Print the help.
    Help,
    /// Serve requests.
    Serve(Settings),
    /// Invoke the function once with this event.
    Invoke(EventSource),
}

/// The source of the event for `--event`.
#[derive(Debug, PartialEq)]
pub(crate) enum EventSource {
    /// The event itself.
    Text(String),
    /// The path of a file.
    File(String),
    StandardInput,
}

/// An invalid command line, or an event that cannot be read.
#[derive(Debug, PartialEq)]
pub(crate) struct UsageError(String);

impl fmt::Display for UsageError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Returns the text of `--help`.
pub(crate) fn help() -> String {
    let program = identifiers::program_name();
    format!(
        "\
Runs this AWS Lambda function locally and streams its responses, as Lambda does.

Usage: {program} [--port N] [--host ADDRESS]
       {program} --event EVENT

Without arguments, serves a Function URL on http://127.0.0.1:9000, or on the next free port if 9000 is in use.

Options:
  --port N        Serve on port N; 0 picks a free port
  --host ADDRESS  Serve on this IP address of the machine instead of 127.0.0.1; 0.0.0.0 serves on all addresses.
                  Warning: anyone who can reach the address can then invoke the function. By default, only programs and
                  web pages of this machine can
  --event JSON    Invoke the function once with this event, print the response as it arrives, and exit with status 1 if
                  the invocation failed
  --event @FILE   Read the event from a file
  --event -       Read the event from standard input
  -h, --help      Print this help
"
    )
}

/// Parses the arguments that follow the program name.
pub(crate) fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Command, UsageError> {
    let mut port = None;
    let mut host = None;
    let mut event = None;
    let mut in_process = false;
    let mut environments = None;
    let mut timeout = None;
    while let Some(argument) = arguments.next() {
        let argument = to_utf8(argument)?;
        let (name, inline_value) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (argument.as_str(), None),
        };
        let mut value = |placeholder: &str| match inline_value.clone() {
            Some(value) => Ok(value),
            None => match arguments.next() {
                Some(value) => to_utf8(value),
                None => Err(UsageError(format!("{name} needs a value: {name} {placeholder}"))),
            },
        };
        let is_repeated = match name {
            "--help" | "-h" if inline_value.is_none() => return Ok(Command::Help),
            "--in-process" if inline_value.is_none() => std::mem::replace(&mut in_process, true),
            "--environments" => environments.replace(value("N")?.parse().unwrap_or(10)).is_some(),
            "--timeout" => timeout.replace(value("SECONDS")?.parse().unwrap_or(30)).is_some(),
            "--port" => port.replace(parse_port(&value("N")?)?).is_some(),
            "--host" => host.replace(parse_host(&value("ADDRESS")?)?).is_some(),
            "--event" => event.replace(parse_event_source(value("JSON, @FILE or -")?)).is_some(),
            _ => return Err(UsageError(format!("unknown argument `{argument}`"))),
        };
        if is_repeated {
            return Err(UsageError(format!("{name} is specified twice")));
        }
    }
    let port = match port {
        Some(port) => Port::Exactly(port),
        None => Port::Default,
    };
    match (event, host) {
        (Some(event), None) if port == Port::Default => Ok(Command::Invoke(event)),
        (Some(_), _) => Err(UsageError(
            "--event cannot be combined with --port or --host".to_owned(),
        )),
        (None, host) => Ok(Command::Serve(Settings {
            host: host.unwrap_or(Ipv4Addr::LOCALHOST.into()),
            port,
            execution: match in_process {
                true => Execution::InProcess,
                false => Execution::Environments(environments.unwrap_or(10)),
            },
            timeout: timeout.map(std::time::Duration::from_secs),
            ..Settings::default()
        })),
    }
}

fn to_utf8(argument: OsString) -> Result<String, UsageError> {
    argument
        .into_string()
        .map_err(|argument| UsageError(format!("argument `{}` is not valid UTF-8", argument.to_string_lossy())))
}

fn parse_port(value: &str) -> Result<u16, UsageError> {
    value
        .parse()
        .map_err(|_| UsageError(format!("--port takes a number from 0 to 65535, not `{value}`")))
}

fn parse_host(value: &str) -> Result<IpAddr, UsageError> {
    match value {
        "localhost" => Ok(Ipv4Addr::LOCALHOST.into()),
        _ => value.parse().map_err(|_| {
            UsageError(format!(
                "--host takes an IP address of this machine, or 0.0.0.0 for all addresses, not `{value}`"
            ))
        }),
    }
}

fn parse_event_source(value: String) -> EventSource {
    match value.strip_prefix('@') {
        Some(path) => EventSource::File(path.to_owned()),
        None if value == "-" => EventSource::StandardInput,
        None => EventSource::Text(value),
    }
}

impl EventSource {
    /// Reads the event verbatim, except for a byte order mark, and checks its size and that it is JSON.
    pub(crate) fn read(self) -> Result<Bytes, UsageError> {
        let (event, source) = match self {
            Self::Text(text) => (text.into_bytes(), "the value of --event".to_owned()),
            Self::File(path) => match File::open(&path).and_then(read_limited) {
                Ok(event) => (event, format!("the event in `{path}`")),
                Err(error) => {
                    return Err(UsageError(format!("failed to read the event file `{path}`: {error}")));
                }
            },
            Self::StandardInput => {
                let event = read_limited(io::stdin().lock())
                    .map_err(|error| UsageError(format!("failed to read the event from standard input: {error}")))?;
                (event, "the event on standard input".to_owned())
            }
        };
        let mut event = Bytes::from(event);
        // Editors and shells on Windows write it. JSON does not allow it.
        if event.starts_with(BYTE_ORDER_MARK) {
            event.advance(BYTE_ORDER_MARK.len());
        }
        if event.len() > MAX_EVENT_LENGTH {
            return Err(UsageError(format!(
                "{source} is larger than {MAX_EVENT_LENGTH} bytes, Lambda's limit: use a smaller event"
            )));
        }
        match serde_json::from_slice::<IgnoredAny>(&event) {
            Ok(_) => Ok(event),
            Err(error) => Err(UsageError(format!("{source} is not valid JSON: {error}"))),
        }
    }
}

/// Reads to the end, or until the event exceeds [`MAX_EVENT_LENGTH`]: a device or a pipe may have no end.
fn read_limited(source: impl Read) -> io::Result<Vec<u8>> {
    let limit = BYTE_ORDER_MARK.len() + MAX_EVENT_LENGTH + 1;
    let mut event = Vec::new();
    source.take(limit as u64).read_to_end(&mut event)?;
    Ok(event)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_args(arguments: &[&str]) -> Result<Command, String> {
        parse(arguments.iter().map(OsString::from)).map_err(|error| error.to_string())
    }

    #[test]
    fn valid_arguments_are_parsed() {
        let invoke = |text: &str| Ok(Command::Invoke(EventSource::Text(text.to_owned())));
        let serve = |host: &str, port| {
            Ok(Command::Serve(Settings {
                host: host.parse().unwrap(),
                port,
                ..Settings::default()
            }))
        };
        assert_eq!(parse_args(&[]), serve("127.0.0.1", Port::Default));
        assert_eq!(parse_args(&["--port", "0"]), serve("127.0.0.1", Port::Exactly(0)));
        assert_eq!(parse_args(&["--port=81"]), serve("127.0.0.1", Port::Exactly(81)));
        assert_eq!(parse_args(&["--host", "0.0.0.0"]), serve("0.0.0.0", Port::Default));
        assert_eq!(parse_args(&["--host=localhost"]), serve("127.0.0.1", Port::Default));
        assert_eq!(parse_args(&["--host=::1", "--port=1"]), serve("::1", Port::Exactly(1)));
        assert_eq!(parse_args(&["--event", "{}"]), invoke("{}"));
        assert_eq!(parse_args(&["--event=\"a=b\""]), invoke("\"a=b\""));
        assert_eq!(
            parse_args(&["--event", "@a.json"]),
            Ok(Command::Invoke(EventSource::File("a.json".to_owned())))
        );
        assert_eq!(
            parse_args(&["--event", "-"]),
            Ok(Command::Invoke(EventSource::StandardInput))
        );
        assert_eq!(parse_args(&["--port", "1", "-h"]), Ok(Command::Help));
        assert_eq!(parse_args(&["--help"]), Ok(Command::Help));
    }

    #[test]
    fn invalid_arguments_return_specific_errors() {
        let error = |arguments: &[&str]| parse_args(arguments).unwrap_err();
        assert_eq!(error(&["serve"]), "unknown argument `serve`");
        assert_eq!(error(&["--help=1"]), "unknown argument `--help=1`");
        assert_eq!(error(&["--port"]), "--port needs a value: --port N");
        assert_eq!(error(&["--event"]), "--event needs a value: --event JSON, @FILE or -");
        assert_eq!(
            error(&["--port", "65536"]),
            "--port takes a number from 0 to 65535, not `65536`"
        );
        assert_eq!(error(&["--port=1", "--port=2"]), "--port is specified twice");
        assert_eq!(
            error(&["--host", "my-laptop"]),
            "--host takes an IP address of this machine, or 0.0.0.0 for all addresses, not `my-laptop`"
        );
        assert_eq!(error(&["--host=::", "--host=::"]), "--host is specified twice");
        for option in ["--port=1", "--host=::1"] {
            assert_eq!(
                error(&[option, "--event={}"]),
                "--event cannot be combined with --port or --host"
            );
        }
    }

    #[test]
    fn event_is_read_verbatim_or_rejected() {
        let event = EventSource::Text(" {\"b\":1, \"a\":2}".to_owned());
        assert_eq!(event.read().unwrap(), " {\"b\":1, \"a\":2}");
        let error = EventSource::Text("{a}".to_owned()).read().unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("the value of --event is not valid JSON: key must be a string")
        );
        let error = EventSource::File("no/such.json".to_owned()).read().unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("failed to read the event file `no/such.json`: ")
        );
    }
}
