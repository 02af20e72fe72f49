//! Where the state of a handler comes from: a reference, or the `init` of a [`Runtime`](crate::Runtime).

use std::future::{Future, Ready, ready};

use futures::FutureExt;
use futures::future::LocalBoxFuture;

use crate::error::Error;
use crate::runtime::BoxedInit;

/// The source of the state that an [`Invocation`](super::Invocation) gives to the handler.
///
/// It is implemented for `&'static S`, the argument of [`state`](super::Invocation::state), and for [`BoxedInit`], the
/// `init` function of the [`runtime`](super::Invocation::runtime).
///
/// # Examples
/// ```
/// use lambda_stream::testing::Invocation;
/// use lambda_stream::{ResponseStream, StreamError};
///
/// async fn handler(greeting: &String, mut stream: ResponseStream) -> Result<(), StreamError> {
///     stream.write(greeting).await
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let greeting: &'static String = Box::leak(Box::new("hello".to_owned()));
/// Invocation::new(()).state(greeting).run(handler).await.assert_body("hello");
/// # }
/// ```
pub trait InvocationState<S: 'static> {
    /// The future of the state. Only that of an `init` function is not `Send`.
    #[doc(hidden)]
    type Future: Future<Output = Result<&'static S, Error>>;

    /// Returns the state.
    #[doc(hidden)]
    fn state(self) -> Self::Future;
}

impl<S: Sync + 'static> InvocationState<S> for &'static S {
    type Future = Ready<Result<&'static S, Error>>;

    fn state(self) -> Self::Future {
        ready(Ok(self))
    }
}

/// The state is leaked, as in production.
impl<S: 'static> InvocationState<S> for BoxedInit<S> {
    type Future = LocalBoxFuture<'static, Result<&'static S, Error>>;

    fn state(self) -> Self::Future {
        async { Ok(&*Box::leak(Box::new(self.run().await?))) }.boxed_local()
    }
}
