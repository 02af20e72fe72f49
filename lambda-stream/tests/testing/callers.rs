//! Each [`Caller`]: what it gets, and what the handler sees.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use lambda_stream::testing::{Caller, Delivery, Invocation, Response};
use lambda_stream::{Json, ResponseStream, Runtime, StreamError};
use tokio::time::Instant;

use crate::error_type;

/// Writes ten bytes at a time until a write fails. Returns the response, the number of writes that succeeded, and the error.
async fn write_until_closed(caller: Caller) -> (Response, usize, Option<StreamError>) {
    let seen = Arc::new(Mutex::new((0, None)));
    let seen_by_handler = Arc::clone(&seen);
    let handler = move |mut stream: ResponseStream| {
        let seen = Arc::clone(&seen_by_handler);
        async move {
            loop {
                let result = stream.write("0123456789").await;
                let mut seen = seen.lock().unwrap();
                match result {
                    Ok(()) => seen.0 += 1,
                    Err(error) => {
                        seen.1 = Some(error.clone());
                        return Err::<(), _>(error);
                    }
                }
            }
        }
    };
    let runtime = Runtime::new().buffer_size(100);
    let invocation = Invocation::new(()).runtime(runtime).timeout(Duration::from_secs(3));
    let response = invocation.caller(caller).run(handler).await;
    let (writes, error) = seen.lock().unwrap().clone();
    (response, writes, error)
}

/// Asserts that the caller got the first 25 bytes, and no error.
fn assert_truncated(response: &Response) {
    assert_eq!(response.body(), "0123456789012345678901234");
    assert_eq!(response.delivery(), Delivery::Streamed);
    assert!(!response.is_complete());
    assert_eq!(error_type(response), "");
}

#[tokio::test(start_paused = true)]
async fn rejection_closes_the_stream_with_lambda_error_type() {
    let (response, writes, error) = write_until_closed(Caller::Rejected { after: 25 }).await;
    assert_truncated(&response);
    assert_eq!(writes, 3);
    let Some(StreamError::Closed(closed)) = error else {
        panic!("{error:?}");
    };
    assert_eq!(closed.error_type(), Some("RequestEntityTooLarge"));
    assert_eq!(
        closed.to_string(),
        "POST invocation/{id}/response was rejected with status 413 Payload Too Large: RequestEntityTooLarge: Exceeded \
         maximum allowed payload size"
    );
}

#[tokio::test(start_paused = true)]
async fn lost_connection_closes_the_stream() {
    let (response, writes, error) = write_until_closed(Caller::Disconnected { after: 25 }).await;
    assert_truncated(&response);
    assert_eq!(writes, 3);
    let Some(StreamError::Closed(closed)) = error else {
        panic!("{error:?}");
    };
    assert_eq!(closed.error_type(), None);
    let reason = closed.to_string();
    assert!(reason.starts_with("POST invocation/{id}/response failed: "), "{reason}");
    assert!(reason.ends_with("connection reset"), "{reason}");
}

#[tokio::test(start_paused = true)]
async fn caller_that_stops_reading_fills_the_buffer() {
    let start = Instant::now();
    let (response, writes, error) = write_until_closed(Caller::StopsReading { after: 25 }).await;
    assert_truncated(&response);
    // Two chunks are read. The rest of the writes fill the buffer of 100 bytes.
    assert_eq!(writes, 12);
    assert!(error.is_none(), "the handler waits until its deadline");
    let elapsed = start.elapsed();
    assert!(
        elapsed > Duration::from_secs(3) && elapsed < Duration::from_secs(5),
        "{elapsed:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn slow_caller_delays_writes() {
    async fn handler(mut stream: ResponseStream) -> Result<(), StreamError> {
        let start = Instant::now();
        for _ in 0..4 {
            stream.write([b'x'; 100]).await?;
        }
        // The caller has read all but the last 100 bytes, which are in the buffer.
        stream.write(format!("{}", start.elapsed().as_secs())).await
    }
    let runtime = Runtime::new().buffer_size(100);
    let invocation = Invocation::new(()).runtime(runtime);
    let response = invocation
        .caller(Caller::ReadsSlowly { bytes_per_second: 50 })
        .run(handler)
        .await;
    let elapsed: Vec<_> = response
        .chunks()
        .iter()
        .map(|chunk| chunk.elapsed().as_secs())
        .collect();
    assert_eq!(elapsed, [2, 4, 6, 8, 8]);
    assert_eq!(response.chunks()[4].bytes(), "6");
    assert!(response.is_complete());
}

#[tokio::test]
async fn response_within_the_limit_is_complete() {
    let handler = async |mut stream: ResponseStream| stream.write("12345").await;
    for caller in [
        Caller::Rejected { after: 5 },
        Caller::Disconnected { after: 5 },
        Caller::StopsReading { after: 5 },
        Caller::ReadsSlowly {
            bytes_per_second: 1_000_000,
        },
    ] {
        Invocation::new(())
            .caller(caller)
            .run(handler)
            .await
            .assert_body("12345");
    }
}

#[tokio::test]
async fn rejection_before_first_byte_fails_finish() {
    async fn handler(mut stream: ResponseStream) -> Result<(), StreamError> {
        stream.write("x").await?;
        let Err(StreamError::Closed(closed)) = stream.finish().await else {
            panic!("the response was accepted");
        };
        assert_eq!(closed.error_type(), Some("RequestEntityTooLarge"));
        Ok(())
    }
    let response = Invocation::new(())
        .caller(Caller::Rejected { after: 0 })
        .run(handler)
        .await;
    assert!(response.body().is_empty() && !response.is_complete());
}

#[tokio::test]
async fn buffered_response_is_rejected_as_a_whole() {
    for caller in [Caller::Rejected { after: 5 }, Caller::Disconnected { after: 5 }] {
        let response = Invocation::new(()).caller(caller).run(async || Json("12345")).await;
        assert_eq!(response.delivery(), Delivery::Buffered);
        assert!(response.body().is_empty() && !response.is_complete());
        let response = Invocation::new(()).caller(caller).run(async || Json("123")).await;
        response.assert_body(r#""123""#);
    }
}
