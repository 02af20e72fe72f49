//! What the runtime itself says, a line each, on standard error.
//!
//! Not `eprintln!`: that panics where standard error is closed.

use std::fmt::{self, Display};
use std::io::{self, Write as _};

/// A line for who looks for a fault: only where Lambda's setting for the level of logs asks for it.
#[cfg(feature = "http")]
pub(crate) fn debug(text: impl Display) {
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default();
    if ["DEBUG", "TRACE"]
        .iter()
        .any(|wanted| level.eq_ignore_ascii_case(wanted))
    {
        line(text);
    }
}

pub(crate) fn line(text: impl Display) {
    // One write for one line, so that lines of several threads do not mix; where it fails nobody listens.
    let _ = io::stderr().write_all(format!("lambda-stream: {text}\n").as_bytes());
}

/// Text from outside, with its control characters escaped: what is said of it stays one line.
pub(crate) struct OneLine<'a>(pub(crate) &'a str);

impl Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // In runs, since there is seldom anything to escape.
        let mut rest = self.0;
        while let Some((at, control)) = rest.char_indices().find(|(_, letter)| letter.is_control()) {
            write!(f, "{}{}", &rest[..at], control.escape_default())?;
            rest = &rest[at + control.len_utf8()..];
        }
        f.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_is_one_line_and_readable() {
        assert_eq!(
            OneLine("a\r\n\0\x1b[31m \"ü\"\u{85}").to_string(),
            r#"a\r\n\u{0}\u{1b}[31m "ü"\u{85}"#
        );
    }
}
