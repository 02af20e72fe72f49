//! What is told of an error, within a size: whatever its text, the JSON stays whole, and says what was cut from it.

use std::borrow::Cow;

use serde::Serialize;

use super::Error;
use crate::protocol::MAX_ERROR_TYPE_LENGTH;

/// What a note of what was cut takes, at most, in bytes.
const NOTE: usize = 64;

/// The quotes of a line of the stack trace, and a comma.
const AROUND_A_LINE: usize = 3;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    error_message: Cow<'a, str>,
    error_type: Cow<'a, str>,
    stack_trace: Cow<'a, [String]>,
}

/// The JSON that Lambda takes as the description of an error, of at most so many bytes (of no fewer than 2,048).
///
/// Where it would be longer, the message and the stack trace each keep a half, and what the one does not need the other
/// gets: the place of a panic is told however long its message is.
pub(crate) fn json(error: &Error, most: usize) -> Vec<u8> {
    let mut told = Told {
        error_message: Cow::Borrowed(&error.0.message),
        error_type: error_type(error),
        stack_trace: Cow::Borrowed(&error.0.stack_trace),
    };
    let whole = encoded(&told);
    if whole.len() <= most {
        return whole;
    }
    let (message, lines) = (&error.0.message, &error.0.stack_trace);
    let trace = lines.iter().map(|line| length(line) + AROUND_A_LINE).sum::<usize>();
    let around = (whole.len() + 1).saturating_sub(length(message) + trace);
    let room = most.saturating_sub(around);
    told.error_message = cut(message, room.saturating_sub(trace).max(room / 2));
    told.stack_trace = Cow::Owned(cut_lines(lines, room.saturating_sub(length(&told.error_message))));
    encoded(&told)
}

/// The error type, cut where it is longer than any real one. The note is one that a header can hold.
pub(crate) fn error_type(error: &Error) -> Cow<'_, str> {
    let whole = error.error_type();
    match whole
        .char_indices()
        .find(|(at, letter)| at + letter.len_utf8() > MAX_ERROR_TYPE_LENGTH - 3)
    {
        Some((end, _)) if whole.len() > MAX_ERROR_TYPE_LENGTH => Cow::Owned(format!("{}...", &whole[..end])),
        _ => Cow::Borrowed(whole),
    }
}

fn encoded(told: &Told<'_>) -> Vec<u8> {
    // Strings always serialise.
    serde_json::to_vec(told).unwrap_or_default()
}

/// Of `text`, as much as JSON can say in so many bytes.
fn cut(text: &str, room: usize) -> Cow<'_, str> {
    if length(text) <= room {
        return Cow::Borrowed(text);
    }
    let room = room.saturating_sub(NOTE);
    let mut taken = 0;
    let too_many = |(_, letter): &(usize, char)| {
        taken += letter_length(*letter);
        taken > room
    };
    let end = text.char_indices().find(too_many).map_or(text.len(), |(at, _)| at);
    Cow::Owned(format!("{} … (cut: {} bytes left out)", &text[..end], text.len() - end))
}

/// The first of `lines`, whole, as long as there is room; of the first for which there is none, the front.
fn cut_lines(lines: &[String], mut room: usize) -> Vec<String> {
    let mut kept = Vec::new();
    for (line, left) in lines.iter().zip((1..=lines.len()).rev()) {
        let note = if left > 1 { NOTE } else { 0 };
        let needed = length(line) + AROUND_A_LINE;
        if needed + note <= room {
            room -= needed;
            kept.push(line.clone());
            continue;
        }
        let front = room.saturating_sub(note + AROUND_A_LINE);
        // What would be little more than the note is left out.
        let left_out = if front < 2 * NOTE {
            left
        } else {
            kept.push(cut(line, front).into_owned());
            left - 1
        };
        if left_out > 0 {
            kept.push(format!("… (cut: {left_out} lines left out)"));
        }
        break;
    }
    kept
}

/// The bytes that JSON takes to say `text`, without the quotes.
fn length(text: &str) -> usize {
    text.chars().map(letter_length).sum()
}

/// RFC 8259, section 7, in the shortest form, which is serde's.
fn letter_length(letter: char) -> usize {
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

    const MOST: usize = 2048;

    fn told(message: &str, lines: &[String]) -> Value {
        let json = json(&Error::of_type("Function.Error", message, lines.to_vec()), MOST);
        assert!(json.len() <= MOST, "{} bytes", json.len());
        serde_json::from_slice(&json).unwrap()
    }

    #[test]
    fn what_fits_is_told_as_it_is() {
        let lines = ["a\0b".to_owned(), "\"ü\"\r\n".to_owned()];
        assert_eq!(
            told("\\ \u{7f} 🦀", &lines),
            serde_json::json!({"errorMessage": "\\ \u{7f} 🦀", "errorType": "Function.Error", "stackTrace": lines})
        );
        let around = json(&Error::new(""), MOST).len();
        let exact = "x".repeat(MOST - around);
        assert_eq!(told(&exact, &[])["errorMessage"], exact);
        assert_ne!(told(&(exact.clone() + "x"), &[])["errorMessage"], exact + "x");
    }

    #[test]
    fn a_long_message_is_cut_between_characters_and_says_how_much() {
        for letter in ["x", "ü", "🦀", "\"", "\n", "\0", "a\u{301}\\"] {
            let message = letter.repeat(10_000);
            let told = told(&message, &[]);
            let (front, note) = told["errorMessage"].as_str().unwrap().split_once(" … (cut: ").unwrap();
            assert!(message.starts_with(front) && length(front) > MOST / 2, "{letter:?}");
            assert_eq!(note, format!("{} bytes left out)", message.len() - front.len()));
        }
    }

    #[test]
    fn the_place_of_a_panic_is_told_however_long_its_message_is() {
        let place = "src/main.rs:3:5".to_owned();
        assert_eq!(
            told(&"\0".repeat(1_000_000), std::slice::from_ref(&place))["stackTrace"],
            Value::from(vec![place])
        );
    }

    #[test]
    fn a_long_stack_trace_keeps_its_first_lines_and_counts_the_others() {
        let lines: Vec<_> = (0..1000).map(|n| format!("cause {n}")).collect();
        let told_lines = told("the message", &lines)["stackTrace"].clone();
        let told_lines = told_lines.as_array().unwrap();
        let kept = told_lines.len() - 1;
        assert!(kept > 100 && told_lines[..kept] == lines[..kept], "{told_lines:?}");
        assert_eq!(told_lines[kept], format!("… (cut: {} lines left out)", 1000 - kept));

        let long = ["a".repeat(10_000), "b".to_owned()];
        let told_lines = told("the message", &long)["stackTrace"].clone();
        assert!(told_lines[0].as_str().unwrap().ends_with("bytes left out)"));
        assert_eq!(told_lines[1], "… (cut: 1 lines left out)");
        assert_eq!(told("the message", &long)["errorMessage"], "the message");
    }

    #[test]
    fn every_length_of_message_and_trace_stays_within_the_limit() {
        for message in (0..4_000).step_by(97) {
            for line in (0..3_000).step_by(61) {
                told(
                    &"\"".repeat(message),
                    &["ü".repeat(line), "x".repeat(line / 3), String::new()],
                );
            }
        }
    }

    #[test]
    fn a_type_has_at_most_256_bytes() {
        let of = |text: String| error_type(&Error::new("").with_type(text)).into_owned();
        assert_eq!(of("x".repeat(256)), "x".repeat(256));
        assert_eq!(of("x".repeat(257)), "x".repeat(253) + "...");
        assert_eq!(of("ü".repeat(1000)), "ü".repeat(126) + "...");
    }
}
