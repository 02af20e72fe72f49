//! [`UsageError`]: what is wrong with the command line.

use std::error::Error as _;
use std::fmt;

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// An invalid command line, or a file that it names and that cannot be read.
#[derive(Debug, PartialEq)]
pub(crate) struct UsageError(String);

impl UsageError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for UsageError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Describes the error in one line, in the style of the other errors of local mode.
impl From<clap::Error> for UsageError {
    fn from(error: clap::Error) -> Self {
        let argument = text(&error, ContextKind::InvalidArg);
        let value = text(&error, ContextKind::InvalidValue);
        let (name, placeholder) = match argument.split_once(' ') {
            Some((name, placeholder)) => (name, placeholder.trim_matches(['<', '>'])),
            None => (argument, ""),
        };
        Self(match error.kind() {
            ErrorKind::UnknownArgument => match text(&error, ContextKind::SuggestedArg) {
                "" => format!("unknown argument `{argument}`"),
                suggestion => format!("unknown argument `{argument}`, did you mean `{suggestion}`?"),
            },
            ErrorKind::InvalidValue if value.is_empty() => {
                format!("{name} needs a value: {name} {placeholder}")
            }
            ErrorKind::InvalidValue => {
                let values = list(&error, ContextKind::ValidValue);
                let values = match values.as_slice() {
                    [first, second] => format!("`{first}` or `{second}`"),
                    values => format!("one of `{}`", values.join("`, `")),
                };
                match text(&error, ContextKind::SuggestedValue) {
                    "" => format!("{name} takes {values}, not `{value}`"),
                    suggestion => {
                        format!("{name} takes {values}, not `{value}`: did you mean `{suggestion}`?")
                    }
                }
            }
            ErrorKind::ValueValidation => {
                let expected = error.source().map(ToString::to_string).unwrap_or_default();
                format!("{name} {expected}, not `{value}`")
            }
            ErrorKind::TooManyValues => format!("{name} takes no value, not `{value}`"),
            ErrorKind::ArgumentConflict => {
                let others = list(&error, ContextKind::PriorArg);
                let others: Vec<&str> = others.iter().map(|other| option_name(other)).collect();
                match others.as_slice() {
                    [] => format!("{name} cannot be combined with other options"),
                    [other] if *other == name => format!("{name} is specified twice"),
                    others => format!("{name} cannot be combined with {}", others.join(" or ")),
                }
            }
            _ => {
                let text = error.to_string();
                let line = text.lines().next().unwrap_or_default();
                line.strip_prefix("error: ").unwrap_or(line).to_owned()
            }
        })
    }
}

/// Returns the name of an option that clap describes as `--name <VALUE>`.
fn option_name(argument: &str) -> &str {
    argument.split(' ').next().unwrap_or_default()
}

fn text(error: &clap::Error, kind: ContextKind) -> &str {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text,
        _ => "",
    }
}

fn list(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}
