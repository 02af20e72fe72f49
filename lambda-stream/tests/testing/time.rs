//! Time: deadlines and elapsed times under a paused clock, and invocations in real time.

use std::future::pending;
use std::time::Duration;

use futures::stream::{self, Stream};
use lambda_stream::testing::{Delivery, Invocation};
use lambda_stream::{Context, ResponseStream, Runtime, StreamError};

use crate::error_type;

const SECOND: Duration = Duration::from_secs(1);

/// Writes once per second until the end of the invocation.
async fn tick(mut stream: ResponseStream) -> Result<(), StreamError> {
    loop {
        stream.write("tick ").await?;
        tokio::time::sleep(SECOND).await;
    }
}

#[tokio::test(start_paused = true)]
async fn ten_second_stream_takes_no_real_time() {
    let start = std::time::Instant::now();
    let response = Invocation::new(()).timeout(10 * SECOND).run(tick).await;
    assert_eq!(error_type(&response), "Function.Timeout");
    assert_eq!(response.delivery(), Delivery::Streamed);
    let elapsed: Vec<_> = response.chunks().iter().map(|chunk| chunk.elapsed()).collect();
    assert_eq!(elapsed, (0..10).map(|n| n * SECOND).collect::<Vec<_>>());
    // It takes some milliseconds. The bound proves that the clock is paused.
    let real_time = start.elapsed();
    assert!(real_time < 5 * SECOND, "{real_time:?}");
}

#[tokio::test(start_paused = true)]
async fn deadline_before_first_byte_is_reported() {
    let response = Invocation::new(())
        .timeout(SECOND)
        .run(async |_: ResponseStream| pending::<()>().await)
        .await;
    assert_eq!(error_type(&response), "Function.Timeout");
    assert_eq!(response.delivery(), Delivery::Reported);
}

#[tokio::test(start_paused = true)]
async fn default_deadline_stops_a_handler_that_never_returns() {
    let start = tokio::time::Instant::now();
    let response = Invocation::new(())
        .run(async |_: ResponseStream| pending::<()>().await)
        .await;
    assert_eq!(error_type(&response), "Function.Timeout");
    assert_eq!(start.elapsed().as_secs(), 59);
}

#[tokio::test(start_paused = true)]
async fn deadline_margin_of_runtime_applies() {
    let runtime = || Runtime::new().deadline_margin(Some(SECOND * 9 / 2));
    let response = Invocation::new(())
        .runtime(runtime())
        .timeout(10 * SECOND)
        .run(tick)
        .await;
    assert_eq!(error_type(&response), "Function.Timeout");
    assert_eq!(response.chunks().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn returned_stream_is_stopped_at_the_deadline() {
    async fn handler() -> impl Stream<Item = &'static str> {
        stream::unfold((), async |()| {
            tokio::time::sleep(SECOND).await;
            Some(("x", ()))
        })
    }
    let response = Invocation::new(()).timeout(3 * SECOND).run(handler).await;
    assert_eq!(error_type(&response), "Function.Timeout");
    assert_eq!(response.body(), "xx");
}

#[tokio::test]
async fn context_has_the_deadline() {
    async fn handler(context: Context, mut stream: ResponseStream) -> Result<(), StreamError> {
        stream.write(context.remaining().unwrap().as_secs().to_string()).await
    }
    let response = Invocation::new(()).timeout(1000 * SECOND).run(handler).await;
    let remaining: u64 = response.text().parse().unwrap();
    assert!((900..1000).contains(&remaining), "{remaining}");
}

#[tokio::test]
async fn deadline_applies_in_real_time() {
    let response = Invocation::new(()).timeout(SECOND).run(tick).await;
    assert_eq!(error_type(&response), "Function.Timeout");
    assert_eq!(response.body(), "tick ");
}

#[tokio::test(start_paused = true)]
async fn keep_alive_comments_are_sent_while_idle() {
    async fn handler(stream: ResponseStream) -> Result<(), StreamError> {
        let mut events = stream.sse()?;
        events.keep_alive(15 * SECOND).await?;
        tokio::time::sleep(40 * SECOND).await;
        events.send(lambda_stream::sse::Event::data("end")).await
    }
    let response = Invocation::new(()).run(handler).await;
    response.assert_body(":\n\n:\n\ndata: end\n\n");
    assert_eq!(response.chunks()[1].elapsed(), 30 * SECOND);
    assert_eq!(response.sse_events().len(), 1);
}
