//! The colors of the terminal.

use std::env;
use std::fmt::Display;
use std::io::{self, IsTerminal};

const RESET: &str = "\x1b[0m";
const DIM: &str = "\x1b[2m";

/// Whether the lines of an output have colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    has_colors: bool,
}

/// A color of the 16 that each terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Color {
    Red,
    Green,
    Yellow,
    Cyan,
}

impl Style {
    #[cfg(test)]
    pub(crate) const PLAIN: Self = Self { has_colors: false };
    #[cfg(test)]
    pub(crate) const COLORS: Self = Self { has_colors: true };

    /// Returns the style of standard output: colors on a terminal, unless the variable `NO_COLOR` is set and not empty.
    pub(crate) fn of_stdout() -> Self {
        Self::new(io::stdout().is_terminal())
    }

    /// Returns the style of standard error; see [`of_stdout`](Self::of_stdout).
    pub(crate) fn of_stderr() -> Self {
        Self::new(io::stderr().is_terminal())
    }

    fn new(is_terminal: bool) -> Self {
        let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            has_colors: is_terminal && !no_color,
        }
    }

    /// Returns `text` in a color.
    pub(crate) fn paint(self, color: Color, text: impl Display) -> String {
        let sequence = match color {
            Color::Red => "\x1b[31m",
            Color::Green => "\x1b[32m",
            Color::Yellow => "\x1b[33m",
            Color::Cyan => "\x1b[36m",
        };
        self.apply(sequence, text)
    }

    /// Returns `text` with less contrast.
    pub(crate) fn dim(self, text: impl Display) -> String {
        self.apply(DIM, text)
    }

    fn apply(self, sequence: &str, text: impl Display) -> String {
        match self.has_colors {
            true => format!("{sequence}{text}{RESET}"),
            false => text.to_string(),
        }
    }
}
