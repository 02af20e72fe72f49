//! [`Body`]: a type-erased HTTP body.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use futures::{Stream, TryStreamExt};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};

use crate::error::BoxError;

/// An HTTP body whose type is erased.
///
/// It is the body of the requests that a [service](super::service()) gets. A handler uses it to return responses whose
/// bodies have different types:
///
/// ```
/// use http::Response;
/// use lambda_stream::http::Body;
///
/// fn page(text: Option<&'static str>) -> Response<Body> {
///     match text {
///         Some(text) => Response::new(Body::from(text)),
///         None => Response::new(Body::stream(futures::stream::iter(["not ", "found"].map(Ok::<_, std::io::Error>)))),
///     }
/// }
/// ```
pub struct Body(UnsyncBoxBody<Bytes, BoxError>);

impl Body {
    /// Creates an empty body.
    ///
    /// # Examples
    /// ```
    /// use http::Response;
    /// use lambda_stream::http::Body;
    ///
    /// let response = Response::builder().status(204).body(Body::empty());
    /// ```
    #[must_use]
    pub fn empty() -> Self {
        Self::new(Empty::<Bytes>::new())
    }

    /// Creates a body from any [`http_body::Body`].
    ///
    /// # Examples
    /// ```
    /// use http_body_util::Full;
    /// use lambda_stream::http::Body;
    ///
    /// let body = Body::new(Full::new(bytes::Bytes::from("hello")));
    /// ```
    pub fn new<B>(body: B) -> Self
    where
        B: HttpBody<Data: Buf, Error: Into<BoxError>> + Send + 'static,
    {
        let body = body
            .map_frame(|frame| frame.map_data(|mut data| data.copy_to_bytes(data.remaining())))
            .map_err(Into::into);
        Self(UnsyncBoxBody::new(body))
    }

    /// Creates a body from a stream. Each item is sent when the stream yields it.
    ///
    /// # Examples
    /// ```
    /// use futures::stream;
    /// use lambda_stream::http::Body;
    ///
    /// let body = Body::stream(stream::iter(["one ", "two"].map(Ok::<_, std::io::Error>)));
    /// ```
    pub fn stream<T, B, E>(items: T) -> Self
    where
        T: Stream<Item = Result<B, E>> + Send + 'static,
        B: Into<Bytes>,
        E: Into<BoxError> + 'static,
    {
        let frames = items.map_ok(|item| Frame::data(item.into())).map_err(Into::into);
        Self(UnsyncBoxBody::new(StreamBody::new(frames)))
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::empty()
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::new(Full::new(bytes))
    }
}

macro_rules! impl_from {
    ($($type:ty)*) => {$(
        impl From<$type> for Body {
            fn from(content: $type) -> Self {
                Bytes::from(content).into()
            }
        }
    )*};
}
impl_from!(&'static str String &'static [u8] Vec<u8>);

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Pin::new(&mut self.0).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").finish_non_exhaustive()
    }
}
