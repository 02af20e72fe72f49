//! One event, as the lines that a browser reads. It knows nothing of how it is sent.
//!
//! Sections are those of the HTML standard: 9.2.5 has the grammar, 9.2.6 what a browser makes of it.

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;

use crate::error::StreamError;

/// A server-sent event.
///
/// ```
/// use std::time::Duration;
/// use lambda_stream::sse::Event;
///
/// # fn main() -> Result<(), serde_json::Error> {
/// let text = Event::data("two\nlines");
/// let typed = Event::json(&["a", "b"])?.event("names").id("17");
/// let end = Event::new().event("end");
/// let only_to_the_browser = Event::new().retry(Duration::from_secs(10));
/// # Ok(())
/// # }
/// ```
///
/// A browser hands it to the listeners of its [type](Self::event), `message` unless set, if it has data or a type. One
/// with neither is read all the same: its id and its retry count.
///
/// What cannot stand in an event is reported when it is sent, as [`StreamError::Invalid`], and nothing of the event is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// The fields, each a line, in the order in which they were given.
    lines: String,
    has_data: bool,
    has_type: bool,
    fault: Option<String>,
}

impl Event {
    /// An event without data.
    pub fn new() -> Self {
        Self::default()
    }

    /// An event with a text, of one or several lines. The browser gets each of LF, CR and CRLF as a LF.
    pub fn data(text: impl AsRef<str>) -> Self {
        let mut event = Self::new();
        event.has_data = true;
        for line in lines(text.as_ref()) {
            event.push("data", line);
        }
        event
    }

    /// An event with `value` as JSON.
    ///
    /// # Errors
    /// Where it cannot be JSON, such as a map whose keys are no text.
    pub fn json(value: &(impl Serialize + ?Sized)) -> Result<Self, serde_json::Error> {
        Ok(Self::data(serde_json::to_string(value)?))
    }

    /// A comment, which browsers ignore: no event at all.
    pub fn comment(text: impl AsRef<str>) -> Self {
        let mut event = Self::new();
        for line in lines(text.as_ref()) {
            event.push("", line);
        }
        event
    }

    /// Sets the type of the event, in one line: what a browser's `addEventListener` takes.
    ///
    /// An event with a type and no data gets an empty one: browsers drop what has none.
    #[must_use]
    pub fn event(mut self, name: impl AsRef<str>) -> Self {
        self.has_type = true;
        self.push_one_line("event", name.as_ref());
        self
    }

    /// Sets the id, in one line and without NUL: what the browser says as `Last-Event-ID` when it comes back.
    ///
    /// It stays until an event has another; an empty one makes the browser forget it.
    #[must_use]
    pub fn id(mut self, id: impl AsRef<str>) -> Self {
        let id = id.as_ref();
        match id.find('\0') {
            // 9.2.6: such a field is ignored.
            Some(at) => self.note(format!(
                "the id of an event has a NUL at byte {at}, and a browser ignores such an id"
            )),
            None => self.push_one_line("id", id),
        }
        self
    }

    /// Sets how long the browser waits before it comes back, in whole milliseconds.
    #[must_use]
    pub fn retry(mut self, after: Duration) -> Self {
        self.push("retry", &after.as_millis().to_string());
        self
    }

    /// The bytes, up to and with the empty line that ends an event.
    pub(super) fn encode(self) -> Result<Bytes, StreamError> {
        if let Some(fault) = self.fault {
            return Err(StreamError::Invalid(fault));
        }
        let mut bytes = self.lines;
        if self.has_type && !self.has_data {
            // 9.2.6: an event whose data buffer is empty is not dispatched. One empty line of data is not empty there.
            bytes.push_str("data:\n");
        }
        bytes.push('\n');
        Ok(bytes.into())
    }

    fn push_one_line(&mut self, field: &str, value: &str) {
        match value.find(['\r', '\n']) {
            Some(at) => self.note(format!(
                "the field `{field}` of an event has a line end at byte {at}, and must be one line"
            )),
            None => self.push(field, value),
        }
    }

    /// One line; `value` has no end of a line.
    fn push(&mut self, field: &str, value: &str) {
        self.lines.push_str(field);
        self.lines.push(':');
        if !value.is_empty() {
            // 9.2.6: one space after the colon is left out, so that the value keeps its own.
            self.lines.push(' ');
            self.lines.push_str(value);
        }
        self.lines.push('\n');
    }

    /// The first fault is the one that is told.
    fn note(&mut self, fault: String) {
        self.fault.get_or_insert(fault);
    }
}

/// 9.2.5: CRLF, LF and CR each end a line. A text without any is one line, and so is what follows the last.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some((line, after)) = text.split_once(['\r', '\n']) else {
            return rest.take();
        };
        let is_crlf = text.as_bytes().get(line.len()..line.len() + 2) == Some(b"\r\n");
        rest = Some(if is_crlf { &after[1..] } else { after });
        Some(line)
    })
}

#[cfg(test)]
mod tests;
