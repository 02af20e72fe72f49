//! What a handler may return.

use std::fmt;
use std::pin::Pin;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use serde::Serialize;

use super::kind;
use crate::error::{Error, IntoError};
use crate::stream::HttpPrelude;

/// One answer in JSON, sent whole and not streamed.
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

/// What a handler returned, on its way to the wire.
pub enum Reply {
    /// It wrote to its stream.
    Written,
    /// One whole answer: the JSON.
    Whole(Vec<u8>),
    /// A body, piece by piece.
    Streamed(Streamed),
}

/// A body, piece by piece, and what it opens with.
pub struct Streamed {
    pub(crate) opening: Opening,
    pub(crate) items: Items,
}

/// The pieces of a body.
pub(crate) type Items = Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>;

/// What a streamed reply opens with.
pub(crate) enum Opening {
    /// The content type of the items, where their form has one.
    ContentType(Option<&'static str>),
    /// Status and headers.
    Http(HttpPrelude),
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Written => "Written",
            Self::Whole(_) => "Whole",
            Self::Streamed(_) => "Streamed",
        })
    }
}

impl fmt::Debug for Streamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streamed").finish_non_exhaustive()
    }
}

/// What a handler returns: `()`, a [`Stream`] of [items](IntoItem), [`Json`], an `http::Response` (feature `http`), [`AnyResponse`](crate::AnyResponse), or a `Result` of one of these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be what a handler returns",
    label = "not `()`, a stream of bytes, `Json` of a `serde::Serialize`, an `http::Response` (feature `http`), or a `Result` of one of these",
    note = "a stream is `Send` and borrows nothing; each item turns into `bytes::Bytes`, is an `sse::Event` or an `ndjson::Line` of a `serde::Serialize`, or a `Result` of one of these",
    note = "the error of a `Result` is any `std::error::Error`, a `Box<dyn Error>`, `String` or `lambda_stream::Error`",
    note = "a text or bytes are written to a `ResponseStream`, or are the one item of a stream",
    note = "the body of an `http::Response` is any `http_body::Body`: a `String`, or `lambda_stream::http::Body::from` a text or bytes"
)]
pub trait IntoResponse<K> {
    /// Whether this is an answer of its own: [`kind::Own`], or [`kind::Written`].
    type Answer;

    /// Turns it into a reply, at once: an error need not be `Send`, so it is not held while the reply is sent.
    ///
    /// # Errors
    /// The handler's own, or that of a document that is no JSON.
    fn into_response(self) -> Result<Reply, Error>;
}

#[diagnostic::do_not_recommend]
impl IntoResponse<kind::Unit> for () {
    type Answer = kind::Written;

    fn into_response(self) -> Result<Reply, Error> {
        Ok(Reply::Written)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> IntoResponse<kind::Json> for Json<T> {
    type Answer = kind::Own;

    fn into_response(self) -> Result<Reply, Error> {
        Ok(Reply::Whole(serde_json::to_vec(&self.0)?))
    }
}

#[diagnostic::do_not_recommend]
impl<T, K: 'static> IntoResponse<kind::Items<K>> for T
where
    T: Stream<Item: IntoItem<K>> + Send + 'static,
{
    type Answer = kind::Own;

    fn into_response(self) -> Result<Reply, Error> {
        Ok(Reply::Streamed(Streamed {
            opening: Opening::ContentType(<T::Item as IntoItem<K>>::CONTENT_TYPE),
            items: Box::pin(self.map(IntoItem::into_item)),
        }))
    }
}

#[diagnostic::do_not_recommend]
impl<T, E, K, EK> IntoResponse<kind::Fallible<K, EK>> for Result<T, E>
where
    T: IntoResponse<K>,
    E: IntoError<EK>,
{
    type Answer = T::Answer;

    fn into_response(self) -> Result<Reply, Error> {
        self.map_err(IntoError::into_error)?.into_response()
    }
}

#[diagnostic::do_not_recommend]
impl<T: kind::Never> IntoResponse<kind::Nothing> for T {
    type Answer = kind::Written;

    fn into_response(self) -> Result<Reply, Error> {
        Ok(Reply::Written)
    }
}

/// An item of a returned stream: bytes, an event of a format such as [`sse`](crate::sse), or a `Result` of these.
pub trait IntoItem<K> {
    /// The content type of a stream of such items, where their form has one.
    const CONTENT_TYPE: Option<&'static str> = None;

    /// The bytes.
    ///
    /// # Errors
    /// The stream's own.
    fn into_item(self) -> Result<Bytes, Error>;
}

#[diagnostic::do_not_recommend]
impl<B: Into<Bytes>> IntoItem<kind::Plain> for B {
    fn into_item(self) -> Result<Bytes, Error> {
        Ok(self.into())
    }
}

#[diagnostic::do_not_recommend]
impl<B, E, K, EK> IntoItem<kind::Fallible<K, EK>> for Result<B, E>
where
    B: IntoItem<K>,
    E: IntoError<EK>,
{
    const CONTENT_TYPE: Option<&'static str> = B::CONTENT_TYPE;

    fn into_item(self) -> Result<Bytes, Error> {
        self.map_err(IntoError::into_error)?.into_item()
    }
}

/// An answer that a handler with a parameter of the kind `K` may give.
#[diagnostic::on_unimplemented(
    message = "this handler takes a `ResponseStream` and also returns an answer of its own",
    label = "a second answer",
    note = "return `()` or `Result<(), E>` and write to the stream, or leave out the parameter"
)]
pub trait AnswerBeside<K> {}

#[diagnostic::do_not_recommend]
impl<K> AnswerBeside<K> for kind::Written {}

macro_rules! own_answer_beside {
    ($($kind:ident)*) => {$(
        #[diagnostic::do_not_recommend]
        impl AnswerBeside<kind::$kind> for kind::Own {}
    )*};
}
own_answer_beside!(TheEvent TheRawEvent TheRequest TheContext TheState);
