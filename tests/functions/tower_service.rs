//! A service that is to the letter of `tower`: it is ready only when asked twice, and panics when it is called unasked.
//!
//! Its answer counts the calls of this clone, and of all. `/meet` answers when as many calls are under way as may be,
//! `/id` with the request id.
#![allow(clippy::panic, reason = "it is called as it should be, or not at all")]

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use http::{Request, Response};
use lambda_stream::RuntimeError;
use lambda_stream::http::Body;
use tokio::sync::Barrier;
use tower_service::Service;

#[derive(Debug)]
struct Unwilling(&'static str);

impl fmt::Display for Unwilling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Unwilling {}

struct Exact {
    all: Arc<AtomicUsize>,
    calls: usize,
    meeting: Arc<Barrier>,
    readiness: Readiness,
}

#[derive(Clone, Copy, PartialEq)]
enum Readiness {
    Not,
    AskedOnce,
    Ready,
}

/// A clone is no more ready than a new one: each is to be asked by itself.
impl Clone for Exact {
    fn clone(&self) -> Self {
        Self {
            all: Arc::clone(&self.all),
            calls: self.calls,
            meeting: Arc::clone(&self.meeting),
            readiness: Readiness::Not,
        }
    }
}

impl Service<Request<Body>> for Exact {
    type Response = Response<Body>;
    type Error = Unwilling;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Unwilling>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Unwilling>> {
        if std::env::var_os("NEVER_READY").is_some() {
            return Poll::Ready(Err(Unwilling("it has had enough")));
        }
        match self.readiness {
            Readiness::Not => {
                self.readiness = Readiness::AskedOnce;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Readiness::AskedOnce | Readiness::Ready => {
                self.readiness = Readiness::Ready;
                Poll::Ready(Ok(()))
            }
        }
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        assert!(self.readiness == Readiness::Ready, "called before it was ready");
        self.readiness = Readiness::Not;
        self.calls += 1;
        let all = self.all.fetch_add(1, Ordering::Relaxed) + 1;
        let (calls, meeting) = (self.calls, Arc::clone(&self.meeting));
        Box::pin(async move {
            match request.uri().path() {
                "/id" => {
                    let context = request.extensions().get::<lambda_stream::Context>();
                    let id = context.map(|context| context.request_id().to_owned());
                    return Ok(Response::new(id.unwrap_or_default().into()));
                }
                "/meet" => {
                    meeting.wait().await;
                }
                "/fail" => return Err(Unwilling("not this one")),
                _ => {}
            }
            Ok(Response::new(
                format!("call {calls} of this clone, {all} of all").into(),
            ))
        })
    }
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    let at_once = std::env::var("AWS_LAMBDA_MAX_CONCURRENCY").ok();
    let at_once = at_once.and_then(|count| count.parse().ok()).unwrap_or(1);
    lambda_stream::http::run(Exact {
        all: Arc::default(),
        calls: 0,
        meeting: Arc::new(Barrier::new(at_once)),
        readiness: Readiness::Not,
    })
    .await
}
