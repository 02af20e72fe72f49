// A function that wraps the service is passed as a layer.
// group: run
// marked: handler
// write: layer_fn(
// verdict: no (the argument of `run` is marked, where the type of the service is known), yes, yes
use std::task::{Context, Poll};

use lambda_stream::{Invocation, Json, Runtime, RuntimeError};
use tower_service::Service;

#[derive(Clone)]
struct Timed<T>(T);

impl<T: Service<Invocation>> Service<Invocation> for Timed<T> {
    type Response = T::Response;
    type Error = T::Error;
    type Future = T::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), T::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, invocation: Invocation) -> T::Future {
        eprintln!("started {}", invocation.context().request_id());
        self.0.call(invocation)
    }
}

async fn handler() -> Json<u32> {
    Json(1)
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    Runtime::new().layer(Timed).run(handler).await
}
