//! When a handler that is still running is given up, so that its caller sees an error and not a cut; and when a response
//! that Lambda does not take is.

use std::fmt::{self, Display};
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use futures::future::{Either, select};
use tokio::time::{Instant, Sleep, sleep};

use crate::context::Context;
use crate::error::Error;
use crate::protocol::DELIVERY_GRACE;

/// One timer for all invocations of a loop, one after the other. To put a timer off costs next to nothing; to start one
/// for each invocation costs two system calls.
pub(super) struct Deadline {
    /// How long before the deadline a handler is given up; `None`: never.
    margin: Option<Duration>,
    /// Runs out when the time of the handler is up, and once more, where it comes to that, when that of Lambda is.
    timer: Pin<Box<Sleep>>,
    at: Option<Instant>,
}

/// Lambda had not taken the response [in time](DELIVERY_GRACE).
#[derive(Debug)]
pub(super) struct DeliveryTimeout;

impl Display for DeliveryTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Lambda had not taken the answer {DELIVERY_GRACE:?} after the deadline, so it and its connection are given up"
        )
    }
}

impl Deadline {
    /// None yet.
    pub(super) fn new(margin: Option<Duration>) -> Self {
        Self {
            margin,
            timer: Box::pin(sleep(Duration::ZERO)),
            at: None,
        }
    }

    /// What is bound next is of the invocation of this context.
    pub(super) fn set(&mut self, context: &Context) {
        let times = times(context, self.margin.unwrap_or_default());
        self.at = times.map(|(_, deadline)| deadline);
        if let Some((cut_off, _)) = times {
            self.timer.as_mut().reset(cut_off);
        }
    }

    /// Does `work` for as long as the invocation may take; then drops it.
    pub(super) async fn bound<T>(&mut self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        if self.at.is_none() || self.margin.is_none() {
            return work.await;
        }
        let mut work = pin!(Some(work));
        let working = poll_fn(|cx| match work.as_mut().as_pin_mut() {
            Some(work) => work.poll(cx),
            None => Poll::Pending,
        });
        match select(working, self.timer.as_mut()).await {
            Either::Left((done, _)) => done,
            Either::Right(_) => {
                // Destructors of the handler's run here, and one may panic; its hook has told so.
                let _ = catch_unwind(AssertUnwindSafe(|| work.set(None)));
                Err(exceeded())
            }
        }
    }

    /// Waits for the delivery of a response to which nothing more comes, until a [`DELIVERY_GRACE`] after the deadline. (A handler
    /// that held the thread may be later than that; the grace then counts from its end.)
    pub(super) async fn bound_delivery<T>(&mut self, delivery: impl Future<Output = T>) -> Result<T, DeliveryTimeout> {
        let Some(at) = self.at else {
            return Ok(delivery.await);
        };
        // The timer stays where it is until it runs out: to put it off, and then back for the next invocation, costs a
        // system call.
        match select(pin!(delivery), self.timer.as_mut()).await {
            Either::Left((delivered, _)) => Ok(delivered),
            Either::Right(((), delivery)) => {
                self.timer.as_mut().reset(at.max(Instant::now()) + DELIVERY_GRACE);
                match select(delivery, self.timer.as_mut()).await {
                    Either::Left((delivered, _)) => Ok(delivered),
                    Either::Right(_) => Err(DeliveryTimeout),
                }
            }
        }
    }
}

/// When the handler is given up, and the deadline. `None` where there is no deadline, or one that was past when the event
/// arrived: the emulator of `cargo lambda watch` sends a constant from 1970.
fn times(context: &Context, margin: Duration) -> Option<(Instant, Instant)> {
    let remaining = context.remaining().filter(|remaining| !remaining.is_zero())?;
    let deadline = Instant::now().checked_add(remaining)?;
    // Of very little time, at least half is the handler's.
    Some((deadline - margin.min(remaining / 2), deadline))
}

fn exceeded() -> Error {
    Error::of_type(
        "Function.Timeout",
        "the handler, or what holds its stream, was still running when its time was nearly up",
        Vec::new(),
    )
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use http::{HeaderMap, HeaderValue};

    use super::*;
    use crate::protocol::DEFAULT_DEADLINE_MARGIN;

    fn context(from_now: i64) -> Context {
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
            .as_millis() as i64;
        let mut headers = HeaderMap::new();
        headers.insert("lambda-runtime-aws-request-id", HeaderValue::from_static("1"));
        headers.insert("lambda-runtime-deadline-ms", HeaderValue::from(now + from_now));
        Context::from_headers(headers).unwrap()
    }

    fn left(from_now: i64, margin: Duration) -> Option<Duration> {
        times(&context(from_now), margin).map(|(cut_off, _)| cut_off - Instant::now())
    }

    /// Whether a delivery that takes so long is waited for, from the start of an invocation with this time.
    async fn is_waited_for(from_now: i64, delivery: Duration) -> bool {
        let mut deadline = Deadline::new(Some(DEFAULT_DEADLINE_MARGIN));
        deadline.set(&context(from_now));
        deadline.bound_delivery(sleep(delivery)).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn a_delivery_has_a_second_past_the_deadline() {
        assert!(is_waited_for(10_000, Duration::from_millis(9_900)).await);
        assert!(is_waited_for(10_000, Duration::from_millis(10_900)).await);
        assert!(!is_waited_for(10_000, Duration::from_millis(11_100)).await);
        assert!(is_waited_for(-1, Duration::from_secs(1_000_000)).await, "no deadline");
    }

    #[tokio::test(start_paused = true)]
    async fn a_handler_that_was_late_has_a_second_all_the_same() {
        let mut deadline = Deadline::new(Some(DEFAULT_DEADLINE_MARGIN));
        deadline.set(&context(1_000));
        tokio::time::advance(Duration::from_secs(5)).await;
        assert!(deadline.bound_delivery(sleep(Duration::from_millis(900))).await.is_ok());
        deadline.set(&context(1_000));
        tokio::time::advance(Duration::from_secs(5)).await;
        assert!(
            deadline
                .bound_delivery(sleep(Duration::from_millis(1_100)))
                .await
                .is_err()
        );
    }

    #[tokio::test]
    async fn the_margin_is_at_most_half_of_what_is_left() {
        let within = |left: Duration, most: u64| left <= Duration::from_millis(most) && !left.is_zero();
        assert!(within(left(60_000, DEFAULT_DEADLINE_MARGIN).unwrap(), 59_800));
        assert!(within(left(1_000, DEFAULT_DEADLINE_MARGIN).unwrap(), 800));
        assert!(within(left(300, DEFAULT_DEADLINE_MARGIN).unwrap(), 150));
        assert!(within(left(60_000, Duration::from_secs(20)).unwrap(), 40_000));
        assert!(within(left(60_000, Duration::MAX).unwrap(), 30_000));
        assert!(left(60_000, Duration::ZERO).unwrap() > Duration::from_millis(59_800));
        assert_eq!(left(-1, DEFAULT_DEADLINE_MARGIN), None);
        assert_eq!(left(600_000 - 1_700_000_000_000, DEFAULT_DEADLINE_MARGIN), None);
    }
}
