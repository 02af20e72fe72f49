//! Durations, sizes and times in units for people.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Returns a duration with two or three digits, such as `1.2 ms`, `120 ms`, `1.4 s` or `2 min 05 s`.
pub(super) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    // The limits are those at which the rounded number gets another digit.
    if seconds < 0.009_95 {
        format!("{:.1} ms", seconds * 1e3)
    } else if seconds < 0.999_5 {
        format!("{:.0} ms", seconds * 1e3)
    } else if seconds < 59.95 {
        format!("{seconds:.1} s")
    } else {
        let seconds = seconds.round() as u64;
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

/// Returns a size with a decimal prefix, such as `812 B` or `3.2 MB`.
pub(super) fn size(bytes: u64) -> String {
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1e3;
    let mut units = ["kB", "MB", "GB"].into_iter().peekable();
    loop {
        match units.next() {
            // The rounded number would be 1000.0.
            Some(_) if value >= 999.95 && units.peek().is_some() => value /= 1e3,
            Some(unit) => return format!("{value:.1} {unit}"),
            None => return format!("{bytes} B"),
        }
    }
}

/// Returns `1 chunk` or `42 chunks`.
pub(super) fn chunks(count: u64) -> String {
    match count {
        1 => "1 chunk".to_owned(),
        count => format!("{count} chunks"),
    }
}

/// Returns the time of day in UTC, such as `03:04:05Z`.
pub(super) fn time_of_day(time: SystemTime) -> String {
    let second = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() % (24 * 60 * 60);
    format!("{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// Returns the text, or its start and `…` if it has more than `max_length` characters.
pub(super) fn shorten(text: &str, max_length: usize) -> String {
    match text.char_indices().nth(max_length) {
        None => text.to_owned(),
        Some(_) => {
            let start: String = text.chars().take(max_length.saturating_sub(1)).collect();
            start + "…"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_suitable_units() {
        for (micros, expected) in [
            (0, "0.0 ms"),
            (840, "0.8 ms"),
            (9_949, "9.9 ms"),
            (9_950, "10 ms"),
            (999_499, "999 ms"),
            (999_500, "1.0 s"),
            (1_400_000, "1.4 s"),
            (59_949_999, "59.9 s"),
            (59_950_000, "1 min 00 s"),
            (905_000_000, "15 min 05 s"),
        ] {
            assert_eq!(duration(Duration::from_micros(micros)), expected);
        }
    }

    #[test]
    fn sizes_have_suitable_units() {
        for (bytes, expected) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (3_200_000, "3.2 MB"),
            (999_950_000, "1.0 GB"),
            (u64::from(u32::MAX) * 1_000, "4295.0 GB"),
        ] {
            assert_eq!(size(bytes), expected);
        }
    }

    #[test]
    fn time_of_day_is_in_utc() {
        assert_eq!(
            time_of_day(UNIX_EPOCH + Duration::from_secs(1_767_323_045)),
            "03:04:05Z"
        );
    }

    #[test]
    fn long_text_is_shortened_between_characters() {
        assert_eq!(shorten("üüü", 3), "üüü");
        assert_eq!(shorten("üüüü", 3), "üü…");
    }
}
