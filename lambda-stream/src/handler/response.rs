//! The return values of handlers, and how they are converted to a response.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use serde::Serialize;

use super::marker;
use crate::error::{Error, IntoError};
use crate::response::HttpPrelude;
use crate::stream::Items;

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
        items: BoxItems,
    },
    /// An HTTP response.
    Http {
        /// Status and headers.
        prelude: HttpPrelude,
        /// The chunks of the body.
        body: BoxItems,
    },
}

/// The chunks of a response body.
pub(crate) type BoxItems = Pin<Box<dyn Items>>;

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
///
/// # Examples
/// ```
/// use futures::{Stream, stream};
/// use lambda_stream::{Error, Json};
///
/// // Each return type implements the trait.
/// async fn document() -> Json<u32> {
///     Json(17)
/// }
///
/// async fn items() -> Result<impl Stream<Item = &'static str>, Error> {
///     Ok(stream::iter(["one ", "two"]))
/// }
/// ```
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
impl<R, M, K, MI, ME> IntoResponse<marker::Parts<M, K, MI, ME>> for R
where
    R: ReturnValue<M, Error: IntoError<ME>>,
    R::Response:
        ResponseForm<K, Document: Document, Body: ResponseBody, Item: StreamItem<MI> + 'static, Sent: Send + 'static>,
    MI: 'static,
{
    type Marker = <R::Response as ResponseForm<K>>::Marker;

    fn into_response(self) -> Result<HandlerResponse, Error> {
        let response = self.into_result().map_err(IntoError::into_error)?;
        response.convert(<_ as StreamItem<MI>>::conversion())
    }
}

/// A return value: a response, or a `Result` of one, whatever its error is.
pub trait ReturnValue<M> {
    /// The response, without the `Result`.
    type Response;
    /// The error of a `Result`; [`Infallible`] if there is none.
    type Error;

    /// Returns the response, or the handler's error.
    fn into_result(self) -> Result<Self::Response, Self::Error>;
}

impl<T: ResponseForm<M>, M> ReturnValue<marker::Plain<M>> for T {
    type Response = T;
    type Error = Infallible;

    fn into_result(self) -> Result<T, Infallible> {
        Ok(self)
    }
}

impl<T, E> ReturnValue<marker::Fallible> for Result<T, E> {
    type Response = T;
    type Error = E;

    fn into_result(self) -> Self {
        self
    }
}

/// A response in one of the supported forms.
///
/// The type alone selects the form: a stream is one whatever its items are. What a form requires of its parts is required
/// apart, so that the compiler reports a part that does not fit, and at that part.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the response of a handler",
    label = "not `()`, a stream, `Json`, an `http::Response` (feature `http`), or a `Result` of one of these",
    note = "to send text or bytes, take `mut stream: ResponseStream`, call `stream.write(…).await?`, and return `Result<(), lambda_stream::Error>`",
    note = "to send a JSON document, return `lambda_stream::Json<{Self}>`",
    note = "to stream, return `impl Stream<Item = String> + Send`, or in a box `Pin<Box<dyn Stream<Item = String> + Send>>`; `futures::stream::iter` makes a stream from an iterator",
    note = "to send status and headers, return `http::Response<String>`, or another `http_body::Body`, with the feature `http`",
    note = "to send a response of axum, call `.into_response()` and return `axum::response::Response`; a `Router` is run by `lambda_stream::http::run(router)` in `main`",
    note = "to send a response type of `aws_lambda_events`, call `lambda_stream::run(lambda_stream::service_fn(handler))` in `main`, without the attribute"
)]
pub trait ResponseForm<M>: Sized {
    /// See [`IntoResponse::Marker`].
    type Marker;
    /// The document of a [`Json`]; `()` for the other forms.
    type Document;
    /// The item of a stream; [`Bytes`] for the other forms.
    type Item;
    /// The body of an HTTP response; a `String` for the other forms.
    type Body;
    /// The part that the runtime keeps after the handler has returned, and may send to another thread.
    type Sent;

    /// Converts the response.
    ///
    /// # Errors
    /// A document that cannot be serialized as JSON.
    fn convert<E: 'static>(self, items: ItemConversion<Self::Item, E>) -> Result<HandlerResponse, Error>
    where
        Self::Document: Document,
        Self::Body: ResponseBody,
        Self::Sent: Send + 'static;
}

#[diagnostic::do_not_recommend]
impl ResponseForm<marker::Unit> for () {
    type Marker = marker::Written;
    type Document = ();
    type Item = Bytes;
    type Body = String;
    type Sent = ();

    fn convert<E: 'static>(self, _: ItemConversion<Bytes, E>) -> Result<HandlerResponse, Error> {
        Ok(HandlerResponse::Written)
    }
}

#[diagnostic::do_not_recommend]
impl<T> ResponseForm<marker::JsonDocument> for Json<T> {
    type Marker = marker::Returned;
    type Document = T;
    type Item = Bytes;
    type Body = String;
    type Sent = ();

    fn convert<E: 'static>(self, _: ItemConversion<Bytes, E>) -> Result<HandlerResponse, Error>
    where
        T: Document,
    {
        Ok(HandlerResponse::Json(serde_json::to_vec(&self.0)?))
    }
}

#[diagnostic::do_not_recommend]
impl<T: Stream<Item: 'static>> ResponseForm<marker::Items> for T {
    type Marker = marker::Returned;
    type Document = ();
    type Item = T::Item;
    type Body = String;
    type Sent = T;

    fn convert<E: 'static>(self, items: ItemConversion<T::Item, E>) -> Result<HandlerResponse, Error>
    where
        T: Send + 'static,
    {
        Ok(HandlerResponse::Items {
            content_type: items.content_type,
            items: Box::pin(self.map(move |item| items.convert(item))),
        })
    }
}

#[diagnostic::do_not_recommend]
impl<T: marker::Never> ResponseForm<marker::Unsupported> for T {
    type Marker = marker::Written;
    type Document = ();
    type Item = Bytes;
    type Body = String;
    type Sent = ();

    fn convert<E: 'static>(self, _: ItemConversion<Bytes, E>) -> Result<HandlerResponse, Error> {
        Ok(HandlerResponse::Written)
    }
}

/// A value that can be sent as a JSON document.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be serialized as JSON",
    label = "`{Self}` does not implement `serde::Serialize`",
    note = "add `#[derive(serde::Serialize)]` to `{Self}`"
)]
pub trait Document: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Document for T {}

/// A body of an `http::Response`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the body of an `http::Response`",
    label = "`{Self}` does not implement `http_body::Body`",
    note = "to send text or bytes, return `http::Response<lambda_stream::http::Body>`, with a body from `lambda_stream::http::Body::from(…)`",
    note = "to send no body, write `lambda_stream::http::Body::empty()`",
    note = "to send JSON, return `http::Response<String>`, with a body from `serde_json::to_string(…)?`"
)]
pub trait ResponseBody {
    /// Returns the chunks of the body.
    #[cfg(feature = "http")]
    fn into_chunks(self) -> BoxItems
    where
        Self: Send + 'static;
}

#[cfg(not(feature = "http"))]
impl ResponseBody for String {}

/// An item of a stream that a handler returns: bytes, or an element of a format such as [`sse`](crate::sse). The stream may
/// also yield a `Result` of one.
///
/// The compiler infers the marker `M`. An implementation for your own type uses a marker type of your own.
///
/// # Examples
/// ```
/// use bytes::Bytes;
/// use lambda_stream::IntoItem;
///
/// fn content_type<T: IntoItem<M>, M>(_: &T) -> Option<&'static str> {
///     T::CONTENT_TYPE
/// }
///
/// assert_eq!(content_type(&Bytes::from("text")), None);
/// assert_eq!(content_type(&lambda_stream::sse::Event::data("text")), Some("text/event-stream"));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an item of a stream that a handler returns",
    label = "not text, bytes, an `sse::Event` or an `ndjson::Line`",
    note = "to stream JSON documents, yield `lambda_stream::ndjson::Line<{Self}>`, as in `Line(value)`",
    note = "to stream text or bytes, yield a `String`, a `&'static str`, a `Vec<u8>` or `Bytes`, or a `Result` of one of these",
    note = "to stream server-sent events, yield `lambda_stream::sse::Event`",
    note = "the value of an `ndjson::Line` implements `serde::Serialize`: add `#[derive(serde::Serialize)]` to its type"
)]
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
impl<B: Into<Bytes>> IntoItem<marker::Chunk> for B {
    fn into_item(self) -> Result<Bytes, Error> {
        Ok(self.into())
    }
}

/// An item of a stream that a handler returns: an [`IntoItem`], or a `Result` of one.
///
/// The trait is sealed: it cannot be implemented outside of this crate.
///
/// # Examples
/// ```
/// use std::io;
///
/// use futures::{Stream, stream};
///
/// // Both are items: a chunk, and a `Result` of one.
/// async fn chunks() -> impl Stream<Item = String> {
///     stream::iter(["one ".to_owned(), "two".to_owned()])
/// }
///
/// async fn lines() -> impl Stream<Item = Result<String, io::Error>> {
///     stream::iter([Ok("one".to_owned()), Err(io::Error::other("the file is cut off"))])
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an item of a stream that a handler returns",
    label = "not text, bytes, an `sse::Event` or an `ndjson::Line`",
    note = "to stream JSON documents, yield `lambda_stream::ndjson::Line<{Self}>`, as in `Line(value)`",
    note = "to stream text or bytes, yield a `String`, a `&'static str`, a `Vec<u8>` or `Bytes`, or a `Result` of one of these",
    note = "to stream server-sent events, yield `lambda_stream::sse::Event`",
    note = "the value of an `ndjson::Line` implements `serde::Serialize`: add `#[derive(serde::Serialize)]` to its type"
)]
pub trait StreamItem<M> {
    /// The error that the stream yields.
    #[doc(hidden)]
    type Error;

    /// Returns the conversion of the items.
    #[doc(hidden)]
    fn conversion() -> ItemConversion<Self, Self::Error>
    where
        Self: Sized;
}

#[diagnostic::do_not_recommend]
impl<I, K, M, ME> StreamItem<marker::ItemParts<K, M, ME>> for I
where
    I: ItemValue<K, Value: IntoItem<M>, Error: IntoError<ME> + 'static>,
{
    type Error = I::Error;

    fn conversion() -> ItemConversion<Self, I::Error> {
        ItemConversion::new(IntoError::into_error)
    }
}

/// An item, or a `Result` of one, whatever its error is.
pub trait ItemValue<M> {
    /// The item, without the `Result`.
    type Value;
    /// The error of a `Result`; [`Infallible`] if there is none.
    type Error;

    /// Returns the item, or the error that the stream yielded.
    fn into_result(self) -> Result<Self::Value, Self::Error>;
}

impl<T: IntoItem<M>, M> ItemValue<marker::Plain<M>> for T {
    type Value = T;
    type Error = Infallible;

    fn into_result(self) -> Result<T, Infallible> {
        Ok(self)
    }
}

impl<T, E> ItemValue<marker::Fallible> for Result<T, E> {
    type Value = T;
    type Error = E;

    fn into_result(self) -> Self {
        self
    }
}

/// The conversion of the items of a stream, which are of the type `I`. `E` is the error of a `Result`.
#[derive(Debug)]
pub struct ItemConversion<I, E> {
    content_type: Option<&'static str>,
    convert: fn(I, ConvertError<E>) -> Result<Bytes, Error>,
    convert_error: ConvertError<E>,
}

/// The conversion of an error.
pub(super) type ConvertError<E> = fn(E) -> Error;

impl<I, E> ItemConversion<I, E> {
    /// Creates the conversion, with that of the error.
    pub(super) fn new<K, T, M>(convert_error: ConvertError<E>) -> Self
    where
        I: ItemValue<K, Value = T, Error = E>,
        T: IntoItem<M>,
    {
        Self {
            content_type: T::CONTENT_TYPE,
            convert: |item, convert_error| item.into_result().map_err(convert_error)?.into_item(),
            convert_error,
        }
    }

    fn convert(self, item: I) -> Result<Bytes, Error> {
        (self.convert)(item, self.convert_error)
    }
}

impl<I, E> Clone for ItemConversion<I, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<I, E> Copy for ItemConversion<I, E> {}

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
impl_returned_compatible_with!(PayloadArg EventArg RawEventArg LambdaEventArg HttpRequestArg ContextArg StateArg StateTargetArg);
