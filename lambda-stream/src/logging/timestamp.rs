//! [`Timestamp`]: a point in time in RFC 3339.

use std::fmt::{self, Display};
use std::time::{SystemTime, UNIX_EPOCH};

const SECONDS_PER_DAY: u64 = 24 * 60 * 60;

/// Displays a time in UTC with milliseconds, such as `2026-01-02T03:04:05.678Z`. A time before 1970 is displayed as the
/// start of 1970.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timestamp {
    seconds: u64,
    milliseconds: u32,
}

impl Timestamp {
    pub(super) fn now() -> Self {
        Self::from(SystemTime::now())
    }

    /// Returns the time of day only, such as `03:04:05.678Z`.
    pub(super) fn time_of_day(self) -> String {
        let second = self.seconds % SECONDS_PER_DAY;
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        format!("{hour:02}:{minute:02}:{second:02}.{:03}Z", self.milliseconds)
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            seconds: since_epoch.as_secs(),
            milliseconds: since_epoch.subsec_millis(),
        }
    }
}

impl Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.seconds / SECONDS_PER_DAY);
        write!(f, "{year:04}-{month:02}-{day:02}T{}", self.time_of_day())
    }
}

/// Converts days since 1 January 1970 to year, month and day of the Gregorian calendar.
///
/// It counts in years that start on 1 March, so that a leap day is the last day of its year, and in eras of 400 years,
/// which all have the same length.
fn civil_from_days(days: u64) -> (u64, u64, u64) {
    const DAYS_PER_ERA: u64 = 146_097;
    /// From 1 March of year 0 to 1 January 1970.
    const EPOCH: u64 = 719_468;
    let days = days + EPOCH;
    let (era, day_of_era) = (days / DAYS_PER_ERA, days % DAYS_PER_ERA);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn timestamp_is_rfc_3339_in_utc() {
        // The expected values are those of `date -u -d @<seconds>`.
        for (milliseconds, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (1_767_323_045_678, "2026-01-02T03:04:05.678Z"),
            (1_709_251_199_000, "2024-02-29T23:59:59.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            let time = UNIX_EPOCH + Duration::from_millis(milliseconds);
            assert_eq!(Timestamp::from(time).to_string(), expected);
        }
        let early = UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(Timestamp::from(early).to_string(), "1970-01-01T00:00:00.000Z");
    }
}
