//! A mid-stream error: the caller gets three chunks and then an error, not a truncated response that looks complete.
//!
//! ```sh
//! cargo run --bin failing
//! curl -N http://127.0.0.1:9000
//! ```
//!
//! `curl` exits with status 18, "transfer closed".

use std::fmt;
use std::time::Duration;

use lambda_stream::{Error, ResponseStream};

#[derive(Debug)]
struct UpstreamGone;

impl fmt::Display for UpstreamGone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the upstream hung up after 3 chunks")
    }
}

impl std::error::Error for UpstreamGone {}

#[lambda_stream::main]
async fn failing(mut stream: ResponseStream) -> Result<(), Error> {
    stream.set_content_type("text/plain; charset=utf-8")?;
    for n in 1..=3 {
        stream.write(format!("chunk {n}\n")).await?;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Err(UpstreamGone.into())
}

#[cfg(test)]
mod tests {
    use lambda_stream::testing::{Caller, Delivery, Invocation};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn error_follows_the_chunks() {
        let response = Invocation::new("event").run(failing).await;
        assert_eq!(response.body(), "chunk 1\nchunk 2\nchunk 3\n");
        let error = response.error().unwrap();
        assert_eq!(error.error_type(), "Function.UpstreamGone");
        assert_eq!(error.to_string(), "the upstream hung up after 3 chunks");
        // The error is in the trailers of the response, because the response had started.
        assert_eq!(response.delivery(), Delivery::Streamed);
    }

    #[tokio::test(start_paused = true)]
    async fn rejected_response_ends_the_handler() {
        let invocation = Invocation::new("event").caller(Caller::Rejected { after: 10 });
        let response = invocation.run(failing).await;
        assert_eq!(response.body(), "chunk 1\nch");
        assert!(!response.is_complete());
    }
}
