//! The deadline of an invocation: stops its handler shortly before, and its delivery shortly after.

use std::fmt::{self, Display};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use futures::future::{Either, select};
use tokio::task::coop::unconstrained;
use tokio::time::{Instant, Sleep};

use crate::context::Context;
use crate::error::Error;
use crate::protocol::{DELIVERY_GRACE, HANDLER_TIMEOUT};

/// The deadline of the current invocation of an event loop.
///
/// All invocations of a loop share one timer: to reset it to a later time costs almost nothing, to create one for each
/// invocation costs two system calls.
pub(crate) struct Deadline<'a> {
    /// How long before the deadline the handler is stopped. `None`: the handler is not stopped.
    margin: Option<Duration>,
    /// Elapses when the handler is stopped. [`limit_delivery`](Self::limit_delivery) then resets it to the time at
    /// which the delivery is stopped.
    timer: Pin<&'a mut Sleep>,
    /// `None` if the invocation has no deadline.
    deadline: Option<Instant>,
}

/// Lambda did not respond to the POST of a response within [`DELIVERY_GRACE`] after the deadline.
#[derive(Debug)]
pub(super) struct DeliveryTimeout;

impl Display for DeliveryTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Lambda did not accept the response within {DELIVERY_GRACE:?} after the deadline, so its connection was closed"
        )
    }
}

impl<'a> Deadline<'a> {
    /// Creates a `Deadline` for an event loop, with a timer that its invocations share.
    pub(crate) fn new(margin: Option<Duration>, timer: Pin<&'a mut Sleep>) -> Self {
        Self {
            margin,
            timer,
            deadline: None,
        }
    }

    /// Sets the deadline of the invocation that begins.
    pub(super) fn set(&mut self, context: &Context) {
        let times = times(context, self.margin.unwrap_or_default());
        self.deadline = times.map(|times| times.deadline);
        if let Some(times) = times {
            self.timer.as_mut().reset(times.handler_end);
        }
    }

    /// Runs the handler. Drops it when the margin before the deadline begins, and returns `Function.Timeout`.
    pub(super) async fn limit_handler<T>(
        &mut self,
        handler: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        if self.deadline.is_none() || self.margin.is_none() {
            return handler.await;
        }
        let mut handler = pin!(Some(handler));
        let running = poll_fn(|cx| match handler.as_mut().as_pin_mut() {
            Some(handler) => handler.poll(cx),
            None => Poll::Pending,
        });
        // A handler may use up the task's cooperative budget at each poll. The timer would then never be ready.
        match select(running, unconstrained(self.timer.as_mut())).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => {
                // Destructors of the handler run here. `panic::catch` catches their panics.
                handler.set(None);
                Err(timeout_error())
            }
        }
    }

    /// Waits for the delivery of a response that is complete, until [`DELIVERY_GRACE`] after the deadline. If a handler
    /// blocked the thread past the deadline, the time counts from when it returned.
    pub(super) async fn limit_delivery<T>(&mut self, delivery: impl Future<Output = T>) -> Result<T, DeliveryTimeout> {
        let Some(deadline) = self.deadline else {
            return Ok(delivery.await);
        };
        // The timer is not reset before it elapses: to reset it to a later time now and to an earlier one for the next
        // invocation would cost a system call.
        match select(pin!(delivery), self.timer.as_mut()).await {
            Either::Left((result, _)) => Ok(result),
            Either::Right(((), delivery)) => {
                self.timer.as_mut().reset(deadline.max(Instant::now()) + DELIVERY_GRACE);
                match select(delivery, self.timer.as_mut()).await {
                    Either::Left((result, _)) => Ok(result),
                    Either::Right(_) => Err(DeliveryTimeout),
                }
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Times {
    /// When the handler is stopped.
    handler_end: Instant,
    deadline: Instant,
}

/// Returns `None` if there is no deadline, or if it passed before the event arrived: the emulator of `cargo lambda
/// watch` sends a constant from 1970.
fn times(context: &Context, margin: Duration) -> Option<Times> {
    let remaining = context.remaining().filter(|remaining| !remaining.is_zero())?;
    let deadline = Instant::now().checked_add(remaining)?;
    // The handler gets at least half of the remaining time.
    let handler_end = deadline - margin.min(remaining / 2);
    Some(Times { handler_end, deadline })
}

fn timeout_error() -> Error {
    Error::of_type(
        HANDLER_TIMEOUT,
        "the handler, or a task that holds its `ResponseStream`, was still running shortly before the deadline",
        Vec::new(),
    )
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use http::{HeaderMap, HeaderValue};
    use tokio::time::sleep;

    use super::*;
    use crate::protocol::DEFAULT_DEADLINE_MARGIN;

    /// A context whose deadline is `milliseconds` from now.
    fn context(milliseconds: i64) -> Context {
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
            .as_millis() as i64;
        let mut headers = HeaderMap::new();
        headers.insert("lambda-runtime-aws-request-id", HeaderValue::from_static("1"));
        headers.insert("lambda-runtime-deadline-ms", HeaderValue::from(now + milliseconds));
        Context::from_headers(headers).unwrap()
    }

    /// The time that the handler has if the deadline is `milliseconds` from now.
    fn handler_time(milliseconds: i64, margin: Duration) -> Option<Duration> {
        times(&context(milliseconds), margin).map(|times| times.handler_end - Instant::now())
    }

    /// Returns whether a delivery of this duration ends before it is stopped, if the deadline is `milliseconds` from
    /// now and the handler blocks the thread for `blocked`.
    async fn is_delivered(milliseconds: i64, blocked: Duration, delivery: Duration) -> bool {
        let timer = pin!(sleep(Duration::ZERO));
        let mut deadline = Deadline::new(Some(DEFAULT_DEADLINE_MARGIN), timer);
        deadline.set(&context(milliseconds));
        tokio::time::advance(blocked).await;
        deadline.limit_delivery(sleep(delivery)).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn delivery_ends_one_second_after_deadline() {
        let none = Duration::ZERO;
        assert!(is_delivered(10_000, none, Duration::from_millis(9_900)).await);
        assert!(is_delivered(10_000, none, Duration::from_millis(10_900)).await);
        assert!(!is_delivered(10_000, none, Duration::from_millis(11_100)).await);
        assert!(
            is_delivered(-1, none, Duration::from_secs(1_000_000)).await,
            "no deadline"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn delivery_has_one_second_after_late_handler() {
        let late = Duration::from_secs(5);
        assert!(is_delivered(1_000, late, Duration::from_millis(900)).await);
        assert!(!is_delivered(1_000, late, Duration::from_millis(1_100)).await);
    }

    #[tokio::test]
    async fn margin_is_at_most_half_of_remaining_time() {
        let within = |time: Duration, most: u64| time <= Duration::from_millis(most) && !time.is_zero();
        assert!(within(handler_time(60_000, DEFAULT_DEADLINE_MARGIN).unwrap(), 59_800));
        assert!(within(handler_time(1_000, DEFAULT_DEADLINE_MARGIN).unwrap(), 800));
        assert!(within(handler_time(300, DEFAULT_DEADLINE_MARGIN).unwrap(), 150));
        assert!(within(handler_time(60_000, Duration::from_secs(20)).unwrap(), 40_000));
        assert!(within(handler_time(60_000, Duration::MAX).unwrap(), 30_000));
        assert!(handler_time(60_000, Duration::ZERO).unwrap() > Duration::from_millis(59_800));
        assert_eq!(handler_time(-1, DEFAULT_DEADLINE_MARGIN), None);
        assert_eq!(handler_time(600_000 - 1_700_000_000_000, DEFAULT_DEADLINE_MARGIN), None);
    }
}
