//! Converts an `http::Response` to a [`HandlerResponse`].

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use futures::Stream;
use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;

use crate::error::{BoxError, Error, StdErrorAdapter};
use crate::handler::{AnyResponse, BoxItems, HandlerResponse, ItemConversion, ResponseBody, ResponseForm, marker};
use crate::panic;
use crate::response::HttpPrelude;

#[diagnostic::do_not_recommend]
impl<B> ResponseForm<marker::Http> for Response<B> {
    type Marker = marker::Returned;
    type Document = ();
    type Item = Bytes;
    type Body = B;
    type Sent = B;

    fn convert<E: 'static>(self, _: ItemConversion<Bytes, E>) -> Result<HandlerResponse, Error>
    where
        B: ResponseBody + Send + 'static,
    {
        let (parts, body) = self.into_parts();
        Ok(HandlerResponse::Http {
            prelude: HttpPrelude::from(parts),
            body: body.into_chunks(),
        })
    }
}

#[diagnostic::do_not_recommend]
impl<B: Body<Data: Buf, Error: Into<BoxError>>> ResponseBody for B {
    fn into_chunks(self) -> BoxItems
    where
        B: Send + 'static,
    {
        Box::pin(BodyChunks { body: self })
    }
}

impl<B> From<Response<B>> for AnyResponse
where
    B: Body<Data: Buf, Error: Into<BoxError>> + Send + 'static,
{
    fn from(response: Response<B>) -> Self {
        Self(Ok(handler_response(response)))
    }
}

pub(super) fn handler_response<B>(response: Response<B>) -> HandlerResponse
where
    B: Body<Data: Buf, Error: Into<BoxError>> + Send + 'static,
{
    let (prelude, body) = into_parts(response);
    HandlerResponse::Http { prelude, body }
}

/// Splits a response into status and headers, and the chunks of its body.
pub(super) fn into_parts<B>(response: Response<B>) -> (HttpPrelude, BoxItems)
where
    B: Body<Data: Buf, Error: Into<BoxError>> + Send + 'static,
{
    let (parts, body) = response.into_parts();
    (HttpPrelude::from(parts), body.into_chunks())
}

pin_project! {
    /// The frames of a body. Trailers become empty chunks.
    struct BodyChunks<B> {
        #[pin]
        body: B,
    }
}

impl<B> Stream for BodyChunks<B>
where
    B: Body<Data: Buf, Error: Into<BoxError>>,
{
    type Item = Result<Bytes, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let frame = match ready!(self.project().body.poll_frame(cx)) {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => return Poll::Ready(Some(Err(into_error(error)))),
            None => return Poll::Ready(None),
        };
        Poll::Ready(Some(Ok(match frame.into_data() {
            Ok(mut data) => data.copy_to_bytes(data.remaining()),
            Err(_) => {
                // The subscriber is the user's code.
                panic::run_caught(|| {
                    tracing::debug!(
                        target: "lambda_stream",
                        "dropped the trailers of the response body: Lambda's protocol has trailers only for errors"
                    );
                });
                // Not a loop: a body that consists of trailers without end must not hold the thread.
                Bytes::new()
            }
        })))
    }
}

/// Converts the error of a body or a service. An [`Error`] is kept, also in a box. Otherwise, the error type is the name of
/// `E`, or `Error` if `E` is a box.
pub(super) fn into_error<E: Into<BoxError>>(error: E) -> Error {
    let type_name = match std::any::type_name::<E>() {
        boxed if boxed.starts_with("alloc::boxed::Box<") => "Error",
        name => name,
    };
    match error.into().downcast::<StdErrorAdapter>() {
        Ok(adapter) => adapter.0,
        Err(error) => Error::from_std(&*error, type_name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_keeps_its_type() {
        let error = || Error::new("late").with_type("Function.Late");
        for converted in [into_error(error()), into_error(BoxError::from(error()))] {
            assert_eq!(converted.error_type(), "Function.Late");
            assert_eq!(converted.to_string(), "late");
        }
    }

    #[test]
    fn error_type_of_box_is_not_box() {
        assert_eq!(into_error(BoxError::from("lost")).error_type(), "Function.Error");
        assert_eq!(
            into_error(std::io::Error::other("lost")).error_type(),
            "Function.IoError"
        );
    }
}
