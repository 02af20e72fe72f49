//! A response whose form is chosen per invocation.

use futures::Stream;
use serde::Serialize;

use super::{HandlerResponse, IntoItem, IntoResponse, Json, marker};
use crate::error::Error;

/// A response of any form, for handlers that choose the form per invocation: [`Json`], a stream, or an `http::Response`
/// (feature `http`).
///
/// ```
/// use lambda_stream::{AnyResponse, Json};
///
/// async fn handler(query: String) -> AnyResponse {
///     match query.as_str() {
///         "count" => Json(3).into(),
///         _ => AnyResponse::stream(futures::stream::iter(["one ", "two ", "three"])),
///     }
/// }
/// ```
#[derive(Debug)]
pub struct AnyResponse(pub(crate) Result<HandlerResponse, Error>);

impl AnyResponse {
    /// Creates a streamed response from the same streams that a handler may return: their items convert to
    /// [`Bytes`](bytes::Bytes), belong to a format such as [`sse`](crate::sse), or are a `Result` of either.
    pub fn stream<T, M: 'static>(items: T) -> Self
    where
        T: Stream<Item: IntoItem<M>> + Send + 'static,
    {
        Self(items.into_response())
    }
}

impl<T: Serialize> From<Json<T>> for AnyResponse {
    fn from(json: Json<T>) -> Self {
        Self(json.into_response())
    }
}

#[diagnostic::do_not_recommend]
impl IntoResponse<marker::Any> for AnyResponse {
    type Marker = marker::Returned;

    fn into_response(self) -> Result<HandlerResponse, Error> {
        self.0
    }
}
