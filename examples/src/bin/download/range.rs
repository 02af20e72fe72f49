//! Parses the `Range` header of a request (RFC 9110, section 14.2).

use std::ops::Range;

/// The part of a file that a request selects.
pub(crate) enum Selection {
    /// The whole file. A header that is not a single valid range of bytes is ignored, which the RFC permits.
    Whole,
    /// At least one byte.
    Part(Range<u64>),
    /// The range starts after the end of the file.
    Unsatisfiable,
}

impl Selection {
    /// Parses the value of a `Range` header for a file of `length` bytes.
    pub(crate) fn parse(header: &[u8], length: u64) -> Self {
        let range = match first_and_last(header) {
            Some((Some(first), Some(last))) if first <= last => first..last.saturating_add(1).min(length),
            Some((Some(first), None)) => first..length,
            Some((None, Some(suffix_length))) => length.saturating_sub(suffix_length)..length,
            _ => return Self::Whole,
        };
        match range.is_empty() {
            true => Self::Unsatisfiable,
            false => Self::Part(range),
        }
    }
}

/// Parses a single range of bytes: first and last position, or only the length of a suffix as the second number.
fn first_and_last(header: &[u8]) -> Option<(Option<u64>, Option<u64>)> {
    let (unit, range) = std::str::from_utf8(header).ok()?.split_once('=')?;
    let (first, last) = range.trim().split_once('-')?;
    let is_bytes = unit.eq_ignore_ascii_case("bytes");
    is_bytes.then_some((number(first)?, number(last)?))
}

/// Parses digits. The inner `None` is an empty text, the outer one anything else.
fn number(text: &str) -> Option<Option<u64>> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    // A number that does not fit is a position after the end of any file.
    is_number.then(|| (!text.is_empty()).then(|| text.parse().unwrap_or(u64::MAX)))
}
