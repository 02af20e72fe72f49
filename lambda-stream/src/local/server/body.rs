//! The body type of all responses to callers.

use std::convert::Infallible;

use bytes::Bytes;
use http_body::Body;
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;

/// The body of a response, buffered or streaming.
pub(crate) type ResponseBody = UnsyncBoxBody<Bytes, Infallible>;

/// Boxes a body.
pub(crate) fn boxed(body: impl Body<Data = Bytes, Error = Infallible> + Send + 'static) -> ResponseBody {
    body.boxed_unsync()
}
