//! [`service_fn`]: runs a handler that was written for the crate `lambda_runtime`.

use std::fmt;
use std::future::Future;

use bytes::Bytes;
use futures::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Handler, Invocation, LambdaEvent, extract, marker};
use crate::context::Context;
use crate::error::{Error, IntoError};
use crate::event::EventInfo;
use crate::protocol::JSON;
use crate::response::BufferedResponse;

/// Adapts a function with the signature of a `lambda_runtime` handler: it takes a [`LambdaEvent<T>`], and its result is
/// sent as one JSON document.
///
/// In a program that calls `lambda_runtime::run(service_fn(handler))`, the imports change, and `main` returns a
/// [`RuntimeError`](crate::RuntimeError):
///
/// ```no_run
/// use lambda_stream::{Error, LambdaEvent, RuntimeError, service_fn};
/// use serde_json::{Value, json};
///
/// #[tokio::main]
/// async fn main() -> Result<(), RuntimeError> {
///     lambda_stream::run(service_fn(handler)).await
/// }
///
/// async fn handler(event: LambdaEvent<Value>) -> Result<Value, Error> {
///     let name = event.payload["name"].as_str().unwrap_or("world");
///     Ok(json!({ "message": format!("Hello, {name}!") }))
/// }
/// ```
///
/// The document is sent unchanged for events of every source. For an HTTP event, a document with the fields `statusCode`,
/// `headers` and `body` is the HTTP response, as API Gateway and load balancers define it. [`Json`](crate::Json) in
/// contrast is the body of a response with status 200.
///
/// A function that returns `Json` or another [response](crate::IntoResponse) is a handler without this adapter.
pub fn service_fn<F, T, O, M>(function: F) -> ServiceFnHandler
where
    F: Fn(LambdaEvent<T>) -> O + Send + Sync + 'static,
    T: DeserializeOwned,
    O: Future<Output: IntoDocument<M>> + Send + 'static,
{
    ServiceFnHandler(Box::new(move |event, event_info, context| {
        let payload = extract::deserialize(&event, event_info);
        let result = payload.map(|payload| function(LambdaEvent::new(payload, context)));
        Box::pin(async move {
            let document = result?.await.into_document()?;
            Ok(BufferedResponse {
                content_type: JSON,
                body: document.into(),
            })
        })
    }))
}

/// The return type of a function for [`service_fn`]: a `Result` of a [`serde::Serialize`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the return type of a function for `service_fn`",
    label = "write `Result<{Self}, Error>`",
    note = "`Error` is `lambda_stream::Error`, or another error that a handler can return"
)]
pub trait IntoDocument<M> {
    /// Returns the JSON document.
    ///
    /// # Errors
    /// The error of the function, or a value that cannot be serialized.
    #[doc(hidden)]
    fn into_document(self) -> Result<Vec<u8>, Error>;
}

impl<R, E, M> IntoDocument<M> for Result<R, E>
where
    R: Document,
    E: IntoError<M>,
{
    fn into_document(self) -> Result<Vec<u8>, Error> {
        Ok(serde_json::to_vec(&self.map_err(IntoError::into_error)?)?)
    }
}

/// A value that [`service_fn`] sends as a JSON document.
#[diagnostic::on_unimplemented(
    message = "`service_fn` cannot send `{Self}` as a JSON document",
    label = "not a `serde::Serialize`",
    note = "to send a struct or an enum, add `#[derive(serde::Serialize)]` to it",
    note = "a function that returns `lambda_stream::Json` is a handler itself: remove `service_fn`"
)]
pub trait Document: Serialize {}

#[diagnostic::do_not_recommend]
impl<R: Serialize> Document for R {}

/// A function with the signature of a `lambda_runtime` handler, as a [`Handler`]. [`service_fn`] creates it.
///
/// # Examples
/// ```
/// use lambda_stream::{LambdaEvent, ServiceFnHandler, service_fn};
///
/// async fn double(event: LambdaEvent<u32>) -> Result<u32, std::convert::Infallible> {
///     Ok(event.payload * 2)
/// }
///
/// let handler: ServiceFnHandler = service_fn(double);
/// ```
// It has no type parameters, so a function that `service_fn` does not support is one error there, and not also an error
// at the call of `run`.
pub struct ServiceFnHandler(Box<Function>);

type Function = dyn Fn(Bytes, EventInfo, Context) -> BoxFuture<'static, Result<BufferedResponse, Error>> + Send + Sync;

#[diagnostic::do_not_recommend]
impl<S: Send + Sync + 'static> Handler<S, marker::Adapted> for ServiceFnHandler {
    async fn call(&self, invocation: Invocation<S>) -> Result<(), Error> {
        let Invocation {
            context,
            event,
            event_info,
            stream,
            ..
        } = invocation;
        let response = (self.0)(event, event_info, context).await?;
        if let Some(stream) = stream {
            stream.send_buffered(response);
        }
        Ok(())
    }
}

impl fmt::Debug for ServiceFnHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceFnHandler").finish_non_exhaustive()
    }
}
