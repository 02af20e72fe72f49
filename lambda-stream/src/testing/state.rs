//! Where the state of a handler comes from: a reference, or the `init` of a [`Runtime`](crate::Runtime).

use std::future::{Future, Ready, ready};

use futures::FutureExt;
use futures::future::LocalBoxFuture;

use crate::error::Error;
use crate::runtime::BoxedInit;

/// A source of the state.
pub trait InvocationState<S: 'static> {
    /// The future of [`state`](Self::state). Only that of an `init` function is not `Send`.
    type Future: Future<Output = Result<&'static S, Error>>;

    /// Returns the state.
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
