//! The return values of handlers, and how they are converted to a response.

use std::fmt;
use std::pin::Pin;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use serde::Serialize;

use super::marker;
use crate::error::{Error, IntoError};
use crate::response::HttpPrelude;

/// A JSON document as the whole response. It is buffered, not streamed.
///
/// ```
/// use lambda_stream::Json;
///
/// async fn handler(numbers: Vec<u64>) -> Json<u64> {
///     Json(numbers.iter().sum())
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Json<T>(pub T);

/// What a handler returned: the form of the response, before it is encoded for the source of the event.
pub enum HandlerResponse {
    /// The handler wrote the response to its stream.
    Written,
    /// A JSON document.
    Json(Vec<u8>),
    /// The items of a stream, with the content type of their format if it has one.
    Items {
        /// The content type of the format.
        content_type: Option<&'static str>,
        /// The chunks of the body.
        items: Items,
    },
    /// An HTTP response.
    Http {
        /// Status and headers.
        prelude: HttpPrelude,
        /// The chunks of the body.
        body: Items,
    },
}

/// The chunks of a response body.
pub(crate) type Items = Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>;

impl fmt::Debug for HandlerResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Written => "Written",
            Self::Json(_) => "Json",
            Self::Items { .. } => "Items",
            Self::Http { .. } => "Http",
        })
    }
}

/// A type that a handler can return.
///
/// It is implemented for `()`, a [`Stream`] of [items](IntoItem), [`Json`], `http::Response` (feature `http`),
/// [`AnyResponse`](crate::AnyResponse), and a `Result` of any of these. The trait is sealed: it cannot be implemented
/// outside of this crate.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the return type of a handler",
    label = "not `()`, a stream of bytes, `Json` of a `serde::Serialize`, an `http::Response` (feature `http`), or a `Result` of one of these",
    note = "a stream is `Send` and borrows nothing; each item converts to `bytes::Bytes`, is an `sse::Event` or an `ndjson::Line` of a `serde::Serialize`, or a `Result` of one of these",
    note = "the error of a `Result` is any `std::error::Error`, a `Box<dyn Error>`, a string or `lambda_stream::Error`",
    note = "to return a string or bytes, write them to a `ResponseStream` or return a stream with one item",
    note = "the body of an `http::Response` is any `http_body::Body`: a `String`, or `lambda_stream::http::Body::from` a string or bytes"
)]
pub trait IntoResponse<M> {
    /// [`marker::Returned`] if the value is the response, [`marker::Written`] if the handler writes the response.
    #[doc(hidden)]
    type Marker;

    /// Converts the value when the handler returns. An error need not be `Send`, so it is not held across an await point.
    ///
    /// # Errors
    /// The handler's error, or a document that cannot be serialized as JSON.
    #[doc(hidden)]
    fn into_response(self) -> Result<HandlerResponse, Error>;
}

#[diagnostic::do_not_recommend]
impl IntoResponse<marker::Unit> for () {
    type Marker = marker::Written;

    fn into_response(self) -> Result<HandlerResponse, Error> {
        Ok(HandlerResponse::Written)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> IntoResponse<marker::JsonDocument> for Json<T> {
    type Marker = marker::Returned;

    fn into_response(self) -> Result<HandlerResponse, Error> {
        Ok(HandlerResponse::Json(serde_json::to_vec(&self.0)?))
    }
}

#[diagnostic::do_not_recommend]
impl<T, M: 'static> IntoResponse<marker::Items<M>> for T
where
    T: Stream<Item: IntoItem<M>> + Send + 'static,
{
    type Marker = marker::Returned;

    fn into_response(self) -> Result<HandlerResponse, Error> {
        Ok(HandlerResponse::Items {
            content_type: <T::Item as IntoItem<M>>::CONTENT_TYPE,
            items: Box::pin(self.map(IntoItem::into_item)),
        })
    }
}

#[diagnostic::do_not_recommend]
impl<T, E, M, ME> IntoResponse<marker::Fallible<M, ME>> for Result<T, E>
where
    T: IntoResponse<M>,
    E: IntoError<ME>,
{
    type Marker = T::Marker;

    fn into_response(self) -> Result<HandlerResponse, Error> {
        self.map_err(IntoError::into_error)?.into_response()
    }
}

#[diagnostic::do_not_recommend]
impl<T: marker::Never> IntoResponse<marker::Unsupported> for T {
    type Marker = marker::Written;

    fn into_response(self) -> Result<HandlerResponse, Error> {
        Ok(HandlerResponse::Written)
    }
}

/// An item of a stream that a handler returns: bytes, an element of a format such as [`sse`](crate::sse), or a `Result` of
/// either.
///
/// The compiler infers the marker `M`. An implementation for your own type uses a marker type of your own.
pub trait IntoItem<M> {
    /// The content type of a stream of such items, if their format has one.
    const CONTENT_TYPE: Option<&'static str> = None;

    /// Returns the bytes of the item.
    ///
    /// # Errors
    /// The error that the stream yielded, or an item that cannot be encoded.
    fn into_item(self) -> Result<Bytes, Error>;
}

#[diagnostic::do_not_recommend]
impl<B: Into<Bytes>> IntoItem<marker::Plain> for B {
    fn into_item(self) -> Result<Bytes, Error> {
        Ok(self.into())
    }
}

#[diagnostic::do_not_recommend]
impl<B, E, M, ME> IntoItem<marker::Fallible<M, ME>> for Result<B, E>
where
    B: IntoItem<M>,
    E: IntoError<ME>,
{
    const CONTENT_TYPE: Option<&'static str> = B::CONTENT_TYPE;

    fn into_item(self) -> Result<Bytes, Error> {
        self.map_err(IntoError::into_error)?.into_item()
    }
}

/// Implemented for the responses that a handler with a parameter of the kind `M` may return.
#[diagnostic::on_unimplemented(
    message = "this handler takes a `ResponseStream` and also returns a response",
    label = "a second response",
    note = "return `()` or `Result<(), E>` and write to the stream, or remove the `ResponseStream` parameter"
)]
pub trait ResponseCompatibleWith<M> {}

#[diagnostic::do_not_recommend]
impl<M> ResponseCompatibleWith<M> for marker::Written {}

macro_rules! impl_returned_compatible_with {
    ($($marker:ident)*) => {$(
        #[diagnostic::do_not_recommend]
        impl ResponseCompatibleWith<marker::$marker> for marker::Returned {}
    )*};
}
impl_returned_compatible_with!(PayloadArg EventArg RawEventArg LambdaEventArg HttpRequestArg ContextArg StateArg);
