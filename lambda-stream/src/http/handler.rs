//! Requests as a parameter of a handler, and responses as its answer.

use bytes::{Buf, Bytes};
use http::{Request, Response};
use http_body::Body;

use super::body::BoxError;
use super::{request, response};
use crate::error::Error;
use crate::handler::{AnyResponse, FromInvocation, IntoResponse, Invocation, Reply, kind};

#[diagnostic::do_not_recommend]
impl<S> FromInvocation<S, kind::TheRequest> for Request<Bytes> {
    fn from_invocation(invocation: &mut Invocation<S>) -> Result<Self, Error> {
        request::request(invocation.event(), invocation.asked(), invocation.context())
    }
}

#[diagnostic::do_not_recommend]
impl<B> IntoResponse<kind::Http> for Response<B>
where
    B: Body<Data: Buf, Error: Into<BoxError>> + Send + 'static,
{
    type Answer = kind::Own;

    fn into_response(self) -> Result<Reply, Error> {
        Ok(response::reply(self))
    }
}

impl<B> From<Response<B>> for AnyResponse
where
    B: Body<Data: Buf, Error: Into<BoxError>> + Send + 'static,
{
    fn from(response: Response<B>) -> Self {
        Self(Ok(response::reply(response)))
    }
}
