//! A stream of events that is never quiet for long.

use std::task::{Poll, ready};
use std::time::Duration;

use futures::{Stream, stream};

use super::Event;
use crate::stream::IdleTimer;

/// Passes the events of `stream` on, and a comment whenever there was none for `interval`.
///
/// Its items are [`Event`]s or `Result`s of them. An interval is at least a millisecond. A timer of tokio's counts it,
/// so the stream is for tokio's runtime, where handlers run.
///
/// ```
/// use std::time::Duration;
/// use futures::{Stream, StreamExt, stream};
/// use lambda_stream::sse::{self, Event};
///
/// async fn handler(questions: Vec<String>) -> impl Stream<Item = Result<Event, std::io::Error>> {
///     let answers = stream::iter(questions).then(async |question| Ok(Event::data(ask(question).await?)));
///     sse::keep_alive(answers, Duration::from_secs(15))
/// }
///
/// async fn ask(question: String) -> Result<String, std::io::Error> {
///     Ok(question + "?") // takes minutes
/// }
/// ```
pub fn keep_alive<S>(stream: S, interval: Duration) -> impl Stream<Item = S::Item>
where
    S: Stream<Item: FromEvent>,
{
    let mut stream = Box::pin(stream);
    let mut quiet = IdleTimer::default();
    stream::poll_fn(move |cx| {
        if let Poll::Ready(item) = stream.as_mut().poll_next(cx) {
            quiet.reset();
            return Poll::Ready(item);
        }
        ready!(quiet.poll_idle(cx, interval));
        Poll::Ready(Some(S::Item::from_event(Event::comment(""))))
    })
}

/// An item that [`keep_alive`] can add: an [`Event`], or a `Result` of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no event",
    note = "what is kept alive is a stream of `sse::Event`s, or of `Result`s of them"
)]
pub trait FromEvent {
    /// The event as such an item.
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

    use futures::StreamExt;
    use futures::channel::mpsc;
    use tokio::time::{Instant, advance, sleep, timeout};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn a_comment_comes_whenever_it_was_quiet_and_only_then() {
        let items = stream::iter([400, 900, 2_500, 100]).then(|pause| async move {
            sleep(Duration::from_millis(pause)).await;
            Event::data(pause.to_string())
        });
        let began = Instant::now();
        let seen: Vec<_> = keep_alive(items, SECOND)
            .map(|event| (event.encode().unwrap(), began.elapsed().as_millis()))
            .collect()
            .await;
        let seen: Vec<_> = seen.iter().map(|(bytes, at)| (&bytes[..], *at)).collect();
        assert_eq!(
            seen,
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
    async fn an_error_and_the_end_pass_through() {
        let mut items = Box::pin(keep_alive(stream::iter([Err("broken")]), SECOND));
        assert_eq!(items.next().await, Some(Err("broken")));
        assert_eq!(items.next().await, None::<Result<Event, _>>);
    }

    #[tokio::test(start_paused = true)]
    async fn no_interval_is_too_short_or_too_long() {
        let mut short = Box::pin(keep_alive(stream::pending::<Event>(), Duration::ZERO));
        let began = Instant::now();
        for _ in 0..3 {
            assert_eq!(short.next().await, Some(Event::comment("")));
        }
        assert_eq!(began.elapsed(), Duration::from_millis(3));

        let (sender, receiver) = mpsc::unbounded();
        let mut long = Box::pin(keep_alive(receiver, Duration::MAX));
        assert!(
            timeout(1_000_000 * SECOND, long.next()).await.is_err(),
            "a comment after all"
        );
        advance(SECOND).await;
        sender.unbounded_send(Ok::<_, Infallible>(Event::data("late"))).unwrap();
        assert_eq!(long.next().await, Some(Ok(Event::data("late"))));
    }
}
