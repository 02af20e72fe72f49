//! The command line of a function's binary, outside of Lambda: text in, a [`Command`] out.
//!
//! Knows nothing of sockets; the only thing that it touches is the event that the user points at.

use std::ffi::OsString;
use std::fmt;
use std::io::Read;
use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use serde::de::IgnoredAny;

use super::identifiers;

/// What the user asks for.
#[derive(Debug, PartialEq)]
pub(super) enum Command {
    Help,
    Serve(IpAddr, Port),
    Invoke(EventSource),
}

/// Where to serve.
#[derive(Debug, PartialEq)]
pub(super) enum Port {
    /// The usual one, or the next that is free.
    Default,
    /// This one or none; 0 leaves the choice to the system.
    Exactly(u16),
}

/// Where the event of a one shot comes from.
#[derive(Debug, PartialEq)]
pub(super) enum EventSource {
    Text(String),
    File(String),
    StandardInput,
}

/// What is wrong with the command line, in words.
#[derive(Debug, PartialEq)]
pub(super) struct UsageError(String);

impl fmt::Display for UsageError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The text of `--help`.
pub(super) fn help() -> String {
    let program = identifiers::program_name();
    format!(
        "\
Runs this AWS Lambda function on this machine, its responses streamed as on Lambda.

Usage: {program} [--port N] [--host ADDRESS]
       {program} --event EVENT

  (nothing)       serve as a Function URL on http://127.0.0.1:9000, or on the next port that is free
  --port N        serve on port N exactly; 0: any free port
  --host ADDRESS  serve on this IP address of the machine; 0.0.0.0: on all. Anyone who can reach it can then invoke the
                  function, which without this only programs, and pages, of this machine can
  --event JSON    invoke once with this event, print the response as it comes, exit with 1 if it failed
  --event @FILE   the same, with the event from a file
  --event -       the same, with the event from standard input
  -h, --help      print this text
"
    )
}

/// Reads the arguments after the program's name.
pub(super) fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Command, UsageError> {
    let mut port = None;
    let mut host = None;
    let mut event = None;
    while let Some(argument) = arguments.next() {
        let argument = text(argument)?;
        let (name, attached) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (argument.as_str(), None),
        };
        let mut value = |form: &str| match attached.clone() {
            Some(value) => Ok(value),
            None => match arguments.next() {
                Some(value) => text(value),
                None => Err(UsageError(format!("{name} needs a value: {name} {form}"))),
            },
        };
        let given_before = match name {
            "--help" | "-h" if attached.is_none() => return Ok(Command::Help),
            "--port" => port.replace(port_number(&value("N")?)?).is_some(),
            "--host" => host.replace(host_address(&value("ADDRESS")?)?).is_some(),
            "--event" => event.replace(event_source(value("JSON, @FILE or -")?)).is_some(),
            _ => return Err(UsageError(format!("unknown argument `{argument}`"))),
        };
        if given_before {
            return Err(UsageError(format!("{name} is given twice")));
        }
    }
    let port = match port {
        Some(port) => Port::Exactly(port),
        None => Port::Default,
    };
    match (event, host) {
        (Some(event), None) if port == Port::Default => Ok(Command::Invoke(event)),
        (Some(_), _) => Err(UsageError(
            "--port and --host serve, and --event invokes once: give one of them".to_owned(),
        )),
        (None, host) => Ok(Command::Serve(host.unwrap_or(Ipv4Addr::LOCALHOST.into()), port)),
    }
}

fn text(argument: OsString) -> Result<String, UsageError> {
    argument
        .into_string()
        .map_err(|argument| UsageError(format!("argument `{}` is not UTF-8", argument.to_string_lossy())))
}

fn port_number(value: &str) -> Result<u16, UsageError> {
    value
        .parse()
        .map_err(|_| UsageError(format!("--port takes a number from 0 to 65535, not `{value}`")))
}

fn host_address(value: &str) -> Result<IpAddr, UsageError> {
    match value {
        "localhost" => Ok(Ipv4Addr::LOCALHOST.into()),
        _ => value.parse().map_err(|_| {
            UsageError(format!(
                "--host takes an IP address of this machine, or 0.0.0.0 for all of them, not `{value}`"
            ))
        }),
    }
}

fn event_source(value: String) -> EventSource {
    match value.strip_prefix('@') {
        Some(path) => EventSource::File(path.to_owned()),
        None if value == "-" => EventSource::StandardInput,
        None => EventSource::Text(value),
    }
}

impl EventSource {
    /// The event's bytes as they stand, known to be JSON.
    pub(super) fn read(self) -> Result<Bytes, UsageError> {
        let (event, origin) = match self {
            Self::Text(text) => (text.into_bytes(), "the value of --event".to_owned()),
            Self::File(path) => match std::fs::read(&path) {
                Ok(event) => (event, format!("the event in `{path}`")),
                Err(error) => {
                    return Err(UsageError(format!("cannot read the event file `{path}`: {error}")));
                }
            },
            Self::StandardInput => {
                let mut event = Vec::new();
                std::io::stdin()
                    .read_to_end(&mut event)
                    .map_err(|error| UsageError(format!("cannot read the event from standard input: {error}")))?;
                (event, "the event on standard input".to_owned())
            }
        };
        match serde_json::from_slice::<IgnoredAny>(&event) {
            Ok(_) => Ok(event.into()),
            Err(error) => Err(UsageError(format!("{origin} is not JSON: {error}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Command, String> {
        parse(arguments.iter().map(OsString::from)).map_err(|error| error.to_string())
    }

    #[test]
    fn every_form_is_understood() {
        let text = |text: &str| Ok(Command::Invoke(EventSource::Text(text.to_owned())));
        let serve = |host: &str, port| Ok(Command::Serve(host.parse().unwrap(), port));
        assert_eq!(parsed(&[]), serve("127.0.0.1", Port::Default));
        assert_eq!(parsed(&["--port", "0"]), serve("127.0.0.1", Port::Exactly(0)));
        assert_eq!(parsed(&["--port=81"]), serve("127.0.0.1", Port::Exactly(81)));
        assert_eq!(parsed(&["--host", "0.0.0.0"]), serve("0.0.0.0", Port::Default));
        assert_eq!(parsed(&["--host=localhost"]), serve("127.0.0.1", Port::Default));
        assert_eq!(parsed(&["--host=::1", "--port=1"]), serve("::1", Port::Exactly(1)));
        assert_eq!(parsed(&["--event", "{}"]), text("{}"));
        assert_eq!(parsed(&["--event=\"a=b\""]), text("\"a=b\""));
        assert_eq!(
            parsed(&["--event", "@a.json"]),
            Ok(Command::Invoke(EventSource::File("a.json".to_owned())))
        );
        assert_eq!(
            parsed(&["--event", "-"]),
            Ok(Command::Invoke(EventSource::StandardInput))
        );
        assert_eq!(parsed(&["--port", "1", "-h"]), Ok(Command::Help));
        assert_eq!(parsed(&["--help"]), Ok(Command::Help));
    }

    #[test]
    fn every_fault_is_named() {
        let fault = |arguments: &[&str]| parsed(arguments).unwrap_err();
        assert_eq!(fault(&["serve"]), "unknown argument `serve`");
        assert_eq!(fault(&["--help=1"]), "unknown argument `--help=1`");
        assert_eq!(fault(&["--port"]), "--port needs a value: --port N");
        assert_eq!(fault(&["--event"]), "--event needs a value: --event JSON, @FILE or -");
        assert_eq!(
            fault(&["--port", "65536"]),
            "--port takes a number from 0 to 65535, not `65536`"
        );
        assert_eq!(fault(&["--port=1", "--port=2"]), "--port is given twice");
        assert_eq!(
            fault(&["--host", "my-laptop"]),
            "--host takes an IP address of this machine, or 0.0.0.0 for all of them, not `my-laptop`"
        );
        assert_eq!(fault(&["--host=::", "--host=::"]), "--host is given twice");
        for serving in ["--port=1", "--host=::1"] {
            assert_eq!(
                fault(&[serving, "--event={}"]),
                "--port and --host serve, and --event invokes once: give one of them"
            );
        }
    }

    #[test]
    fn an_event_is_kept_as_it_stands_or_refused() {
        let event = EventSource::Text(" {\"b\":1, \"a\":2}".to_owned());
        assert_eq!(event.read().unwrap(), " {\"b\":1, \"a\":2}");
        let error = EventSource::Text("{a}".to_owned()).read().unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("the value of --event is not JSON: key must be a string")
        );
        let error = EventSource::File("no/such.json".to_owned()).read().unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("cannot read the event file `no/such.json`: ")
        );
    }
}
