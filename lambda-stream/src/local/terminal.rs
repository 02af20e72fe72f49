//! The output of local mode on the terminal: the lines of the function, and one line for each request.

use std::io::{self, Write as _};

use super::activity::Observer;
use super::activity::event::{Event, Output, Record};
use crate::stderr;

/// Returns the observer that writes to standard output and standard error.
pub(crate) fn observer() -> Observer {
    Box::new(print)
}

fn print(record: &Record) {
    match &record.event {
        Event::Log { output, line, .. } => match output {
            Output::Stdout => {
                let _ = writeln!(io::stdout(), "{line}");
            }
            Output::Stderr => stderr::write_line(line.clone()),
        },
        Event::BuildChanged { .. } => stderr::enqueue("new build: new requests go to new environments"),
        Event::EnvironmentStopped { environment, reason } => {
            stderr::enqueue(format_args!("environment {environment} stopped: {reason}"));
        }
        _ => {}
    }
}
