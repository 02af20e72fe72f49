//! [`Event`]: builds and encodes a server-sent event.
//!
//! Section numbers refer to the HTML standard: 9.2.5 is the grammar, 9.2.6 is how a browser interprets it.

use std::time::Duration;

use bytes::Bytes;
use memchr::memchr2;
use serde::Serialize;

use crate::error::StreamError;

/// A server-sent event.
///
/// A browser dispatches an event that has data or a [type](Self::event) to the listeners of that type, which is `message`
/// by default. An event with neither is not dispatched, but its [`id`](Self::id) and [`retry`](Self::retry) take effect.
///
/// An invalid type or id makes sending the event fail with [`StreamError::Invalid`]. Nothing of the event is sent then.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use lambda_stream::sse::Event;
///
/// # fn main() -> Result<(), serde_json::Error> {
/// let text = Event::data("two\nlines");
/// let typed = Event::json(&["a", "b"])?.event("names").id("17");
/// let without_data = Event::new().event("end");
/// let not_dispatched = Event::new().retry(Duration::from_secs(10));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// The encoded fields, one per line, in the order of the calls.
    lines: String,
    has_data: bool,
    has_type: bool,
    /// Why the event cannot be sent: the first of the reasons.
    invalid: Option<String>,
}

impl Event {
    /// Creates an event without data.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::sse::Event;
    ///
    /// let end = Event::new().event("end");
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates an event whose data is `text`. The client receives each CR, LF or CRLF in it as LF.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::sse::Event;
    ///
    /// let event = Event::data("two\nlines");
    /// ```
    pub fn data(text: impl AsRef<str>) -> Self {
        let mut event = Self::new();
        event.has_data = true;
        for line in lines(text.as_ref()) {
            event.push("data", line);
        }
        event
    }

    /// Creates an event whose data is `value` as JSON.
    ///
    /// # Errors
    /// Returns an error if `value` cannot be serialized as JSON, for example a map whose keys are not strings.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::sse::Event;
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let event = Event::json(&[1, 2, 3])?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn json(value: &(impl Serialize + ?Sized)) -> Result<Self, serde_json::Error> {
        Ok(Self::data(serde_json::to_string(value)?))
    }

    /// Creates a comment, which browsers ignore.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::sse::Event;
    ///
    /// let comment = Event::comment("still working");
    /// ```
    pub fn comment(text: impl AsRef<str>) -> Self {
        let mut event = Self::new();
        for line in lines(text.as_ref()) {
            event.push("", line);
        }
        event
    }

    /// Sets the type of the event: the name that a page passes to `addEventListener`. It must be a single line.
    ///
    /// Browsers discard an event without data. An event with a type and no data is therefore sent with empty data.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::sse::Event;
    ///
    /// // A page receives it with `source.addEventListener("price", …)`.
    /// let event = Event::data("17.20").event("price");
    /// ```
    #[must_use]
    pub fn event(mut self, name: impl AsRef<str>) -> Self {
        self.has_type = true;
        self.push_single_line("event", name.as_ref());
        self
    }

    /// Sets the id of the event, which the browser sends as `Last-Event-ID` when it reconnects. It must be a single line
    /// without NUL.
    ///
    /// The browser keeps the id until another event sets one. An empty id makes the browser forget it.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::sse::Event;
    ///
    /// let event = Event::data("17.20").id("42");
    /// ```
    #[must_use]
    pub fn id(mut self, id: impl AsRef<str>) -> Self {
        let id = id.as_ref();
        match id.find('\0') {
            // 9.2.6: the browser ignores an id that contains NUL.
            Some(position) => self.set_invalid(format!(
                "the id of a server-sent event contains NUL at byte {position}; browsers ignore such an id"
            )),
            None => self.push_single_line("id", id),
        }
        self
    }

    /// Sets how long the browser waits before it reconnects, in whole milliseconds.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    ///
    /// use lambda_stream::sse::Event;
    ///
    /// let event = Event::new().retry(Duration::from_secs(10));
    /// ```
    #[must_use]
    pub fn retry(mut self, delay: Duration) -> Self {
        self.push("retry", &delay.as_millis().to_string());
        self
    }

    /// Returns the encoded event, including the empty line that ends it.
    pub(super) fn encode(self) -> Result<Bytes, StreamError> {
        if let Some(reason) = self.invalid {
            return Err(StreamError::Invalid(reason));
        }
        let mut bytes = self.lines;
        if self.has_type && !self.has_data {
            // 9.2.6: an event with an empty data buffer is not dispatched. An empty data line puts a LF in the buffer.
            bytes.push_str("data:\n");
        }
        bytes.push('\n');
        Ok(bytes.into())
    }

    fn push_single_line(&mut self, field: &str, value: &str) {
        match value.find(['\r', '\n']) {
            Some(position) => self.set_invalid(format!(
                "the field `{field}` of a server-sent event contains a line break at byte {position}; it must be a \
                 single line"
            )),
            None => self.push(field, value),
        }
    }

    /// Appends a field. `value` contains no line break.
    fn push(&mut self, field: &str, value: &str) {
        // The colon, a space, the line feed, and that of the empty line which ends the event.
        self.lines.reserve(field.len() + value.len() + 4);
        self.lines.push_str(field);
        self.lines.push(':');
        if !value.is_empty() {
            // 9.2.6: the browser removes one space after the colon, so a space that starts the value is kept.
            self.lines.push(' ');
            self.lines.push_str(value);
        }
        self.lines.push('\n');
    }

    fn set_invalid(&mut self, reason: String) {
        self.invalid.get_or_insert(reason);
    }
}

/// Splits `text` at each CRLF, LF or CR (9.2.5). A line break at the end is followed by an empty line.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(end) = memchr2(b'\r', b'\n', text.as_bytes()) else {
            return rest.take();
        };
        let is_crlf = text[end..].starts_with("\r\n");
        rest = Some(&text[end + if is_crlf { 2 } else { 1 }..]);
        Some(&text[..end])
    })
}

#[cfg(test)]
mod tests;
