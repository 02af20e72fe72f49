//! A `tower` service that panics where the path of the request says, such as `/call`.
//!
//! A request to `/neighbor` writes a chunk, waits for a request to `/release`, and writes another one.
#![allow(clippy::panic, reason = "the path can request it")]

use std::convert::Infallible;
use std::fmt;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::StreamExt;
use http::{Request, Response};
use http_body::Frame;
use lambda_stream::RuntimeError;
use lambda_stream::http::Body;
use tokio::sync::Semaphore;
use tower_service::Service;

static RELEASED: Semaphore = Semaphore::const_new(0);

/// The next `clone` panics.
static CLONE_PANICS: AtomicBool = AtomicBool::new(false);

/// The next `poll_ready` panics.
static POLL_READY_PANICS: AtomicBool = AtomicBool::new(false);

struct PanickingService;

impl Clone for PanickingService {
    fn clone(&self) -> Self {
        assert!(!CLONE_PANICS.swap(false, Ordering::Relaxed), "cloned");
        Self
    }
}

impl Service<Request<Body>> for PanickingService {
    type Response = Response<Body>;
    type Error = Failure;
    type Future = ServiceFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        assert!(
            !POLL_READY_PANICS.swap(false, Ordering::Relaxed),
            "polled for readiness"
        );
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> ServiceFuture {
        let path = request.uri().path();
        let response = match path {
            "/call" => panic!("called"),
            "/error-display" => Err(Failure::Display),
            "/error-drop" => Err(Failure::Drop(PanickingDrop)),
            "/neighbor" => Ok(neighbor()),
            "/body-poll" | "/body-drop" => Ok(Body::new(PanickingBody {
                chunk: Some(Bytes::from_static(b"one")),
                panics_at_poll: path == "/body-poll",
            })),
            "/chunk-drop" => Ok(Body::from(Bytes::from_owner(PanickingOwner))),
            path => {
                match path {
                    "/next-clone" => CLONE_PANICS.store(true, Ordering::Relaxed),
                    "/next-poll-ready" => POLL_READY_PANICS.store(true, Ordering::Relaxed),
                    "/release" => RELEASED.add_permits(1),
                    _ => {}
                }
                Ok(Body::from("ok"))
            }
        };
        ServiceFuture {
            response: ready(response.map(Response::new)),
            panics_at_poll: path == "/future-poll",
            panics_at_drop: path == "/future-drop",
        }
    }
}

fn neighbor() -> Body {
    let chunks = futures::stream::iter(["one ", "two"]).then(async |chunk| {
        if chunk == "two"
            && let Ok(permit) = RELEASED.acquire().await
        {
            permit.forget();
        }
        Ok::<_, Infallible>(chunk)
    });
    Body::stream(chunks)
}

struct ServiceFuture {
    response: Ready<Result<Response<Body>, Failure>>,
    panics_at_poll: bool,
    panics_at_drop: bool,
}

impl Future for ServiceFuture {
    type Output = Result<Response<Body>, Failure>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        assert!(!self.panics_at_poll, "the future was polled");
        Pin::new(&mut self.response).poll(cx)
    }
}

impl Drop for ServiceFuture {
    fn drop(&mut self) {
        assert!(!self.panics_at_drop, "the future was dropped");
    }
}

/// A body of one chunk.
struct PanickingBody {
    chunk: Option<Bytes>,
    /// It panics at the second poll, otherwise when it is dropped.
    panics_at_poll: bool,
}

impl http_body::Body for PanickingBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let chunk = self.chunk.take();
        assert!(chunk.is_some() || !self.panics_at_poll, "the body was polled");
        Poll::Ready(chunk.map(|chunk| Ok(Frame::data(chunk))))
    }
}

impl Drop for PanickingBody {
    fn drop(&mut self) {
        assert!(self.panics_at_poll, "the body was dropped");
    }
}

struct PanickingOwner;

impl AsRef<[u8]> for PanickingOwner {
    fn as_ref(&self) -> &[u8] {
        &[b'x'; 2048]
    }
}

impl Drop for PanickingOwner {
    fn drop(&mut self) {
        panic!("the chunk was dropped");
    }
}

struct PanickingDrop;

impl Drop for PanickingDrop {
    fn drop(&mut self) {
        panic!("the error was dropped");
    }
}

enum Failure {
    Display,
    Drop(PanickingDrop),
}

impl fmt::Debug for Failure {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("the error was formatted")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Display => panic!("the error was displayed"),
            Self::Drop(_) => f.write_str("a failure"),
        }
    }
}

impl std::error::Error for Failure {}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::http::run(PanickingService).await
}
