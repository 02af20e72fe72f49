//! Tests of the writer and its comments, up to the body that the HTTP client polls. Time is paused.

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
        ResponseStart::Streaming { reader: transport, .. } => ResponseBody::new(transport),
        _ => panic!("the response is not streamed"),
    }
}

/// Returns the next chunk, or `None` at the end.
async fn next_chunk(body: &mut ResponseBody) -> Option<Bytes> {
    let frame = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await?;
    Some(frame.unwrap().into_data().expect("a data frame"))
}

#[tokio::test(start_paused = true)]
async fn idle_writer_sends_comments() {
    let (mut events, control) = open("{}", 1024);
    events.keep_alive(SECOND).await.unwrap();
    let mut body = body(&control).await;
    let start = Instant::now();
    for idle_seconds in 1..=3 {
        assert_eq!(next_chunk(&mut body).await.unwrap(), ":\n\n");
        assert_eq!(start.elapsed(), idle_seconds * SECOND);
    }
    tokio::time::advance(SECOND / 2).await;
    events.send(Event::data("a")).await.unwrap();
    assert_eq!(next_chunk(&mut body).await.unwrap(), "data: a\n\n");
    assert_eq!(next_chunk(&mut body).await.unwrap(), ":\n\n");
    assert_eq!(start.elapsed(), 4 * SECOND + SECOND / 2);
}

#[tokio::test(start_paused = true)]
async fn second_keep_alive_replaces_the_interval() {
    let (mut events, control) = open("{}", 1024);
    events.keep_alive(100 * SECOND).await.unwrap();
    let mut body = body(&control).await;
    let start = Instant::now();
    // A separate task, as the task of the connection is: it is polled only after its waker was called.
    let comment = tokio::spawn(async move { next_chunk(&mut body).await });
    sleep(SECOND).await;
    events.keep_alive(SECOND).await.unwrap();
    assert_eq!(comment.await.unwrap().unwrap(), ":\n\n");
    assert_eq!(start.elapsed(), 2 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn comments_stop_when_writer_is_dropped() {
    let (mut events, control) = open("{}", 1024);
    events.keep_alive(SECOND).await.unwrap();
    events.send(Event::data("a")).await.unwrap();
    let mut body = body(&control).await;
    drop(events);
    assert_eq!(next_chunk(&mut body).await.unwrap(), "data: a\n\n");
    assert!(
        timeout(100 * SECOND, next_chunk(&mut body)).await.is_err(),
        "got a comment after the writer was dropped"
    );
    control.end();
    assert_eq!(next_chunk(&mut body).await, None);
}

#[tokio::test(start_paused = true)]
async fn bodiless_response_has_no_comments() {
    let event = r#"{"version":"2.0","requestContext":{"http":{"method":"HEAD"}}}"#;
    let (mut events, control) = open(event, 1024);
    events.keep_alive(SECOND).await.unwrap();
    events.send(Event::data("a")).await.unwrap();
    let mut body = body(&control).await;
    assert!(next_chunk(&mut body).await.unwrap().starts_with(b"{"));
    assert_eq!(next_chunk(&mut body).await.unwrap(), [0; 8].as_slice());
    assert!(
        timeout(100 * SECOND, next_chunk(&mut body)).await.is_err(),
        "got a chunk of a body"
    );
}

#[tokio::test(start_paused = true)]
async fn event_is_sent_completely_or_not_at_all() {
    let (mut events, control) = open("{}", 4);
    events.keep_alive(SECOND).await.unwrap();
    let mut body = body(&control).await;
    let send = events.send(Event::data("longer than the buffer"));
    timeout(SECOND, send)
        .await
        .expect("an event may exceed an empty buffer")
        .unwrap();
    let canceled = events.send(Event::data("canceled")).now_or_never();
    assert!(canceled.is_none(), "the buffer was not full");
    assert_eq!(next_chunk(&mut body).await.unwrap(), "data: longer than the buffer\n\n");
    assert_eq!(next_chunk(&mut body).await.unwrap(), ":\n\n");
    events.send(Event::data("the next")).await.unwrap();
    assert_eq!(next_chunk(&mut body).await.unwrap(), "data: the next\n\n");
}

#[tokio::test(start_paused = true)]
async fn invalid_event_does_not_start_the_response() {
    let (mut events, control) = open("{}", 1024);
    let error = events.send(Event::data("a").id("b\nc")).await.unwrap_err();
    assert!(matches!(error, StreamError::Invalid(_)), "{error:?}");
    assert!(
        control.response_start().now_or_never().is_none(),
        "the response has started"
    );
}
