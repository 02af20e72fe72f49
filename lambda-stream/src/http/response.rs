//! From a response to what is sent of it: status and headers at once, the body piece by piece.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use futures::{Stream, stream};
use http::Response;
use http_body::Body;

use super::body::BoxError;
use crate::error::Error;
use crate::handler::{AnyResponse, HandlerResponse, IntoResponse, marker};
use crate::logging;
use crate::response::HttpPrelude;

#[diagnostic::do_not_recommend]
impl<B> IntoResponse<marker::Http> for Response<B>
where
    B: Body<Data: Buf, Error: Into<BoxError>> + Send + 'static,
{
    type Marker = marker::Returned;

    fn into_response(self) -> Result<HandlerResponse, Error> {
        Ok(response(self))
    }
}

impl<B> From<Response<B>> for AnyResponse
where
    B: Body<Data: Buf, Error: Into<BoxError>> + Send + 'static,
{
    fn from(http_response: Response<B>) -> Self {
        Self(Ok(response(http_response)))
    }
}

pub(super) fn response<B>(response: Response<B>) -> HandlerResponse
where
    B: Body<Data: Buf, Error: Into<BoxError>> + Send + 'static,
{
    let (parts, body) = response.into_parts();
    HandlerResponse::Http {
        prelude: HttpPrelude::from(parts),
        body: Box::pin(pieces(body)),
    }
}

fn pieces<B>(body: B) -> impl Stream<Item = Result<Bytes, Error>> + Send
where
    B: Body<Data: Buf, Error: Into<BoxError>> + Send + 'static,
{
    let mut body = Box::pin(body);
    stream::poll_fn(move |cx| poll_piece(body.as_mut(), cx))
}

fn poll_piece<B>(mut body: Pin<&mut B>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>>
where
    B: Body<Data: Buf, Error: Into<BoxError>>,
{
    loop {
        return Poll::Ready(match ready!(body.as_mut().poll_frame(cx)) {
            None => None,
            Some(Err(error)) => Some(Err(told::<B::Error>(error))),
            Some(Ok(frame)) => match frame.into_data() {
                Ok(mut data) => Some(Ok(data.copy_to_bytes(data.remaining()))),
                Err(_) => {
                    // Lambda's protocol has trailers for errors only, and callers get none.
                    logging::debug("the trailers of a response's body were dropped: Lambda has no place for them");
                    continue;
                }
            },
        });
    }
}

/// By its own type's name, unless that is a box.
pub(super) fn told<E: Into<BoxError>>(error: E) -> Error {
    let type_name = match std::any::type_name::<E>() {
        boxed if boxed.starts_with("alloc::boxed::Box<") => "Error",
        name => name,
    };
    Error::from_std(&*error.into(), type_name)
}
