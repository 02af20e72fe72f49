//! Parses the text of a deadline margin, and corrects other spellings of a time.

use std::time::Duration;

use super::Margin;

/// Words for "no margin" in other libraries and languages.
const OFF: [&str; 8] = ["off", "none", "never", "false", "no", "disabled", "0", "-1"];

/// Units with the number of milliseconds.
const UNITS: [(&str, f64); 19] = [
    ("ms", 1.0),
    ("msec", 1.0),
    ("msecs", 1.0),
    ("milli", 1.0),
    ("millis", 1.0),
    ("millisecond", 1.0),
    ("milliseconds", 1.0),
    ("s", 1000.0),
    ("sec", 1000.0),
    ("secs", 1000.0),
    ("second", 1000.0),
    ("seconds", 1000.0),
    ("m", 60_000.0),
    ("min", 60_000.0),
    ("mins", 60_000.0),
    ("minute", 60_000.0),
    ("minutes", 60_000.0),
    ("us", 0.001),
    ("ns", 0.000_001),
];

/// Constructors of `Duration` with one argument, and the unit of the argument.
const CONSTRUCTORS: [(&str, &str); 6] = [
    ("from_millis(", "ms"),
    ("from_secs(", "s"),
    ("from_secs_f32(", "s"),
    ("from_secs_f64(", "s"),
    ("from_mins(", "m"),
    ("from_micros(", "us"),
];

/// Parses `off`, or a whole number followed by `ms` or `s`.
pub(super) fn parse_margin(text: &str) -> Option<Margin> {
    if text == "off" {
        return Some(Margin::Off);
    }
    let end = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = text.split_at(end);
    let number = number.parse().ok()?;
    match unit {
        "ms" => Some(Margin::Before(Duration::from_millis(number))),
        "s" => Some(Margin::Before(Duration::from_secs(number))),
        _ => None,
    }
}

/// Returns the accepted text for another spelling of a time, and a note for a number without a unit.
///
/// `text` is the content of a string, or the source text of another value.
pub(super) fn correct_margin(text: &str) -> Option<(String, String)> {
    let text = text.trim().to_ascii_lowercase();
    if let Some(inner) = text.strip_prefix("some(").and_then(|text| text.strip_suffix(')')) {
        return correct_margin(inner.trim_matches('"'));
    }
    if OFF.contains(&text.as_str()) {
        return Some(("off".to_owned(), String::new()));
    }
    let without_note = |text| (text, String::new());
    for (constructor, unit) in CONSTRUCTORS {
        if let Some((_, argument)) = text.split_once(constructor) {
            let number = argument.strip_suffix(')')?;
            return correct_time(&format!("{number}{unit}")).map(without_note);
        }
    }
    let number = text.replace('_', "");
    match number.parse::<u64>() {
        // A margin of 100 seconds or more is most of the time that a function has.
        Ok(number @ 100..) => Some(without_note(format!("{number}ms"))),
        Ok(number) => Some((
            format!("{number}s"),
            format!(" for seconds, or `\"{number}ms\"` for milliseconds"),
        )),
        Err(_) if number.parse::<f64>().is_ok() => correct_time(&format!("{number}s")).map(without_note),
        Err(_) => correct_time(&text).map(without_note),
    }
}

/// Corrects a sum of numbers with units, such as `0.5 s` or `1m 30s`.
fn correct_time(text: &str) -> Option<String> {
    let mut rest = text.trim();
    let mut milliseconds = 0.0;
    let mut in_milliseconds = true;
    while !rest.is_empty() {
        let (number, after) = split_where(rest, |letter| !matches!(letter, '0'..='9' | '.' | '_'));
        let (unit, after) = split_where(after.trim_start(), |letter| !letter.is_ascii_alphabetic());
        let (unit, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
        milliseconds += number.replace('_', "").parse::<f64>().ok()? * factor;
        in_milliseconds &= unit.starts_with('m') && *factor <= 1.0;
        rest = after.trim_start();
    }
    if milliseconds <= 0.0 {
        return None;
    }
    let milliseconds = milliseconds.max(1.0).round();
    // A greater number is not printed exactly.
    if milliseconds > 1e12 {
        return None;
    }
    if !in_milliseconds && milliseconds % 1000.0 == 0.0 {
        return Some(format!("{}s", milliseconds / 1000.0));
    }
    Some(format!("{milliseconds}ms"))
}

fn split_where(text: &str, end: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(end).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margin_requires_number_and_unit() {
        let duration = |text| match parse_margin(text) {
            Some(Margin::Before(duration)) => Some(duration),
            Some(Margin::Off) | None => None,
        };
        assert_eq!(duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(duration("2s"), Some(Duration::from_secs(2)));
        assert!(matches!(parse_margin("off"), Some(Margin::Off)));
        for invalid in ["", "500", "ms", "1.5s", "1m", "-1s", "99999999999999999999ms"] {
            assert!(parse_margin(invalid).is_none(), "{invalid}");
        }
    }

    #[test]
    fn other_spellings_are_corrected() {
        for (found, expected) in [
            ("500", "500ms"),
            ("2", "2s"),
            ("1_500", "1500ms"),
            ("0.5", "500ms"),
            ("0.5s", "500ms"),
            ("1.5s", "1500ms"),
            ("0.1s", "100ms"),
            ("1 s", "1s"),
            ("500 MS", "500ms"),
            ("1000 ms", "1000ms"),
            ("1m", "60s"),
            ("1m30s", "90s"),
            ("1s 500ms", "1500ms"),
            ("2 seconds", "2s"),
            ("250 millis", "250ms"),
            ("Duration::from_millis(500)", "500ms"),
            ("std::time::Duration::from_secs(2)", "2s"),
            ("Duration::from_secs_f64(0.25)", "250ms"),
            ("Some(\"1s\")", "1s"),
            ("OFF", "off"),
            ("None", "off"),
            ("0", "off"),
            ("-1", "off"),
        ] {
            let corrected = correct_margin(found).map(|(text, _)| text);
            assert_eq!(corrected.as_deref(), Some(expected), "{found}");
            assert!(parse_margin(expected).is_some(), "{expected}");
        }
    }

    #[test]
    fn text_without_time_is_not_corrected() {
        for invalid in [
            "",
            "soon",
            "-1s",
            "1.2.3s",
            "s",
            "5 parsecs",
            "MARGIN",
            "from_secs(MARGIN)",
            "99999999999999999999ms",
        ] {
            assert_eq!(correct_margin(invalid), None, "{invalid}");
        }
    }

    #[test]
    fn number_without_unit_has_a_note_if_its_unit_is_unclear() {
        assert_eq!(correct_margin("500"), Some(("500ms".to_owned(), String::new())));
        let (text, note) = correct_margin("5").expect("a number is corrected");
        assert_eq!(text, "5s");
        assert!(note.contains("5ms"), "{note}");
    }
}
