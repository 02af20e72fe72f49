//! Handlers that a test calls itself, with the parts of an invocation.

use std::time::Duration;

use http::Request;
use lambda_stream::testing::{Caller, Invocation, Started};
use lambda_stream::{Context, Error, Payload, ResponseStream, StreamError};

use crate::error_type;

async fn handler(Payload(count): Payload<usize>, context: &Context, mut stream: ResponseStream) -> Result<u64, Error> {
    for _ in 0..count {
        stream.write(context.request_id()).await?;
    }
    Ok(stream.bytes_written())
}

#[tokio::test]
async fn handler_is_called_with_the_parts() {
    let Started {
        context,
        stream,
        response,
        ..
    } = Invocation::new(()).request_id("abc").start().await;
    // More than the buffer holds: the response is read while the handler runs.
    assert_eq!(handler(Payload(100_000), &context, stream).await.unwrap(), 300_000);
    response.await.assert_body("abc".repeat(100_000));
}

#[tokio::test]
async fn stream_of_http_event_has_prelude() {
    let request = Request::get("/").body("").unwrap();
    let Started {
        mut stream, response, ..
    } = Invocation::function_url(request).start().await;
    stream.set_content_type("text/csv").unwrap();
    stream.write("a;b").await.unwrap();
    stream.finish().await.unwrap();
    let response = response.await;
    assert_eq!(
        (response.status(), response.content_type()),
        (Some(200), Some("text/csv"))
    );
    response.assert_body("a;b");
}

#[tokio::test]
async fn caller_applies_to_the_stream() {
    let invocation = Invocation::new(()).caller(Caller::Rejected { after: 1 });
    let Started {
        mut stream, response, ..
    } = invocation.start().await;
    stream.write("ab").await.unwrap();
    assert!(matches!(stream.finish().await, Err(StreamError::Closed(_))));
    assert!(!response.await.is_complete());
}

#[tokio::test(start_paused = true)]
async fn deadline_closes_the_stream() {
    let Started {
        mut stream, response, ..
    } = Invocation::new(()).timeout(Duration::from_secs(3)).start().await;
    stream.write("a").await.unwrap();
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(matches!(stream.write("b").await, Err(StreamError::Closed(_))));
    let response = response.await;
    assert_eq!((response.text(), error_type(&response)), ("a", "Function.Timeout"));
}

#[tokio::test]
async fn context_is_created_without_a_stream() {
    let context = Invocation::new(())
        .tenant_id("blue")
        .timeout(Duration::from_secs(100))
        .context();
    assert_eq!(context.tenant_id(), Some("blue"));
    assert!(context.deadline().unwrap() > std::time::SystemTime::now());
}
