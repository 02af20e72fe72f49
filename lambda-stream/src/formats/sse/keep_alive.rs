//! [`keep_alive()`]: adds comments to a stream of events while it is idle.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::Stream;
use pin_project_lite::pin_project;

use super::Event;
use crate::stream::IdleTimer;

/// Returns the events of `stream`, and a comment whenever `stream` yields no event for `interval`.
///
/// The items are [`Event`]s or `Result`s of them. The shortest interval is one millisecond. The returned stream uses tokio's
/// timer, so it must be polled in a tokio runtime. Streams that a handler returns are.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use futures::{Stream, StreamExt, stream};
/// use lambda_stream::sse::{self, Event};
///
/// async fn handler(prompts: Vec<String>) -> impl Stream<Item = Result<Event, std::io::Error>> {
///     let completions = stream::iter(prompts).then(async |prompt| Ok(Event::data(complete(prompt).await?)));
///     sse::keep_alive(completions, Duration::from_secs(15))
/// }
///
/// async fn complete(prompt: String) -> Result<String, std::io::Error> {
///     Ok(prompt + " …") // takes minutes
/// }
/// ```
pub fn keep_alive<S>(stream: S, interval: Duration) -> impl Stream<Item = S::Item>
where
    S: Stream<Item: FromEvent>,
{
    KeepAlive {
        stream,
        interval,
        timer: IdleTimer::default(),
    }
}

pin_project! {
    struct KeepAlive<S> {
        #[pin]
        stream: S,
        interval: Duration,
        timer: IdleTimer,
    }
}

impl<S> Stream for KeepAlive<S>
where
    S: Stream<Item: FromEvent>,
{
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        if let Poll::Ready(item) = this.stream.poll_next(cx) {
            this.timer.reset();
            return Poll::Ready(item);
        }
        ready!(this.timer.poll_idle(cx, *this.interval));
        Poll::Ready(Some(S::Item::from_event(Event::comment(""))))
    }
}

/// An item of a stream for [`keep_alive()`]: a type that can be created from a comment.
///
/// It is implemented for [`Event`] and for `Result<Event, E>`. Implement it for an item type of your own that contains an
/// event.
///
/// # Examples
/// ```
/// use lambda_stream::sse::{Event, FromEvent};
///
/// let comment: Event = Event::from_event(Event::comment(""));
/// let comment: Result<Event, std::io::Error> = Result::from_event(Event::comment(""));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a server-sent event",
    note = "`keep_alive` takes a stream of `sse::Event` or of `Result<sse::Event, E>`"
)]
pub trait FromEvent {
    /// Converts an event to an item.
    fn from_event(event: Event) -> Self;
}

#[diagnostic::do_not_recommend]
impl FromEvent for Event {
    fn from_event(event: Event) -> Self {
        event
    }
}

#[diagnostic::do_not_recommend]
impl<E> FromEvent for Result<Event, E> {
    fn from_event(event: Event) -> Self {
        Ok(event)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::channel::mpsc;
    use futures::{FutureExt, StreamExt, stream};
    use tokio::time::{Instant, advance, sleep, timeout};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn idle_stream_yields_comments() {
        let items = stream::iter([400, 900, 2_500, 100]).then(|delay| async move {
            sleep(Duration::from_millis(delay)).await;
            Event::data(delay.to_string())
        });
        let start = Instant::now();
        let observed: Vec<_> = keep_alive(items, SECOND)
            .map(|event| (event.encode().unwrap(), start.elapsed().as_millis()))
            .collect()
            .await;
        let observed: Vec<_> = observed.iter().map(|(bytes, at)| (&bytes[..], *at)).collect();
        assert_eq!(
            observed,
            [
                (&b"data: 400\n\n"[..], 400),
                (b"data: 900\n\n", 1_300),
                (b":\n\n", 2_300),
                (b":\n\n", 3_300),
                (b"data: 2500\n\n", 3_800),
                (b"data: 100\n\n", 3_900),
            ]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn stream_that_uses_up_budget_does_not_prevent_comments() {
        let busy = stream::once(async {
            loop {
                tokio::task::coop::consume_budget().await;
                // The clock is paused, and advances by itself only while no task is ready.
                if !tokio::task::coop::has_budget_remaining() {
                    advance(Duration::from_millis(10)).now_or_never();
                }
            }
        });
        let mut items = Box::pin(keep_alive(busy, SECOND));
        assert_eq!(items.next().await, Some(Event::comment("")));
    }

    #[tokio::test(start_paused = true)]
    async fn error_and_end_of_stream_pass_through() {
        let mut items = Box::pin(keep_alive(stream::iter([Err("broken")]), SECOND));
        assert_eq!(items.next().await, Some(Err("broken")));
        assert_eq!(items.next().await, None::<Result<Event, _>>);
    }

    #[tokio::test(start_paused = true)]
    async fn shortest_and_longest_interval_are_accepted() {
        let mut short = Box::pin(keep_alive(stream::pending::<Event>(), Duration::ZERO));
        let start = Instant::now();
        for _ in 0..3 {
            assert_eq!(short.next().await, Some(Event::comment("")));
        }
        assert_eq!(start.elapsed(), Duration::from_millis(3));

        let (sender, receiver) = mpsc::unbounded();
        let mut long = Box::pin(keep_alive(receiver, Duration::MAX));
        assert!(
            timeout(1_000_000 * SECOND, long.next()).await.is_err(),
            "got a comment before the interval ended"
        );
        advance(SECOND).await;
        sender.unbounded_send(Ok::<_, Infallible>(Event::data("late"))).unwrap();
        assert_eq!(long.next().await, Some(Ok(Event::data("late"))));
    }
}
