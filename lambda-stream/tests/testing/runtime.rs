//! A configured `Runtime`: its layers, its `init`, and its limits.

use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context as TaskContext, Poll};

use futures::FutureExt;
use futures::future::BoxFuture;
use lambda_stream::testing::{Delivery, Invocation};
use lambda_stream::{Error, HttpPrelude, Invocation as Request, ResponseStream, Runtime, StreamError};
use tower_layer::layer_fn;
use tower_service::Service;

use crate::error_type;

/// Fails an invocation whose event is `null`, and appends to the error of the handler.
#[derive(Clone)]
struct Guard<T>(T);

impl<S: 'static, T> Service<Request<S>> for Guard<T>
where
    T: Service<Request<S>, Response = (), Error = Box<dyn std::error::Error + Send + Sync>, Future: Send + 'static>,
{
    type Response = ();
    type Error = T::Error;
    type Future = BoxFuture<'static, Result<(), T::Error>>;

    fn poll_ready(&mut self, cx: &mut TaskContext<'_>) -> Poll<Result<(), T::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<S>) -> Self::Future {
        if request.event() == "null" {
            return async { Err("the layer rejects null".into()) }.boxed();
        }
        self.0.call(request).boxed()
    }
}

async fn echo(state: &u32, event: serde_json::Value, mut stream: ResponseStream) -> Result<(), StreamError> {
    stream.write(format!("{state} {event}")).await
}

#[tokio::test]
async fn layers_wrap_the_handler() {
    let runtime = || Runtime::new().init(async || Ok::<_, Error>(7)).layer(layer_fn(Guard));
    let response = Invocation::new(1).runtime(runtime()).run(echo).await;
    response.assert_body("7 1");
    let response = Invocation::new(()).runtime(runtime()).run(echo).await;
    assert_eq!(response.error().unwrap().to_string(), "the layer rejects null");
}

#[tokio::test]
async fn state_replaces_init_and_keeps_layers() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    async fn init() -> Result<u32, Error> {
        CALLS.fetch_add(1, Ordering::Relaxed);
        Ok(1)
    }
    let runtime = || Runtime::new().init(init).layer(layer_fn(Guard));
    Invocation::new("a")
        .runtime(runtime())
        .state(&5)
        .run(echo)
        .await
        .assert_body("5 \"a\"");
    assert_eq!(CALLS.load(Ordering::Relaxed), 0);
    let response = Invocation::new(()).runtime(runtime()).state(&5).run(echo).await;
    assert_eq!(error_type(&response), "Function.Error");
    Invocation::new("a")
        .runtime(runtime())
        .run(echo)
        .await
        .assert_body("1 \"a\"");
    assert_eq!(CALLS.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn failed_init_is_reported() {
    async fn never(_: &u32, _: ResponseStream) {
        unreachable!("the handler is not called");
    }
    let runtime = Runtime::new().init(async || Err::<u32, _>("no database"));
    let response = Invocation::new(()).runtime(runtime).run(never).await;
    assert_eq!(
        (response.delivery(), response.error().unwrap().to_string()),
        (Delivery::Reported, "no database".into())
    );

    async fn panicking() -> Result<u32, Error> {
        panic!("no configuration");
    }
    let response = Invocation::new(())
        .runtime(Runtime::new().init(panicking))
        .run(never)
        .await;
    assert_eq!(
        (response.delivery(), error_type(&response)),
        (Delivery::Reported, "Function.Panic")
    );
}

#[tokio::test(start_paused = true)]
async fn init_may_wait_for_timers() {
    let init = async || {
        tokio::time::sleep(std::time::Duration::from_secs(5)).await;
        Ok::<_, Error>(7)
    };
    let response = Invocation::new(1).runtime(Runtime::new().init(init)).run(echo).await;
    response.assert_body("7 1");
    assert_eq!(
        response.chunks()[0].elapsed().as_secs(),
        0,
        "the invocation starts after `init`"
    );
}

#[tokio::test]
async fn buffer_size_splits_large_writes() {
    let handler = async |mut stream: ResponseStream| stream.write([b'x'; 25]).await;
    let response = Invocation::new(())
        .runtime(Runtime::new().buffer_size(10))
        .run(handler)
        .await;
    let lengths: Vec<_> = response.chunks().iter().map(|chunk| chunk.bytes().len()).collect();
    assert_eq!(lengths, [10, 10, 5]);
}

#[tokio::test]
async fn fill_empty_body_applies() {
    let handler = async |mut stream: ResponseStream| stream.send_prelude(HttpPrelude::new(303)).await;
    let response = Invocation::new(())
        .runtime(Runtime::new().fill_empty_body(true))
        .run(handler)
        .await;
    assert_eq!(response.status(), Some(303));
    response.assert_body("\n");
}
