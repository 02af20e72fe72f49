//! Encodes an error as JSON within a size limit. The document stays valid JSON, and says what was truncated.

use std::borrow::Cow;

use serde::Serialize;

use super::Error;
use crate::protocol::MAX_ERROR_TYPE_LENGTH;

/// The longest note about truncated text, in bytes.
const MAX_NOTE_LENGTH: usize = 64;

/// The JSON syntax around a line of the stack trace: two quotes and a comma, in bytes.
const LINE_OVERHEAD: usize = 3;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    error_message: Cow<'a, str>,
    error_type: Cow<'a, str>,
    stack_trace: Cow<'a, [String]>,
}

/// Encodes `error` as the JSON document of Lambda's protocol, in at most `max_length` bytes (2,048 or more).
///
/// If the document is too long, the message and the stack trace each get half of the space, and one gets what the other
/// does not need. So the location of a panic is kept, however long the message is.
pub(crate) fn json(error: &Error, max_length: usize) -> Vec<u8> {
    let mut document = Document {
        error_message: Cow::Borrowed(&error.0.message),
        error_type: error_type(error),
        stack_trace: Cow::Borrowed(&error.0.stack_trace),
    };
    let complete = encode(&document);
    if complete.len() <= max_length {
        return complete;
    }
    let (message, lines) = (&error.0.message, &error.0.stack_trace);
    let trace_length = lines
        .iter()
        .map(|line| json_length(line) + LINE_OVERHEAD)
        .sum::<usize>();
    let overhead = (complete.len() + 1).saturating_sub(json_length(message) + trace_length);
    let available = max_length.saturating_sub(overhead);
    document.error_message = truncate(message, available.saturating_sub(trace_length).max(available / 2));
    let available = available.saturating_sub(json_length(&document.error_message));
    document.stack_trace = Cow::Owned(truncate_lines(lines, available));
    encode(&document)
}

/// Returns the error type, truncated to the maximum length. The ellipsis is ASCII, because the type is also a header.
pub(crate) fn error_type(error: &Error) -> Cow<'_, str> {
    let complete = error.error_type();
    match complete
        .char_indices()
        .find(|(at, letter)| at + letter.len_utf8() > MAX_ERROR_TYPE_LENGTH - 3)
    {
        Some((end, _)) if complete.len() > MAX_ERROR_TYPE_LENGTH => Cow::Owned(format!("{}...", &complete[..end])),
        _ => Cow::Borrowed(complete),
    }
}

fn encode(document: &Document<'_>) -> Vec<u8> {
    // Serializing strings cannot fail.
    serde_json::to_vec(document).unwrap_or_default()
}

/// Truncates `text` to at most `available` bytes of JSON, with a note of how much is missing.
fn truncate(text: &str, available: usize) -> Cow<'_, str> {
    if json_length(text) <= available {
        return Cow::Borrowed(text);
    }
    let available = available.saturating_sub(MAX_NOTE_LENGTH);
    let mut length = 0;
    let exceeds = |(_, letter): &(usize, char)| {
        length += json_char_length(*letter);
        length > available
    };
    let end = text.char_indices().find(exceeds).map_or(text.len(), |(at, _)| at);
    Cow::Owned(format!(
        "{} … (truncated: {} more bytes)",
        &text[..end],
        text.len() - end
    ))
}

/// Keeps the first of `lines` that fit into `available` bytes of JSON, and the front of the next one.
fn truncate_lines(lines: &[String], mut available: usize) -> Vec<String> {
    let mut kept = Vec::new();
    for (line, remaining) in lines.iter().zip((1..=lines.len()).rev()) {
        let note = if remaining > 1 { MAX_NOTE_LENGTH } else { 0 };
        let needed = json_length(line) + LINE_OVERHEAD;
        if needed + note <= available {
            available -= needed;
            kept.push(line.clone());
            continue;
        }
        let front = available.saturating_sub(note + LINE_OVERHEAD);
        // A front that is hardly longer than its note is omitted.
        let omitted = if front < 2 * MAX_NOTE_LENGTH {
            remaining
        } else {
            kept.push(truncate(line, front).into_owned());
            remaining - 1
        };
        if omitted > 0 {
            kept.push(format!("… (truncated: {omitted} more lines)"));
        }
        break;
    }
    kept
}

/// Returns the length of `text` in JSON, without the quotes, in bytes.
fn json_length(text: &str) -> usize {
    text.chars().map(json_char_length).sum()
}

/// The shortest form of RFC 8259, section 7, which is the one that serde_json writes.
fn json_char_length(letter: char) -> usize {
    match letter {
        '"' | '\\' | '\u{8}' | '\t' | '\n' | '\u{c}' | '\r' => 2,
        '\0'..='\u{1f}' => 6,
        _ => letter.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const MAX_LENGTH: usize = 2048;

    fn encoded(message: &str, lines: &[String]) -> Value {
        let json = json(&Error::of_type("Function.Error", message, lines.to_vec()), MAX_LENGTH);
        assert!(json.len() <= MAX_LENGTH, "{} bytes", json.len());
        serde_json::from_slice(&json).unwrap()
    }

    #[test]
    fn short_error_is_complete() {
        let lines = ["a\0b".to_owned(), "\"ü\"\r\n".to_owned()];
        assert_eq!(
            encoded("\\ \u{7f} 🦀", &lines),
            serde_json::json!({"errorMessage": "\\ \u{7f} 🦀", "errorType": "Function.Error", "stackTrace": lines})
        );
        let overhead = json(&Error::new(""), MAX_LENGTH).len();
        let exact = "x".repeat(MAX_LENGTH - overhead);
        assert_eq!(encoded(&exact, &[])["errorMessage"], exact);
        assert_ne!(encoded(&(exact.clone() + "x"), &[])["errorMessage"], exact + "x");
    }

    #[test]
    fn long_message_is_truncated_between_characters() {
        for letter in ["x", "ü", "🦀", "\"", "\n", "\0", "a\u{301}\\"] {
            let message = letter.repeat(10_000);
            let document = encoded(&message, &[]);
            let (front, note) = document["errorMessage"]
                .as_str()
                .unwrap()
                .split_once(" … (truncated: ")
                .unwrap();
            assert!(
                message.starts_with(front) && json_length(front) > MAX_LENGTH / 2,
                "{letter:?}"
            );
            assert_eq!(note, format!("{} more bytes)", message.len() - front.len()));
        }
    }

    #[test]
    fn panic_location_is_kept_with_a_long_message() {
        let location = "src/main.rs:3:5".to_owned();
        assert_eq!(
            encoded(&"\0".repeat(1_000_000), std::slice::from_ref(&location))["stackTrace"],
            Value::from(vec![location])
        );
    }

    #[test]
    fn long_stack_trace_keeps_its_first_lines() {
        let lines: Vec<_> = (0..1000).map(|n| format!("cause {n}")).collect();
        let kept_lines = encoded("the message", &lines)["stackTrace"].clone();
        let kept_lines = kept_lines.as_array().unwrap();
        let kept = kept_lines.len() - 1;
        assert!(kept > 100 && kept_lines[..kept] == lines[..kept], "{kept_lines:?}");
        assert_eq!(kept_lines[kept], format!("… (truncated: {} more lines)", 1000 - kept));

        let long = ["a".repeat(10_000), "b".to_owned()];
        let kept_lines = encoded("the message", &long)["stackTrace"].clone();
        assert!(kept_lines[0].as_str().unwrap().ends_with("more bytes)"));
        assert_eq!(kept_lines[1], "… (truncated: 1 more lines)");
        assert_eq!(encoded("the message", &long)["errorMessage"], "the message");
    }

    #[test]
    fn every_length_stays_within_the_limit() {
        for message in (0..4_000).step_by(97) {
            for line in (0..3_000).step_by(61) {
                encoded(
                    &"\"".repeat(message),
                    &["ü".repeat(line), "x".repeat(line / 3), String::new()],
                );
            }
        }
    }

    #[test]
    fn error_type_has_at_most_256_bytes() {
        let truncated = |text: String| error_type(&Error::new("").with_type(text)).into_owned();
        assert_eq!(truncated("x".repeat(256)), "x".repeat(256));
        assert_eq!(truncated("x".repeat(257)), "x".repeat(253) + "...");
        assert_eq!(truncated("ü".repeat(1000)), "ü".repeat(126) + "...");
    }
}
