//! Each row of "How an invocation ends" in the documentation of the crate, except the rows about callers and deadlines.

use std::time::Duration;

use lambda_stream::testing::{Delivery, Invocation};
use lambda_stream::{Error, ResponseStream, StreamError};

use crate::error_type;

#[tokio::test]
async fn ok_before_first_byte_is_an_empty_stream() {
    let response = Invocation::new(()).run(async |_: ResponseStream| {}).await;
    response.assert_body("");
    assert_eq!(response.delivery(), Delivery::Streamed);
    assert!(response.chunks().is_empty());
}

#[tokio::test]
async fn ok_after_first_byte_is_complete() {
    let handler = async |mut stream: ResponseStream| stream.write("all").await;
    let response = Invocation::new(()).run(handler).await;
    response.assert_body("all");
    assert_eq!(response.delivery(), Delivery::Streamed);
}

#[tokio::test(start_paused = true)]
async fn stream_in_task_ends_when_it_is_dropped() {
    async fn handler(mut stream: ResponseStream) {
        tokio::spawn(async move {
            for word in ["late ", "end"] {
                tokio::time::sleep(Duration::from_secs(2)).await;
                stream.write(word).await.unwrap();
            }
        });
    }
    let response = Invocation::new(()).run(handler).await;
    response.assert_body("late end");
    let elapsed: Vec<_> = response
        .chunks()
        .iter()
        .map(|chunk| chunk.elapsed().as_secs())
        .collect();
    assert_eq!(elapsed, [2, 4]);
}

#[tokio::test]
async fn panic_of_task_with_stream_is_in_trailers() {
    async fn handler(mut stream: ResponseStream) {
        tokio::spawn(async move {
            stream.write("start").await.unwrap();
            panic!("in the task");
        });
    }
    let response = Invocation::new(()).run(handler).await;
    assert_eq!(response.body(), "start");
    assert_eq!(response.delivery(), Delivery::Streamed);
    let error = response.error().unwrap();
    assert_eq!(
        (error.error_type(), error.to_string()),
        ("Function.Panic", "in the task".to_owned())
    );
}

#[tokio::test]
async fn error_before_first_byte_is_reported() {
    async fn handler(_: ResponseStream) -> Result<(), Error> {
        "x".parse::<u8>()?;
        Ok(())
    }
    let response = Invocation::new(()).run(handler).await;
    assert_eq!(response.delivery(), Delivery::Reported);
    assert_eq!(error_type(&response), "Function.ParseIntError");
    assert_eq!(response.error().unwrap().to_string(), "invalid digit found in string");
    assert!(response.is_complete() && response.body().is_empty());
}

#[tokio::test]
async fn panic_before_first_byte_is_reported_with_location() {
    async fn handler(_: ResponseStream) {
        panic!("no {}", "reason");
    }
    let response = Invocation::new(()).run(handler).await;
    assert_eq!(response.delivery(), Delivery::Reported);
    let error = response.error().unwrap();
    assert_eq!(
        (error.error_type(), error.to_string()),
        ("Function.Panic", "no reason".to_owned())
    );
    assert!(error.stack_trace()[0].contains("outcomes.rs:"), "{error:?}");
}

#[tokio::test]
async fn error_after_first_byte_is_in_trailers() {
    async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
        stream.write("half").await?;
        Err(Error::new("the ü is missing").with_type("Function.Letter"))
    }
    let response = Invocation::new(()).run(handler).await;
    assert_eq!(response.body(), "half");
    assert_eq!(response.delivery(), Delivery::Streamed);
    assert_eq!(error_type(&response), "Function.Letter");
    assert_eq!(response.error().unwrap().to_string(), "the ü is missing");
    assert!(response.is_complete());
}

#[tokio::test]
async fn panic_after_first_byte_is_in_trailers() {
    async fn handler(mut stream: ResponseStream) {
        stream.write("half").await.unwrap();
        panic!("then");
    }
    let response = Invocation::new(()).run(handler).await;
    assert_eq!(response.body(), "half");
    assert_eq!(response.delivery(), Delivery::Streamed);
    assert_eq!(response.error().unwrap().to_string(), "then");
}

#[tokio::test]
async fn error_after_finish_is_not_in_response() {
    async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
        stream.write("done").await?;
        stream.finish().await?;
        Err(Error::new("too late"))
    }
    let response = Invocation::new(()).run(handler).await;
    response.assert_body("done");
}

#[tokio::test]
async fn error_type_and_message_are_truncated_as_for_lambda() {
    async fn handler(_: ResponseStream) -> Result<(), Error> {
        Err(Error::new("m".repeat(100_000)).with_type("T".repeat(1_000)))
    }
    let response = Invocation::new(()).run(handler).await;
    assert_eq!(error_type(&response).len(), 256);
    let message = response.error().unwrap().to_string();
    assert!(
        message.len() < 65_536 && message.contains("(truncated: "),
        "{} bytes",
        message.len()
    );
}

#[tokio::test]
async fn error_of_handler_closes_stream_in_task() {
    // The handler fails while its task still writes.
    async fn handler(mut stream: ResponseStream) -> Result<(), StreamError> {
        stream.write("a").await?;
        tokio::spawn(async move {
            loop {
                stream.write("b").await.unwrap();
                tokio::task::yield_now().await;
            }
        });
        tokio::task::yield_now().await;
        Err(StreamError::Invalid("the handler fails".to_owned()))
    }
    let response = Invocation::new(()).run(handler).await;
    assert_eq!(error_type(&response), "Function.StreamError");
    assert!(response.body().starts_with(b"a"));
}
