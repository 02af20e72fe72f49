//! Assertions that fail and arguments that are invalid: their panics say what is wrong.

use std::panic::{AssertUnwindSafe, catch_unwind};

use lambda_stream::testing::{Invocation, Response};
use lambda_stream::{Error, Json, ResponseStream};

/// Returns the message with which `run` panics.
fn panic_message<T>(run: impl FnOnce() -> T) -> String {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(_) => panic!("it does not panic"),
        Err(payload) => *payload.downcast::<String>().unwrap(),
    }
}

async fn failed() -> Response {
    async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
        stream.write("half").await?;
        Err(Error::new("the model is overloaded"))
    }
    Invocation::new(()).run(handler).await
}

#[tokio::test]
async fn failed_assertion_shows_the_error_of_the_invocation() {
    let response = failed().await;
    for message in [
        panic_message(|| response.assert_body("half")),
        panic_message(|| response.assert_body("whole")),
        panic_message(|| response.json::<u32>()),
        panic_message(|| response.ndjson::<u32>()),
    ] {
        assert!(
            message.contains("error: Function.Error: the model is overloaded"),
            "{message}"
        );
        assert!(message.contains(r#""half""#), "{message}");
    }
}

#[tokio::test]
async fn failed_conversion_says_what_is_wrong() {
    let response = Invocation::new(()).run(async || Json("a")).await;
    let message = panic_message(|| response.json::<u32>());
    assert!(
        message.starts_with("failed to deserialize the body as `u32`: invalid type: string"),
        "{message}"
    );
    let message = panic_message(|| response.ndjson::<u32>());
    assert!(
        message.starts_with("failed to deserialize line 1 of the body as `u32`: "),
        "{message}"
    );
    let handler = async |mut stream: ResponseStream| stream.write([0xff]).await;
    let response = Invocation::new(()).run(handler).await;
    assert!(panic_message(|| response.text()).starts_with("the body is not UTF-8: "));
}

#[test]
fn invalid_argument_is_named() {
    let invocation = || Invocation::new(());
    assert_eq!(
        panic_message(|| invocation().request_id("a b")),
        "invalid request id \"a b\": must be one or more visible ASCII characters"
    );
    assert_eq!(
        panic_message(|| invocation().tenant_id("a\nb")),
        "invalid value \"a\\nb\" for the header lambda-runtime-aws-tenant-id: contains a control character"
    );
    assert_eq!(
        panic_message(|| invocation().timeout(std::time::Duration::from_millis(999))),
        "invalid timeout 999ms: must be one second or longer, as on Lambda"
    );
    let keys = std::collections::BTreeMap::from([((), ())]);
    assert_eq!(
        panic_message(|| Invocation::new(&keys)),
        "failed to serialize the event as JSON: key must be a string"
    );
}
