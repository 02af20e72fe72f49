//! A layer for every method: the deadline, the status in the trailers, the request id, and a line in the log.

use std::convert::Infallible;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::Frame;
use http_body_util::{BodyStream, StreamBody};
use tonic::body::Body;
use tonic::{Code, Status};
use tower::{Layer, Service};

use crate::deadline::Deadline;

#[derive(Debug, Clone, Copy)]
pub(crate) struct CallLayer;

impl<S> Layer<S> for CallLayer {
    type Service = Call<S>;

    fn layer(&self, inner: S) -> Call<S> {
        Call { inner }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Call<S> {
    inner: S,
}

impl<S> Service<Request<Body>> for Call<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send + 'static>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let method = request.uri().path().to_owned();
        let context = request.extensions().get::<lambda_stream::Context>();
        let request_id = context.and_then(|context| HeaderValue::from_str(context.request_id()).ok());
        let deadline = Deadline::of(&request);
        let response = self.inner.call(request);
        async move {
            let mut response = match deadline {
                Ok(deadline) => {
                    let response = tokio::select! {
                        biased;
                        status = deadline.exceeded() => status.into_http(),
                        response = response => response?,
                    };
                    end_at(deadline, response, method)
                }
                Err(status) => status_in_trailers(status.into_http(), &method),
            };
            if let Some(request_id) = request_id {
                response.headers_mut().insert("x-request-id", request_id);
            }
            Ok(response)
        }
        .boxed()
    }
}

/// Ends the body at the deadline, unless its trailers come first.
fn end_at(deadline: Deadline, response: Response<Body>, method: String) -> Response<Body> {
    if response.headers().contains_key(Status::GRPC_STATUS) {
        return status_in_trailers(response, &method);
    }
    response.map(|body| {
        let frames = stream::unfold(Some((BodyStream::new(body), method)), move |state| async move {
            let (mut frames, method) = state?;
            let frame = tokio::select! {
                biased;
                status = deadline.exceeded() => Ok(Frame::trailers(trailers(status.into_http()))),
                frame = frames.next() => frame?,
            };
            let state = match frame.as_ref().map(Frame::trailers_ref) {
                Ok(Some(trailers)) => {
                    log(&method, trailers);
                    None
                }
                _ => Some((frames, method)),
            };
            Some((frame, state))
        });
        Body::new(StreamBody::new(frames))
    })
}

/// Moves the status of a call without messages from the headers to the trailers, which gRPC-Web sends in the body.
/// Browsers hide most headers from pages of another origin, and responses without a body are reported to hang behind
/// Function URLs.
fn status_in_trailers(response: Response<Body>, method: &str) -> Response<Body> {
    let trailers = trailers(response);
    log(method, &trailers);
    let frames = stream::iter([Ok::<_, Infallible>(Frame::<Bytes>::trailers(trailers))]);
    Response::new(Body::new(StreamBody::new(frames)))
}

fn trailers(response: Response<Body>) -> HeaderMap {
    let mut trailers = response.into_parts().0.headers;
    trailers.remove(CONTENT_TYPE);
    trailers
}

/// Logs how a call ended: with a warning if that is the fault of the service.
fn log(method: &str, trailers: &HeaderMap) {
    let Some(status) = Status::from_header_map(trailers) else {
        return;
    };
    let (code, reason) = (status.code(), status.message());
    match code {
        Code::Ok => tracing::info!(method, ?code, "the call ended"),
        Code::Unknown | Code::Internal | Code::Unavailable | Code::DataLoss => {
            tracing::warn!(method, ?code, reason, "the call ended");
        }
        _ => tracing::info!(method, ?code, reason, "the call ended"),
    }
}
