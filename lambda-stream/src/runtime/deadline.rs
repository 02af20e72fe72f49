//! When a handler that is still running is given up, so that its caller sees an error and not a cut.

use std::future::Future;
use std::pin::{Pin, pin};
use std::time::Duration;

use futures::future::{Either, select};
use tokio::time::{Instant, Sleep, sleep};

use crate::context::Context;
use crate::error::Error;

/// What it takes, generously, to get the trailers out before Lambda kills the process.
pub(super) const MARGIN: Duration = Duration::from_millis(200);

/// One timer for all invocations of a loop, one after the other. To put a timer off costs next to nothing; to start one
/// for each invocation costs two system calls.
pub(super) struct Deadline {
    /// How long before it a handler is given up; `None`: never.
    margin: Option<Duration>,
    timer: Pin<Box<Sleep>>,
    is_set: bool,
}

impl Deadline {
    /// None yet.
    pub(super) fn new(margin: Option<Duration>) -> Self {
        Self {
            margin,
            timer: Box::pin(sleep(Duration::ZERO)),
            is_set: false,
        }
    }

    /// The next [`bound`](Self::bound) is for the invocation of this context.
    pub(super) fn set(&mut self, context: &Context) {
        let cut_off = self.margin.and_then(|margin| cut_off(context, margin));
        self.is_set = cut_off.is_some();
        if let Some(cut_off) = cut_off {
            self.timer.as_mut().reset(cut_off);
        }
    }

    /// Does `work` for as long as the invocation may take; then drops it.
    pub(super) async fn bound<T>(&mut self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        if !self.is_set {
            return work.await;
        }
        match select(pin!(work), self.timer.as_mut()).await {
            Either::Left((done, _)) => done,
            Either::Right(_) => Err(exceeded()),
        }
    }
}

/// `None` where there is no deadline, or one that was past when the event arrived: the emulator of `cargo lambda watch`
/// sends a constant from 1970.
fn cut_off(context: &Context, margin: Duration) -> Option<Instant> {
    let remaining = context.remaining().filter(|remaining| !remaining.is_zero())?;
    // Of very little time, at least half is the handler's.
    Instant::now().checked_add(remaining - margin.min(remaining / 2))
}

fn exceeded() -> Error {
    Error::of_type(
        "Function.Timeout",
        "the handler was still running when its time was nearly up",
        Vec::new(),
    )
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use http::{HeaderMap, HeaderValue};

    use super::*;

    fn left(from_now: i64, margin: Duration) -> Option<Duration> {
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
            .as_millis() as i64;
        let mut headers = HeaderMap::new();
        headers.insert("lambda-runtime-aws-request-id", HeaderValue::from_static("1"));
        headers.insert("lambda-runtime-deadline-ms", HeaderValue::from(now + from_now));
        cut_off(&Context::from_headers(headers).unwrap(), margin).map(|at| at - Instant::now())
    }

    #[tokio::test]
    async fn the_margin_is_at_most_half_of_what_is_left() {
        let within = |left: Duration, most: u64| left <= Duration::from_millis(most) && !left.is_zero();
        assert!(within(left(60_000, MARGIN).unwrap(), 59_800));
        assert!(within(left(1_000, MARGIN).unwrap(), 800));
        assert!(within(left(300, MARGIN).unwrap(), 150));
        assert!(within(left(60_000, Duration::from_secs(20)).unwrap(), 40_000));
        assert!(within(left(60_000, Duration::MAX).unwrap(), 30_000));
        assert!(left(60_000, Duration::ZERO).unwrap() > Duration::from_millis(59_800));
        assert_eq!(left(-1, MARGIN), None);
        assert_eq!(left(600_000 - 1_700_000_000_000, MARGIN), None);
    }
}
