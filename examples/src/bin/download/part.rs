//! Which part of a file the header `Range` asks for (RFC 9110, section 14.2). Knows nothing of files.

use std::ops::Range;

/// A part of a file.
pub(crate) enum Part {
    /// All of it. It is also the answer to what is no range of bytes, and may be the answer to several.
    Whole,
    /// Some bytes, at least one.
    Some(Range<u64>),
    /// None: the range begins behind the file's end.
    Beyond,
}

impl Part {
    /// The part of a file of this length.
    pub(crate) fn asked(range: &[u8], length: u64) -> Self {
        let range = match first_and_last(range) {
            Some((Some(first), Some(last))) if first <= last => first..last.saturating_add(1).min(length),
            Some((Some(first), None)) => first..length,
            Some((None, Some(count))) => length.saturating_sub(count)..length,
            _ => return Self::Whole,
        };
        match range.is_empty() {
            true => Self::Beyond,
            false => Self::Some(range),
        }
    }
}

/// The numbers of one range of bytes. Without the first, the last one is how many bytes of the end are asked for.
fn first_and_last(range: &[u8]) -> Option<(Option<u64>, Option<u64>)> {
    let (unit, range) = std::str::from_utf8(range).ok()?.split_once('=')?;
    let (first, last) = range.trim().split_once('-')?;
    let is_bytes = unit.eq_ignore_ascii_case("bytes");
    is_bytes.then_some((number(first)?, number(last)?))
}

/// Digits, or nothing.
fn number(text: &str) -> Option<Option<u64>> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    // What is too large for a number lies behind the end of every file.
    is_number.then(|| (!text.is_empty()).then(|| text.parse().unwrap_or(u64::MAX)))
}
