//! The body of a streaming response.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::Frame;
use tokio::time::{Sleep, sleep};

use super::super::broker::response::ResponseChunks;
use super::super::server::connection::ConnectionState;

/// The body of a streaming response. If the function fails, or sends nothing for the idle timeout, the body aborts the
/// connection after the last chunk, so that the client sees an incomplete response.
pub(crate) struct StreamingBody {
    /// The part of the body that arrived with the prelude.
    start: Bytes,
    /// `None` after the end.
    rest: Option<ResponseChunks>,
    connection: Arc<ConnectionState>,
    idle_timeout: Option<IdleTimeout>,
}

/// Measures the time in which the function sends nothing while the client waits.
struct IdleTimeout {
    duration: Duration,
    /// Exists while the client waits.
    timer: Option<Pin<Box<Sleep>>>,
}

impl StreamingBody {
    /// Returns the body for the client of `connection`. `start` precedes the chunks of `rest`.
    pub(crate) fn new(
        start: Bytes,
        rest: ResponseChunks,
        connection: Arc<ConnectionState>,
        idle_timeout: Option<Duration>,
    ) -> Self {
        Self {
            start,
            rest: Some(rest),
            connection,
            idle_timeout: idle_timeout.map(|duration| IdleTimeout { duration, timer: None }),
        }
    }

    fn abort(&mut self, context: &Context<'_>) {
        // The function keeps running, and the rest of its response is discarded.
        self.rest = None;
        self.connection.abort_on_flush();
        // If nothing is left to write, hyper flushes the socket only when it is polled again.
        context.waker().wake_by_ref();
    }
}

impl IdleTimeout {
    fn poll_expired(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(self.duration)));
        timer.as_mut().poll(context)
    }
}

impl http_body::Body for StreamingBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if !self.start.is_empty() {
            let start = std::mem::take(&mut self.start);
            return Poll::Ready(Some(Ok(Frame::data(start))));
        }
        let Some(rest) = &mut self.rest else {
            return Poll::Pending;
        };
        match rest.poll_next(context) {
            Poll::Ready(Some(Ok(chunk))) => {
                if let Some(idle_timeout) = &mut self.idle_timeout {
                    idle_timeout.timer = None;
                }
                Poll::Ready(Some(Ok(Frame::data(chunk))))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Ready(Some(Err(_))) => {
                self.abort(context);
                Poll::Pending
            }
            Poll::Pending => {
                if let Some(idle_timeout) = &mut self.idle_timeout {
                    if idle_timeout.poll_expired(context).is_ready() {
                        let seconds = idle_timeout.duration.as_secs();
                        log!(
                            WARN,
                            "the function sent nothing for {seconds} seconds, API Gateway's idle timeout, so the caller's \
                             connection is closed; the function keeps running: send keep-alive data, such as a comment of \
                             an event stream"
                        );
                        self.abort(context);
                    }
                }
                Poll::Pending
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::test_client::StreamingFunction;
    use super::*;
    use http_body_util::BodyExt;
    use tokio::time::{Instant, timeout};

    const IDLE_TIMEOUT: Duration = Duration::from_secs(300);

    async fn next_chunk(body: &mut StreamingBody) -> Bytes {
        body.frame().await.unwrap().unwrap().into_data().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn idle_function_aborts_connection_after_timeout() {
        let (function, chunks) = StreamingFunction::start().await;
        let connection = Arc::<ConnectionState>::default();
        let mut body = StreamingBody::new(Bytes::new(), chunks, Arc::clone(&connection), Some(IDLE_TIMEOUT));
        function.send("a").await;
        assert_eq!(next_chunk(&mut body).await, "a");
        // Each chunk restarts the timeout.
        for _ in 0..3 {
            let almost = IDLE_TIMEOUT - Duration::from_secs(1);
            assert!(timeout(almost, body.frame()).await.is_err());
            assert!(!connection.is_aborted());
            function.send("b").await;
            assert_eq!(next_chunk(&mut body).await, "b");
        }
        let start = Instant::now();
        assert!(timeout(2 * IDLE_TIMEOUT, body.frame()).await.is_err());
        assert!(connection.is_aborted());
        // The function keeps running, and does not wait for the caller.
        for _ in 0..100 {
            function.send("discarded").await;
        }
        assert_eq!(start.elapsed(), 2 * IDLE_TIMEOUT);
    }

    #[tokio::test(start_paused = true)]
    async fn slow_client_is_not_an_idle_function() {
        let (function, chunks) = StreamingFunction::start().await;
        let connection = Arc::<ConnectionState>::default();
        let mut body = StreamingBody::new(Bytes::new(), chunks, Arc::clone(&connection), Some(IDLE_TIMEOUT));
        for _ in 0..3 {
            function.send("a").await;
            tokio::time::sleep(2 * IDLE_TIMEOUT).await;
            assert_eq!(next_chunk(&mut body).await, "a");
        }
        tokio::time::sleep(2 * IDLE_TIMEOUT).await;
        assert!(timeout(IDLE_TIMEOUT / 2, body.frame()).await.is_err());
        assert!(!connection.is_aborted());
    }

    #[tokio::test(start_paused = true)]
    async fn no_idle_timeout_waits_for_function() {
        let (function, chunks) = StreamingFunction::start().await;
        let connection = Arc::<ConnectionState>::default();
        let mut body = StreamingBody::new(Bytes::new(), chunks, Arc::clone(&connection), None);
        assert!(timeout(100 * IDLE_TIMEOUT, body.frame()).await.is_err());
        function.send("a").await;
        assert_eq!(next_chunk(&mut body).await, "a");
    }
}
