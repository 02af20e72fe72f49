//! The deadline of a call: the caller's timeout or the function's, whichever is earlier.

use std::time::Duration;

use http::{HeaderMap, Request};
use lambda_stream::Context;
use tokio::time::{Instant, sleep_until};
use tonic::Status;

/// The time between the end of a call and the timeout of the function, for the last bytes. It is longer than the
/// runtime's deadline margin of 200 ms, in which the runtime fails the invocation.
const MARGIN: Duration = Duration::from_millis(500);

#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    /// `None` if neither has a timeout, or if it is too far in the future for the clock.
    at: Option<Instant>,
    message: &'static str,
}

impl Deadline {
    /// Returns `INVALID_ARGUMENT` for a malformed timeout.
    pub(crate) fn of<B>(request: &Request<B>) -> Result<Self, Status> {
        let now = Instant::now();
        let caller = timeout(request.headers())?.and_then(|timeout| now.checked_add(timeout));
        let context = request.extensions().get::<Context>();
        let remaining = context.and_then(Context::remaining);
        let function = remaining.and_then(|remaining| now.checked_add(remaining.saturating_sub(MARGIN)));
        Ok(match (caller, function) {
            (Some(caller), function) if function.is_none_or(|function| caller <= function) => Self {
                at: Some(caller),
                message: "the timeout of the call has passed",
            },
            (_, function) => Self {
                at: function,
                message: "the time limit of the server has passed",
            },
        })
    }

    /// Waits for the deadline, and returns the status of the call.
    pub(crate) async fn exceeded(self) -> Status {
        match self.at {
            Some(at) => sleep_until(at).await,
            None => std::future::pending().await,
        }
        Status::deadline_exceeded(self.message)
    }
}

/// Parses the header `grpc-timeout`: up to eight digits and a unit.
fn timeout(headers: &HeaderMap) -> Result<Option<Duration>, Status> {
    let Some(value) = headers.get("grpc-timeout") else {
        return Ok(None);
    };
    let timeout = value.to_str().ok().and_then(parse);
    let invalid = || Status::invalid_argument(format!("invalid grpc-timeout {value:?}: write, for example, 1500m"));
    timeout.map(Some).ok_or_else(invalid)
}

fn parse(timeout: &str) -> Option<Duration> {
    let (digits, unit) = timeout.split_at_checked(timeout.len().checked_sub(1)?)?;
    if digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(number * 60 * 60),
        "M" => Duration::from_secs(number * 60),
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeout_has_digits_and_a_unit() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(parse("2H"), seconds(7200));
        assert_eq!(parse("2M"), seconds(120));
        assert_eq!(parse("0S"), seconds(0));
        assert_eq!(parse("2000m"), seconds(2));
        assert_eq!(parse("2000000u"), seconds(2));
        assert_eq!(parse("2n"), Some(Duration::from_nanos(2)));
        assert_eq!(parse("99999999H"), seconds(99_999_999 * 3600));
    }

    #[test]
    fn timeout_malformed_is_rejected() {
        for value in ["", "1", "S", "+1S", "-1S", "1s", "1 S", "1.5S", "100000000n", "1é"] {
            assert_eq!(parse(value), None, "{value:?}");
        }
    }
}
