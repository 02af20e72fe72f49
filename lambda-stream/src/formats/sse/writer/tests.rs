//! The writer and its comments, up to the body that an HTTP client takes. The clock is the test's.

use std::pin::Pin;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::poll_fn;
use http_body::Body;
use tokio::time::{Instant, sleep, timeout};

use super::*;
use crate::event::EventInfo;
use crate::response::ResponseHead;
use crate::stream::{PipeControl, ResponseBody, ResponseStart, pipe};

const SECOND: Duration = Duration::from_secs(1);

fn open(event: &'static str, capacity: usize) -> (Writer, PipeControl) {
    let (writer, control) = pipe(capacity, ResponseHead::new(EventInfo::from_event(event.as_bytes())));
    (ResponseStream::new(writer).sse().unwrap(), control)
}

async fn body(control: &PipeControl) -> ResponseBody {
    match control.response_start().await {
        ResponseStart::Streaming { reader, .. } => ResponseBody::new(reader),
        _ => panic!("no stream has begun"),
    }
}

/// The next piece; `None` at the end.
async fn next(body: &mut ResponseBody) -> Option<Bytes> {
    let frame = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await?;
    Some(frame.unwrap().into_data().expect("no trailers"))
}

#[tokio::test(start_paused = true)]
async fn a_quiet_writer_sends_comments() {
    let (mut events, control) = open("{}", 1024);
    events.keep_alive(SECOND).await.unwrap();
    let mut body = body(&control).await;
    let began = Instant::now();
    for quiet_seconds in 1..=3 {
        assert_eq!(next(&mut body).await.unwrap(), ":\n\n");
        assert_eq!(began.elapsed(), quiet_seconds * SECOND);
    }
    tokio::time::advance(SECOND / 2).await;
    events.send(Event::data("a")).await.unwrap();
    assert_eq!(next(&mut body).await.unwrap(), "data: a\n\n");
    assert_eq!(next(&mut body).await.unwrap(), ":\n\n");
    assert_eq!(began.elapsed(), 4 * SECOND + SECOND / 2);
}

#[tokio::test(start_paused = true)]
async fn another_interval_takes_the_place_of_the_first() {
    let (mut events, control) = open("{}", 1024);
    events.keep_alive(100 * SECOND).await.unwrap();
    let mut body = body(&control).await;
    let began = Instant::now();
    // A task of its own, as the connection's is: it wakes for nothing but what is told to it.
    let comment = tokio::spawn(async move { next(&mut body).await });
    sleep(SECOND).await;
    events.keep_alive(SECOND).await.unwrap();
    assert_eq!(comment.await.unwrap().unwrap(), ":\n\n");
    assert_eq!(began.elapsed(), 2 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn comments_end_with_the_writer() {
    let (mut events, control) = open("{}", 1024);
    events.keep_alive(SECOND).await.unwrap();
    events.send(Event::data("a")).await.unwrap();
    let mut body = body(&control).await;
    drop(events);
    assert_eq!(next(&mut body).await.unwrap(), "data: a\n\n");
    assert!(
        timeout(100 * SECOND, next(&mut body)).await.is_err(),
        "a comment after the writer"
    );
    control.end();
    assert_eq!(next(&mut body).await, None);
}

#[tokio::test(start_paused = true)]
async fn where_there_is_no_body_there_are_no_comments() {
    let head = r#"{"version":"2.0","requestContext":{"http":{"method":"HEAD"}}}"#;
    let (mut events, control) = open(head, 1024);
    events.keep_alive(SECOND).await.unwrap();
    events.send(Event::data("a")).await.unwrap();
    let mut body = body(&control).await;
    assert!(next(&mut body).await.unwrap().starts_with(b"{"));
    assert_eq!(next(&mut body).await.unwrap(), [0; 8].as_slice());
    assert!(
        timeout(100 * SECOND, next(&mut body)).await.is_err(),
        "a body after all"
    );
}

#[tokio::test(start_paused = true)]
async fn an_event_is_sent_whole_or_not_at_all() {
    let (mut events, control) = open("{}", 4);
    events.keep_alive(SECOND).await.unwrap();
    let mut body = body(&control).await;
    let longer = events.send(Event::data("longer than the pipe"));
    timeout(SECOND, longer).await.expect("it took its turn").unwrap();
    let given_up = events.send(Event::data("given up")).now_or_never();
    assert!(given_up.is_none(), "there was room");
    assert_eq!(next(&mut body).await.unwrap(), "data: longer than the pipe\n\n");
    assert_eq!(next(&mut body).await.unwrap(), ":\n\n");
    events.send(Event::data("the next")).await.unwrap();
    assert_eq!(next(&mut body).await.unwrap(), "data: the next\n\n");
}

#[tokio::test(start_paused = true)]
async fn a_faulty_event_sends_nothing_and_starts_nothing() {
    let (mut events, control) = open("{}", 1024);
    let fault = events.send(Event::data("a").id("b\nc")).await.unwrap_err();
    assert!(matches!(fault, StreamError::Invalid(_)), "{fault:?}");
    assert!(control.response_start().now_or_never().is_none(), "it has started");
}
