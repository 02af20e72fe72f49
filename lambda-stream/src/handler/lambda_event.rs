//! [`LambdaEvent`]: the event with its context, as handlers for the crate `lambda_runtime` take it.

use crate::context::Context;

/// The event, deserialized as `T`, and its [`Context`].
///
/// It has the fields and methods of the type of the same name in the crate `lambda_runtime`, for handlers that come from
/// there. A new handler takes the event and the `Context` as two parameters.
///
/// ```
/// use lambda_stream::{Json, LambdaEvent};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Order {
///     quantities: Vec<u32>,
/// }
///
/// async fn handler(event: LambdaEvent<Order>) -> Json<String> {
///     let (order, context) = event.into_parts();
///     let total: u32 = order.quantities.iter().sum();
///     Json(format!("{total} items in request {}", context.request_id()))
/// }
/// ```
///
/// The payload is the whole event; for an HTTP event, that is the envelope with headers and body.
/// [`Payload<T>`](crate::Payload) is the body.
///
/// # Errors
/// If the event cannot be deserialized, the handler is not called and the invocation fails with an error of the type
/// `Function.InvalidEvent`.
#[derive(Debug, Clone)]
pub struct LambdaEvent<T> {
    /// The event.
    pub payload: T,
    /// The metadata of the invocation.
    pub context: Context,
}

impl<T> LambdaEvent<T> {
    /// Creates a `LambdaEvent`.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::{Context, LambdaEvent};
    ///
    /// fn with_length(event: LambdaEvent<String>) -> LambdaEvent<usize> {
    ///     LambdaEvent::new(event.payload.len(), event.context)
    /// }
    /// ```
    pub fn new(payload: T, context: Context) -> Self {
        Self { payload, context }
    }

    /// Returns the event and its context.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::LambdaEvent;
    ///
    /// async fn handler(event: LambdaEvent<String>) -> String {
    ///     let (name, context) = event.into_parts();
    ///     format!("hello {name}, {}", context.request_id())
    /// }
    /// ```
    #[must_use]
    pub fn into_parts(self) -> (T, Context) {
        (self.payload, self.context)
    }
}
