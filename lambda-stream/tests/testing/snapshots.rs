//! The `Debug` form of responses, for snapshot tests.

use std::fmt;

use futures::stream;
use http::Request;
use lambda_stream::testing::{Caller, Invocation};
use lambda_stream::{Error, HttpPrelude, Json, ResponseStream, StreamError};

#[tokio::test]
async fn http_response_with_error_in_trailers() {
    async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
        let prelude = HttpPrelude::new(201).header("content-type", "text/plain").cookie("a=1");
        stream.send_prelude(prelude).await?;
        stream.write("ü\n").await?;
        stream.write([0, 0xff]).await?;
        panic!("at a line that may change");
    }
    let request = Request::get("/").body("").unwrap();
    let response = Invocation::function_url(request).run(handler).await;
    let expected = r#"Response {
    delivery: Streamed,
    status: 201,
    headers: {
        "content-type": "text/plain",
    },
    cookies: [
        "a=1",
    ],
    chunks: [
        "ü\n",
        b"\0\xff",
    ],
    error: Function.Panic: at a line that may change,
}"#;
    assert_eq!(format!("{response:#?}"), expected);
}

#[tokio::test]
async fn fields_that_do_not_apply_are_omitted() {
    let response = Invocation::new(()).run(async || Json([1])).await;
    assert_eq!(
        format!("{response:?}"),
        r#"Response { delivery: Buffered, headers: {"content-type": "application/json"}, chunks: ["[1]"] }"#
    );
    let response = Invocation::new(()).run(async || Err::<Json<()>, _>("no\nluck")).await;
    assert_eq!(
        format!("{response:?}"),
        r"Response { delivery: Reported, error: Function.Error: no\nluck }"
    );
}

#[tokio::test]
async fn sources_of_an_error_are_included() {
    #[derive(Debug)]
    struct Broken(std::num::ParseIntError);
    impl fmt::Display for Broken {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the order is broken")
        }
    }
    impl std::error::Error for Broken {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }
    let handler = async || Err::<Json<()>, _>(Broken("x".parse::<u8>().unwrap_err()));
    let response = Invocation::new(()).run(handler).await;
    assert_eq!(
        format!("{response:?}"),
        "Response { delivery: Reported, error: Function.Broken: the order is broken (invalid digit found in string) }"
    );
}

#[tokio::test]
async fn incomplete_response_is_marked() {
    let handler = async || stream::iter(["one", "two"]);
    let response = Invocation::new(())
        .caller(Caller::Rejected { after: 4 })
        .run(handler)
        .await;
    assert_eq!(
        format!("{response:?}"),
        "Response { delivery: Streamed, is_complete: false, headers: {\"content-type\": \"application/octet-stream\"}, \
         chunks: [\"one\", \"t\"] }"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn form_is_the_same_in_every_run() {
    async fn handler(mut stream: ResponseStream) -> Result<(), StreamError> {
        tokio::spawn(async move {
            for _ in 0..50 {
                stream.write("x").await?;
            }
            Ok(())
        })
        .await
        .unwrap()
    }
    let expected = format!("{:?}", Invocation::new(()).run(handler).await);
    for _ in 0..50 {
        assert_eq!(format!("{:?}", Invocation::new(()).run(handler).await), expected);
    }
}
