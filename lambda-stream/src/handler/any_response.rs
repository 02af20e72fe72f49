//! A response whose form is chosen per invocation.

use bytes::Bytes;
use futures::Stream;
use serde::Serialize;

use super::response::{ItemConversion, ResponseForm, StreamItem};
use super::{HandlerResponse, Json, marker};
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
    ///
    /// # Examples
    /// ```
    /// use futures::stream;
    /// use lambda_stream::AnyResponse;
    ///
    /// async fn handler() -> AnyResponse {
    ///     AnyResponse::stream(stream::iter(["one ", "two"]))
    /// }
    /// ```
    pub fn stream<T, M: 'static>(items: T) -> Self
    where
        T: Stream<Item: StreamItem<M> + 'static> + Send + 'static,
    {
        Self(items.convert(<T::Item as StreamItem<M>>::conversion()))
    }
}

impl<T: Serialize> From<Json<T>> for AnyResponse {
    fn from(json: Json<T>) -> Self {
        Self(json.convert(Bytes::conversion()))
    }
}

#[diagnostic::do_not_recommend]
impl ResponseForm<marker::Any> for AnyResponse {
    type Marker = marker::Returned;
    type Document = ();
    type Item = Bytes;
    type Body = String;
    type Sent = ();

    fn convert<E: 'static>(self, _: ItemConversion<Bytes, E>) -> Result<HandlerResponse, Error> {
        self.0
    }
}
