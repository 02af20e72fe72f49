//! The event of `--event`: text, a file or standard input.

use std::fs::File;
use std::io::{self, Read};

use bytes::{Buf, Bytes};
use serde::de::IgnoredAny;

use super::usage_error::UsageError;
use crate::protocol::MAX_EVENT_LENGTH;

/// UTF-8's byte order mark.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The source of the event for `--event`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum EventSource {
    /// The event itself.
    Text(String),
    /// The path of a file.
    File(String),
    StandardInput,
}

impl EventSource {
    /// Parses the value of `--event`: JSON, `@FILE` or `-`.
    pub(super) fn parse(value: &str) -> Self {
        match value.strip_prefix('@') {
            Some(path) => Self::File(path.to_owned()),
            None if value == "-" => Self::StandardInput,
            None => Self::Text(value.to_owned()),
        }
    }

    /// Reads the event verbatim, except for a byte order mark, and checks its size and that it is JSON.
    pub(crate) fn read(self) -> Result<Bytes, UsageError> {
        let (event, source) = match self {
            Self::Text(text) => (text.into_bytes(), "the value of --event".to_owned()),
            Self::File(path) => match File::open(&path).and_then(read_limited) {
                Ok(event) => (event, format!("the event in `{path}`")),
                Err(error) => {
                    return Err(UsageError::new(format!(
                        "failed to read the event file `{path}`: {error}"
                    )));
                }
            },
            Self::StandardInput => {
                let event = read_limited(io::stdin().lock()).map_err(|error| {
                    UsageError::new(format!("failed to read the event from standard input: {error}"))
                })?;
                (event, "the event on standard input".to_owned())
            }
        };
        let mut event = Bytes::from(event);
        // Editors and shells on Windows write it. JSON does not allow it.
        if event.starts_with(BYTE_ORDER_MARK) {
            event.advance(BYTE_ORDER_MARK.len());
        }
        if event.len() > MAX_EVENT_LENGTH {
            return Err(UsageError::new(format!(
                "{source} is larger than {MAX_EVENT_LENGTH} bytes, Lambda's limit: use a smaller event"
            )));
        }
        match serde_json::from_slice::<IgnoredAny>(&event) {
            Ok(_) => Ok(event),
            Err(error) => Err(UsageError::new(format!("{source} is not valid JSON: {error}"))),
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
