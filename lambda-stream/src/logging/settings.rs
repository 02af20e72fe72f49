//! [`Settings`]: the log format and levels, from environment variables.

use std::io::{self, IsTerminal as _};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;

use super::levels::Levels;

const LOG_FORMAT: &str = "AWS_LAMBDA_LOG_FORMAT";
const LOG_LEVEL: &str = "AWS_LAMBDA_LOG_LEVEL";
const RUST_LOG: &str = "RUST_LOG";
const NO_COLOR: &str = "NO_COLOR";

/// The level without a variable that sets it, and with an invalid value.
const DEFAULT_LEVEL: LevelFilter = LevelFilter::INFO;

/// The format of the lines.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Format {
    Json,
    Text,
    /// Text for a person who reads it on a terminal.
    Terminal {
        colors: bool,
    },
}

pub(super) struct Settings {
    pub(super) format: Format,
    pub(super) levels: Levels,
    /// Says which variable is invalid and what is accepted.
    pub(super) warning: Option<String>,
}

impl Settings {
    pub(super) fn from_env() -> Self {
        let variable = |name: &str| {
            let value = std::env::var_os(name).unwrap_or_default();
            value.to_string_lossy().into_owned()
        };
        Self::new(variable, io::stderr().is_terminal())
    }

    /// `variable` returns the value of an environment variable, or the empty string if it is not set.
    fn new(variable: impl Fn(&str) -> String, is_terminal: bool) -> Self {
        let format = if variable(LOG_FORMAT).eq_ignore_ascii_case("JSON") {
            Format::Json
        } else if is_terminal {
            let colors = variable(NO_COLOR).is_empty();
            Format::Terminal { colors }
        } else {
            Format::Text
        };
        let targets = match (variable(LOG_LEVEL), variable(RUST_LOG)) {
            (level, rust_log) if level.is_empty() && rust_log.is_empty() => Ok(default_targets()),
            (level, rust_log) if level.is_empty() => rust_log.parse().map_err(|error| {
                format!(
                    "ignored {RUST_LOG}={rust_log:?}: {error}; write a level, or levels for targets, such as \
                     `info,my_crate=debug`; the level is INFO"
                )
            }),
            (level, _) => parse_level(&level)
                .map(|level| Targets::new().with_default(level))
                .ok_or_else(|| {
                    format!(
                        "ignored {LOG_LEVEL}={level:?}: must be TRACE, DEBUG, INFO, WARN, ERROR or FATAL; the level \
                         is INFO"
                    )
                }),
        };
        let (targets, warning) = match targets {
            Ok(targets) => (targets, None),
            Err(warning) => (default_targets(), Some(warning)),
        };
        Self {
            format,
            levels: Levels::new(targets),
            warning,
        }
    }
}

fn default_targets() -> Targets {
    Targets::new().with_default(DEFAULT_LEVEL)
}

fn parse_level(level: &str) -> Option<LevelFilter> {
    match level.to_ascii_uppercase().as_str() {
        "TRACE" => Some(LevelFilter::TRACE),
        "DEBUG" => Some(LevelFilter::DEBUG),
        "INFO" => Some(LevelFilter::INFO),
        "WARN" => Some(LevelFilter::WARN),
        "ERROR" | "FATAL" => Some(LevelFilter::ERROR),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    fn settings(variables: &[(&str, &str)], is_terminal: bool) -> Settings {
        let variable = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map_or_else(String::new, |(_, value)| (*value).to_owned())
        };
        Settings::new(variable, is_terminal)
    }

    /// The most verbose level that is enabled for `target`.
    fn level(variables: &[(&str, &str)], target: &str) -> Option<Level> {
        let settings = settings(variables, false);
        assert_eq!(settings.warning, None);
        let levels = [Level::TRACE, Level::DEBUG, Level::INFO, Level::WARN, Level::ERROR];
        levels
            .into_iter()
            .find(|level| settings.levels.is_enabled_for(target, level))
    }

    #[test]
    fn format_is_json_terminal_or_text() {
        for json in ["JSON", "json", "Json"] {
            assert_eq!(settings(&[(LOG_FORMAT, json)], true).format, Format::Json);
        }
        assert_eq!(settings(&[(LOG_FORMAT, "Text")], false).format, Format::Text);
        assert_eq!(settings(&[], false).format, Format::Text);
        let format = |no_color| settings(&[(NO_COLOR, no_color)], true).format;
        assert_eq!(format(""), Format::Terminal { colors: true });
        assert_eq!(format("1"), Format::Terminal { colors: false });
    }

    #[test]
    fn lambda_level_overrides_rust_log() {
        for (name, expected) in [
            ("TRACE", Level::TRACE),
            ("debug", Level::DEBUG),
            ("Info", Level::INFO),
            ("WARN", Level::WARN),
            ("ERROR", Level::ERROR),
            ("fatal", Level::ERROR),
        ] {
            let variables = [(LOG_LEVEL, name), (RUST_LOG, "off")];
            assert_eq!(level(&variables, "my_crate"), Some(expected), "{name}");
        }
    }

    #[test]
    fn rust_log_sets_levels_per_target() {
        let level = |rust_log, target| level(&[(RUST_LOG, rust_log)], target);
        assert_eq!(level("", "my_crate"), Some(Level::INFO));
        assert_eq!(level("debug", "my_crate"), Some(Level::DEBUG));
        assert_eq!(level("warn,my_crate=trace", "my_crate::part"), Some(Level::TRACE));
        assert_eq!(level("warn,my_crate=trace", "hyper"), Some(Level::WARN));
        assert_eq!(level("my_crate=debug", "hyper"), None);
    }

    #[test]
    fn library_errors_are_enabled_unless_rust_log_disables_them() {
        let level = |rust_log| level(&[(RUST_LOG, rust_log)], "lambda_stream");
        assert_eq!(level("my_crate=debug"), Some(Level::ERROR));
        assert_eq!(level("off"), None);
        assert_eq!(level("my_crate=debug,lambda_stream=off"), None);
        assert_eq!(level("warn"), Some(Level::WARN));
    }

    #[test]
    fn invalid_level_is_reported_and_info_is_used() {
        let invalid = settings(&[(LOG_LEVEL, "verbose"), (RUST_LOG, "trace")], false);
        let warning = invalid.warning.unwrap();
        assert!(
            warning.contains("AWS_LAMBDA_LOG_LEVEL=\"verbose\"") && warning.contains("TRACE, DEBUG, INFO"),
            "{warning}"
        );
        assert!(invalid.levels.is_enabled_for("my_crate", &Level::INFO));
        assert!(!invalid.levels.is_enabled_for("my_crate", &Level::DEBUG));

        let invalid = settings(&[(RUST_LOG, "my_crate=loud")], false);
        let warning = invalid.warning.unwrap();
        assert!(
            warning.contains("RUST_LOG=\"my_crate=loud\"") && warning.contains("my_crate=debug"),
            "{warning}"
        );
        assert!(invalid.levels.is_enabled_for("my_crate", &Level::INFO));
    }
}
