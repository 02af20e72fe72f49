//! Reads the files of `--env-file`.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::usage_error::UsageError;
use super::values::check_variable;

/// The maximum size of a file, in bytes. Operating systems limit the size of all environment variables to a few MB.
const MAX_FILE_LENGTH: u64 = 16 * 1024 * 1024;

/// Returns the variables in the file, in its order.
pub(super) fn read(path: &Path) -> Result<Vec<(String, String)>, UsageError> {
    let name = path.display();
    let text = read_text(path)
        .map_err(|error| UsageError::new(format!("failed to read the environment file `{name}`: {error}")))?;
    parse(&text).map_err(|error| UsageError::new(format!("the environment file `{name}` {error}")))
}

fn parse(text: &str) -> Result<Vec<(String, String)>, String> {
    let lines_read = Cell::new(0);
    let mut entries = dotenvy::from_read_iter(LineReader {
        text: text.as_bytes(),
        lines_read: &lines_read,
    });
    let mut variables = Vec::new();
    loop {
        let line = lines_read.get();
        match entries.next() {
            Some(Ok((name, value))) => {
                check_variable(&name, &value)?;
                variables.push((name, value));
            }
            Some(Err(error)) => return Err(describe(&error, text, line)),
            None => return Ok(variables),
        }
    }
}

/// Reads one line at a time, so that the parser reads no further than to the end of an entry.
struct LineReader<'a> {
    text: &'a [u8],
    lines_read: &'a Cell<usize>,
}

impl Read for LineReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let line_length = self
            .text
            .iter()
            .position(|&byte| byte == b'\n')
            .map_or(self.text.len(), |end| end + 1);
        let (part, rest) = self.text.split_at(line_length.min(buffer.len()));
        buffer[..part.len()].copy_from_slice(part);
        self.text = rest;
        if part.ends_with(b"\n") {
            self.lines_read.set(self.lines_read.get() + 1);
        }
        Ok(part.len())
    }
}

fn read_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MAX_FILE_LENGTH).read_to_string(&mut text)?;
    // Editors on Windows write a byte order mark.
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// Describes an error in the first entry after this many lines. The entry may be a secret, so it is not shown.
fn describe(error: &dotenvy::Error, text: &str, lines_before: usize) -> String {
    match error {
        dotenvy::Error::LineParse(..) => {
            let is_entry = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
            let skipped = text
                .lines()
                .skip(lines_before)
                .take_while(|line| !is_entry(line))
                .count();
            format!(
                "is not valid: line {} is not NAME=VALUE; a value with spaces or special characters needs quotes around it",
                lines_before + skipped + 1
            )
        }
        error => format!("cannot be read: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_file(name: &str, content: &str) -> Result<Vec<(String, String)>, String> {
        let path = std::env::temp_dir().join(format!("lambda-stream-{name}-{}.env", std::process::id()));
        std::fs::write(&path, content).unwrap();
        let result = read(&path).map_err(|error| error.to_string());
        std::fs::remove_file(&path).unwrap();
        result
    }

    #[test]
    fn variables_are_read_in_order() {
        let content = "\u{feff}# comment\nA=1\nexport B='two words'\nC=\"line 1\\nline 2\"\nA=3\n\nD=\n";
        let variables = read_file("valid", content).unwrap();
        let expected = [
            ("A", "1"),
            ("B", "two words"),
            ("C", "line 1\nline 2"),
            ("A", "3"),
            ("D", ""),
        ];
        assert_eq!(
            variables,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    #[test]
    fn invalid_line_returns_error_with_its_number() {
        for (content, line) in [
            ("A=1\nB=2\nnot a variable\n", 3),
            ("BA\u{e4}=1\nA b\n", 1),
            ("A=two words\n", 1),
            ("XB C=1", 1),
            ("A=1\r\nB=\"open\nC=3\n", 2),
            ("A=\"1\n2\"\n\n# comment\nPASSWORD=two words\nB=1\n", 5),
        ] {
            let error = read_file("invalid", content).unwrap_err();
            assert!(
                error.contains(&format!(".env` is not valid: line {line} is not NAME=VALUE")),
                "{content:?}: {error}"
            );
        }
    }

    #[test]
    fn unreadable_file_or_reserved_variable_returns_error() {
        let error = read(Path::new("no/such.env")).unwrap_err().to_string();
        assert!(
            error.starts_with("failed to read the environment file `no/such.env`: "),
            "{error}"
        );
        let error = read_file("reserved", "AWS_LAMBDA_RUNTIME_API=x").unwrap_err();
        assert!(
            error.ends_with("cannot set AWS_LAMBDA_RUNTIME_API, which local mode sets itself"),
            "{error}"
        );
    }
}
