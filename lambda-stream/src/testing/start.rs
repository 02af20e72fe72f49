//! [`Started`]: the parts of an invocation, for a handler that a test calls itself.

use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Poll, ready};

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::invocation::Invocation;
use super::misuse::misuse;
use super::response::Response;
use crate::context::Context;
use crate::stream::ResponseStream;

/// An invocation without a handler: what a handler takes, and the response. [`Invocation::start`] creates it.
///
/// # Examples
/// ```
/// use lambda_stream::testing::{Invocation, Started};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let Started { context, mut stream, response, .. } = Invocation::new(()).request_id("17").start().await;
/// stream.write(context.request_id()).await.unwrap();
/// drop(stream);
/// response.await.assert_body("17");
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Started {
    /// The metadata of the invocation.
    pub context: Context,
    /// The response, to be written. It is sent in the background while it is written.
    pub stream: ResponseStream,
    /// The response that the caller gets.
    pub response: PendingResponse,
}

/// A future that returns the response when the stream is dropped or [finished](ResponseStream::finish), and the caller has
/// read everything.
///
/// # Examples
/// ```
/// use lambda_stream::testing::{Invocation, Started};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let Started { mut stream, response, .. } = Invocation::new(()).start().await;
/// stream.write("hello").await.unwrap();
/// stream.finish().await.unwrap();
/// assert_eq!(response.await.text(), "hello");
/// # }
/// ```
#[derive(Debug)]
pub struct PendingResponse(JoinHandle<Response>);

impl<S, L, I> Invocation<S, L, I> {
    /// Starts the invocation without a handler, for a test that calls the handler itself: to read its return value, or
    /// because it is a part of one.
    ///
    /// The response is read in a task of the current tokio runtime. [Layers and `init`](Self::runtime) do not run.
    ///
    /// ```
    /// # use lambda_stream::testing::{Invocation, Started};
    /// # use lambda_stream::{ResponseStream, StreamError};
    /// async fn count(mut stream: ResponseStream) -> Result<u64, StreamError> {
    ///     stream.write("one two").await?;
    ///     Ok(stream.bytes_written())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let Started { stream, response, .. } = Invocation::new(()).start().await;
    /// assert_eq!(count(stream).await.unwrap(), 7);
    /// response.await.assert_body("one two");
    /// # }
    /// ```
    pub async fn start(self) -> Started {
        let (sender, receiver) = oneshot::channel();
        let sender = Mutex::new(Some(sender));
        let pass_on = move |context: Context, stream: ResponseStream| {
            let sender = sender.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(sender) = sender {
                // Fails if the test dropped the future of `start`.
                let _ = sender.send((context, stream));
            }
            std::future::ready(())
        };
        let response = PendingResponse(tokio::spawn(self.without_state().run(pass_on)));
        let Ok((context, stream)) = receiver.await else {
            misuse("the tokio runtime was shut down");
        };
        Started {
            context,
            stream,
            response,
        }
    }
}

impl Future for PendingResponse {
    type Output = Response;

    fn poll(mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<Response> {
        match ready!(Pin::new(&mut self.0).poll(cx)) {
            Ok(response) => Poll::Ready(response),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                // The tokio runtime is shutting down.
                Err(_) => Poll::Pending,
            },
        }
    }
}
