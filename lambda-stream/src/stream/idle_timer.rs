//! A timer that measures how long there has been no activity.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::task::coop::unconstrained;
use tokio::time::{Instant, Sleep, sleep};

/// The resolution of tokio's timer. With a shorter interval the timer would always be ready.
const MIN_INTERVAL: Duration = Duration::from_millis(1);

/// Measures consecutive idle intervals with one tokio timer.
///
/// Activity does not touch the timer, so a burst of activity costs nothing: an interval starts at the first poll after
/// the activity.
#[derive(Default)]
pub(crate) struct IdleTimer {
    /// Allocated by the first poll, because few responses need it. The box keeps this type, and the streams that
    /// contain it, `Unpin`.
    sleep: Option<Pin<Box<Sleep>>>,
    /// The interval that `sleep` measures. `None` after activity, and after an interval has elapsed.
    interval: Option<Duration>,
}

impl IdleTimer {
    /// Records activity: the next poll starts a new interval.
    pub(crate) fn reset(&mut self) {
        self.interval = None;
    }

    /// Ready when there was no activity for `interval` since the first poll. The next poll then starts a new interval.
    pub(crate) fn poll_idle(&mut self, cx: &mut Context<'_>, interval: Duration) -> Poll<()> {
        let interval = interval.max(MIN_INTERVAL);
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep(interval)));
        if self.interval != Some(interval) {
            // An interval past the end of the clock never elapses.
            let Some(deadline) = Instant::now().checked_add(interval) else {
                return Poll::Pending;
            };
            sleep.as_mut().reset(deadline);
            self.interval = Some(interval);
        }
        // A stream that shares the task may use up the task's cooperative budget at each poll. The timer would then never
        // be ready.
        ready!(Pin::new(&mut unconstrained(sleep.as_mut())).poll(cx));
        self.interval = None;
        Poll::Ready(())
    }
}
