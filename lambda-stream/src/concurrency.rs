//! The number of concurrent invocations, from the variable `AWS_LAMBDA_MAX_CONCURRENCY`.

use std::num::IntErrorKind;

use crate::protocol::MAX_CONCURRENCY;

/// How many invocations Lambda sends to this process at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Concurrency {
    requested: u64,
}

impl Concurrency {
    /// Reads `AWS_LAMBDA_MAX_CONCURRENCY`.
    pub(crate) fn from_env() -> Self {
        Self::parse(&std::env::var("AWS_LAMBDA_MAX_CONCURRENCY").unwrap_or_default())
    }

    /// Parses a value of the variable. A value that is not a positive number counts as 1.
    pub(crate) fn parse(value: &str) -> Self {
        let requested = match value.parse::<u64>() {
            Ok(requested) => requested.max(1),
            Err(error) if *error.kind() == IntErrorKind::PosOverflow => u64::MAX,
            Err(_) => 1,
        };
        Self { requested }
    }

    /// Returns how many events the runtime polls for at a time: at least 1, at most [`MAX_CONCURRENCY`].
    pub(crate) fn event_loops(self) -> usize {
        usize::try_from(self.requested).map_or(MAX_CONCURRENCY, |requested| requested.min(MAX_CONCURRENCY))
    }

    fn is_capped(self) -> bool {
        self.requested > MAX_CONCURRENCY as u64
    }

    /// Logs that fewer event loops run than `AWS_LAMBDA_MAX_CONCURRENCY` says.
    pub(crate) fn log_if_capped(self) {
        if self.is_capped() {
            log!(
                WARN,
                "AWS_LAMBDA_MAX_CONCURRENCY is greater than {MAX_CONCURRENCY}, the maximum of Lambda: the runtime polls \
                 for {MAX_CONCURRENCY} events at a time"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_loops_are_between_1_and_maximum() {
        for (value, event_loops) in [
            ("", 1),
            ("many", 1),
            ("-5", 1),
            ("0", 1),
            ("1", 1),
            ("64", 64),
            ("1600", 1600),
            ("1601", 1600),
            ("9999", 1600),
            ("99999999999999999999999", 1600),
        ] {
            assert_eq!(Concurrency::parse(value).event_loops(), event_loops, "{value}");
        }
    }

    #[test]
    fn only_values_above_maximum_are_capped() {
        for (value, is_capped) in [
            ("", false),
            ("1", false),
            ("1600", false),
            ("1601", true),
            ("9999", true),
        ] {
            assert_eq!(Concurrency::parse(value).is_capped(), is_capped, "{value}");
        }
    }
}
