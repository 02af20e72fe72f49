//! The output of local mode on the terminal: one line for each request, the lines of the function, and the environments
//! that end unexpectedly.
//!
//! Each line starts with a column for its origin: the first characters of the request id, or the number of the environment
//! or the build. Lines of the function that are JSON or contain the request id already have no such column.

mod output;
pub(crate) mod progress;
mod request;
mod response;
pub(crate) mod style;
mod units;

use std::time::SystemTime;

pub(crate) use self::output::{drain, wait_for_room};
use self::request::Requests;
use self::style::{Color, Style};
use self::units::time_of_day;
use super::activity::Observer;
use super::activity::event::{EnvironmentId, Event, Output, Record};
use super::identifiers::RequestId;
use crate::stderr::OneLine;

/// The length of a short request id, which is the width of the first column.
const SHORT_ID_LENGTH: usize = 8;

/// The number of characters of the reason for the end of an environment.
const MAX_REASON_LENGTH: usize = 300;

/// Returns the observer that writes to standard output and standard error.
pub(crate) fn observer() -> Observer {
    let mut terminal = Terminal::new(Style::of_stdout(), Style::of_stderr());
    Box::new(move |record| {
        if let Some((output, line)) = terminal.line(record, SystemTime::now()) {
            output::print(output, line);
        }
    })
}

/// Converts records to lines.
struct Terminal {
    stdout: Style,
    stderr: Style,
    requests: Requests,
}

impl Terminal {
    fn new(stdout: Style, stderr: Style) -> Self {
        Self {
            stdout,
            stderr,
            requests: Requests::default(),
        }
    }

    /// Returns the line that shows a record, if any, without its line break.
    fn line(&mut self, record: &Record, now: SystemTime) -> Option<(Output, String)> {
        let style = self.stderr;
        match &record.event {
            Event::Log {
                environment,
                id,
                output,
                line,
            } => {
                let style = match output {
                    Output::Stdout => self.stdout,
                    Output::Stderr => self.stderr,
                };
                Some((*output, log_line(style, *environment, id.as_ref(), line)))
            }
            Event::BuildChanged { build } => {
                let origin = format!("build {build}");
                let text = "new build: new requests go to new environments";
                Some((Output::Stderr, notice(style, &origin, now, Color::Cyan, text)))
            }
            Event::EnvironmentStopped {
                environment,
                reason,
                is_expected,
            } => {
                self.requests.remove_environment(*environment);
                if *is_expected {
                    return None;
                }
                let reason = units::shorten(&OneLine(reason).to_string(), MAX_REASON_LENGTH);
                let text = format!("environment ended: {reason}");
                let line = notice(style, &environment_name(*environment), now, Color::Red, &text);
                Some((Output::Stderr, line))
            }
            _ => {
                let request = self.requests.update(record)?;
                Some((Output::Stderr, request.line(style, now)))
            }
        }
    }
}

/// Returns a line of the function with a column for its origin. A line that is JSON stays readable for tools, and one that
/// contains the request id needs no other.
fn log_line(style: Style, environment: EnvironmentId, id: Option<&RequestId>, line: &str) -> String {
    if line.starts_with('{') || id.is_some_and(|id| line.contains(id.as_str())) {
        return line.to_owned();
    }
    match id {
        Some(id) => format!("{} {line}", style.dim(origin(short(id)))),
        None => format!("{} {line}", style.dim(origin(&environment_name(environment)))),
    }
}

/// Returns a line about an environment or a build.
fn notice(style: Style, name: &str, now: SystemTime, color: Color, text: &str) -> String {
    let prefix = style.dim(format_args!("{} {}", origin(name), time_of_day(now)));
    format!("{prefix} {}", style.paint(color, text))
}

/// Returns the first column of a line.
fn origin(name: &str) -> String {
    format!("{name:<SHORT_ID_LENGTH$}")
}

fn short(id: &RequestId) -> &str {
    id.as_str().get(..SHORT_ID_LENGTH).unwrap_or(id.as_str())
}

fn environment_name(environment: EnvironmentId) -> String {
    format!("env {environment}")
}

#[cfg(test)]
mod tests;
