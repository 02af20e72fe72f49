//! The progress, the deadline and the panic of a tool call.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::http::request::Parts;
use futures::FutureExt;
use lambda_stream::Context;
use rmcp::model::ProgressNotificationParam;
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};

/// The time before the deadline of the invocation at which a tool returns what it has.
const MARGIN: Duration = Duration::from_secs(1);

/// Sends progress notifications, if the caller has asked for them with a progress token.
pub(crate) struct Progress<'a> {
    context: &'a RequestContext<RoleServer>,
    total: usize,
}

impl<'a> Progress<'a> {
    pub(crate) fn new(context: &'a RequestContext<RoleServer>, total: usize) -> Self {
        Self { context, total }
    }

    pub(crate) async fn report(&self, done: usize, message: String) {
        if let Some(token) = self.context.meta.get_progress_token() {
            let notification = ProgressNotificationParam::new(token, done as f64)
                .with_total(self.total as f64)
                .with_message(message);
            // An error means that the response was dropped, which cancels the tool.
            let _ = self.context.peer.notify_progress(notification).await;
        }
    }
}

/// Completes shortly before the deadline of the invocation.
pub(crate) async fn time_is_up(context: &RequestContext<RoleServer>) {
    let parts = context.extensions.get::<Parts>();
    let remaining = parts.and_then(|parts| parts.extensions.get::<Context>()?.remaining());
    match remaining {
        Some(remaining) => tokio::time::sleep(remaining.saturating_sub(MARGIN)).await,
        None => std::future::pending().await,
    }
}

/// Converts a panic to an error of the call. Otherwise `rmcp` sends no response, and the caller waits until the
/// deadline.
pub(crate) async fn catch_panic<T>(call: impl Future<Output = Result<T, ErrorData>>) -> Result<T, ErrorData> {
    let response = AssertUnwindSafe(call).catch_unwind().await;
    response.unwrap_or_else(|_| Err(ErrorData::internal_error("the tool panicked", None)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "the subject of a test")]

    use super::*;

    #[tokio::test]
    async fn panic_is_error_of_call() {
        let result: Result<(), _> = catch_panic(async { panic!("no such element") }).await;
        assert_eq!(result, Err(ErrorData::internal_error("the tool panicked", None)));
    }
}
