//! A quiet while: nothing has happened for so long.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// What tokio's timer can tell apart. A while of no time at all would always be over.
const SHORTEST: Duration = Duration::from_millis(1);

/// Measures quiet whiles, one after the other, with one timer.
///
/// Noise touches no timer, so that a burst of it costs nothing: a while counts from when it is next asked for.
#[derive(Default)]
pub(crate) struct IdleTimer {
    timer: Option<Pin<Box<Sleep>>>,
    /// What the timer is set for.
    awaited: Option<Duration>,
}

impl IdleTimer {
    /// Something happened.
    pub(crate) fn end(&mut self) {
        self.awaited = None;
    }

    /// Ready when it has been quiet for `interval` since this was first asked; a new while then begins.
    pub(crate) fn poll_for(&mut self, cx: &mut Context<'_>, interval: Duration) -> Poll<()> {
        let interval = interval.max(SHORTEST);
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(interval)));
        if self.awaited != Some(interval) {
            // Longer than the clock goes: never.
            let Some(end) = Instant::now().checked_add(interval) else {
                return Poll::Pending;
            };
            timer.as_mut().reset(end);
            self.awaited = Some(interval);
        }
        ready!(timer.as_mut().poll(cx));
        self.awaited = None;
        Poll::Ready(())
    }
}
