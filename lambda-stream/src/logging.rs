//! The library's own log lines, on standard error.
//!
//! They are not written with `eprintln!`, which panics if standard error is closed.

use std::fmt::{self, Display};
use std::io::{self, Write as _};

/// Writes a log line if `AWS_LAMBDA_LOG_LEVEL` is `DEBUG` or `TRACE`.
#[cfg(feature = "http")]
pub(crate) fn debug(text: impl Display) {
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default();
    if ["DEBUG", "TRACE"].iter().any(|debug| level.eq_ignore_ascii_case(debug)) {
        line(text);
    }
}

/// Writes a log line.
pub(crate) fn line(text: impl Display) {
    // One write, so that the lines of concurrent threads do not mix. There is no place to report an error of it.
    let _ = io::stderr().write_all(format!("lambda-stream: {text}\n").as_bytes());
}

/// Displays text from outside of the process on one line: control characters are escaped.
pub(crate) struct OneLine<'a>(pub(crate) &'a str);

impl Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Writes the text between control characters in one piece, because there are rarely any.
        let mut rest = self.0;
        while let Some((position, control)) = rest.char_indices().find(|(_, character)| character.is_control()) {
            write!(f, "{}{}", &rest[..position], control.escape_default())?;
            rest = &rest[position + control.len_utf8()..];
        }
        f.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_escapes_control_characters_only() {
        assert_eq!(
            OneLine("a\r\n\0\x1b[31m \"ü\"\u{85}").to_string(),
            r#"a\r\n\u{0}\u{1b}[31m "ü"\u{85}"#
        );
    }
}
