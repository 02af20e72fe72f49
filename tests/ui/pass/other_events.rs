//! The handler of other events in each form: parameters, return types, state, closure, and another service.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context as TaskContext, Poll};

use bytes::Bytes;
use futures::{Stream, stream};
use http::{Request, Response};
use lambda_stream::http::{Body, service};
use lambda_stream::{AnyResponse, Context, Error, Json, Payload, RawEvent, ResponseStream, Runtime, RuntimeError};
use serde_json::Value;
use tower_service::Service;

#[derive(Clone)]
struct Router;

impl Service<Request<Body>> for Router {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        ready(Ok(Response::default()))
    }
}

async fn nothing() {}

async fn every_parameter(
    event: Value,
    _: RawEvent,
    _: ResponseStream,
    _: Context,
    state: &u8,
) -> Result<(), Error> {
    drop((event, *state));
    Ok(())
}

async fn any_response(Payload(_): Payload<Value>) -> AnyResponse {
    Json(1).into()
}

async fn items() -> impl Stream<Item = Bytes> {
    stream::empty()
}

async fn serve() -> Result<(), RuntimeError> {
    lambda_stream::run(service(Router)).await?;
    lambda_stream::run(service(Router).on_other_events(nothing)).await?;
    let init = async || Ok::<_, Error>(7_u8);
    Runtime::new().init(init).run(service(Router).on_other_events(every_parameter)).await?;
    lambda_stream::run(service(Router).base_path("/a").on_other_events(any_response)).await?;
    lambda_stream::run(service(Router).on_other_events(items).error_statuses(500..)).await?;
    lambda_stream::run(service(Router).on_other_events(|event: Value| async move { Json(event) })).await
}

fn main() {
    drop(serve());
}
