//! A `tower` service that depends on the exact contract of `poll_ready`: it is ready only at the second poll, and `call`
//! panics if it is not ready.
//!
//! The response counts the calls of this clone and of all clones. A request to `/barrier` waits until the maximum number
//! of concurrent requests have arrived. The response to `/id` is the request id.
//!
//! With the variable `IN_STATE`, `init` creates the service, or fails with the variable `FAIL_INIT`.
#![allow(clippy::panic, reason = "a violation of the contract panics")]

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use ::http::{Request, Response};
use lambda_stream::http::Body;
use lambda_stream::{Runtime, RuntimeError, http};
use tokio::sync::Barrier;
use tower_service::Service;

#[derive(Debug)]
struct ServiceFailure(&'static str);

impl fmt::Display for ServiceFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for ServiceFailure {}

struct StrictService {
    all_calls: Arc<AtomicUsize>,
    calls: usize,
    barrier: Arc<Barrier>,
    readiness: Readiness,
}

#[derive(Clone, Copy, PartialEq)]
enum Readiness {
    NotReady,
    PolledOnce,
    Ready,
}

/// A clone is not ready, even if the original is.
impl Clone for StrictService {
    fn clone(&self) -> Self {
        Self {
            all_calls: Arc::clone(&self.all_calls),
            calls: self.calls,
            barrier: Arc::clone(&self.barrier),
            readiness: Readiness::NotReady,
        }
    }
}

impl Service<Request<Body>> for StrictService {
    type Response = Response<Body>;
    type Error = ServiceFailure;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, ServiceFailure>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ServiceFailure>> {
        if std::env::var_os("NEVER_READY").is_some() {
            return Poll::Ready(Err(ServiceFailure("the service is not ready")));
        }
        match self.readiness {
            Readiness::NotReady => {
                self.readiness = Readiness::PolledOnce;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Readiness::PolledOnce | Readiness::Ready => {
                self.readiness = Readiness::Ready;
                Poll::Ready(Ok(()))
            }
        }
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        assert!(self.readiness == Readiness::Ready, "called before it was ready");
        self.readiness = Readiness::NotReady;
        self.calls += 1;
        let all = self.all_calls.fetch_add(1, Ordering::Relaxed) + 1;
        let (calls, barrier) = (self.calls, Arc::clone(&self.barrier));
        Box::pin(async move {
            match request.uri().path() {
                "/id" => {
                    let context = request.extensions().get::<lambda_stream::Context>();
                    let id = context.map(|context| context.request_id().to_owned());
                    return Ok(Response::new(id.unwrap_or_default().into()));
                }
                "/barrier" => {
                    barrier.wait().await;
                }
                "/fail" => return Err(ServiceFailure("the request failed")),
                _ => {}
            }
            Ok(Response::new(
                format!("call {calls} of this clone, {all} of all").into(),
            ))
        })
    }
}

fn strict_service() -> StrictService {
    let concurrency = std::env::var("AWS_LAMBDA_MAX_CONCURRENCY").ok();
    let concurrency = concurrency.and_then(|count| count.parse().ok()).unwrap_or(1);
    StrictService {
        all_calls: Arc::default(),
        calls: 0,
        barrier: Arc::new(Barrier::new(concurrency)),
        readiness: Readiness::NotReady,
    }
}

async fn init() -> Result<StrictService, ServiceFailure> {
    match std::env::var_os("FAIL_INIT") {
        Some(_) => Err(ServiceFailure("no database")),
        None => Ok(strict_service()),
    }
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    match std::env::var_os("IN_STATE") {
        Some(_) => Runtime::new().init(init).run(http::state_service()).await,
        None => http::run(strict_service()).await,
    }
}
