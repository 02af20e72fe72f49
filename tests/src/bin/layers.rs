//! A function with layers. It runs the steps in its event, as `scripted` does.
//!
//! The variable `LAYER` says what the layer does: `print` (two layers that print when an invocation starts and ends),
//! `time_limit` (100 ms), `panic_in_call`, `panic_in_ready`, `reject`, or `panic_in_drop`.
#![allow(clippy::panic, clippy::print_stderr, reason = "a variable can request it")]

use std::env;
use std::io;
use std::process::ExitCode;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use lambda_stream::{BoxError, Invocation, Runtime};
use lambda_stream_tests::scripted::scripted;
use tower::timeout::TimeoutLayer;
use tower_layer::layer_fn;
use tower_service::Service;

/// Prints its name and the request id before and after an invocation.
#[derive(Clone)]
struct Print<T> {
    name: &'static str,
    service: T,
}

impl<T> Service<Invocation> for Print<T>
where
    T: Service<Invocation, Response = (), Future: Send + 'static>,
{
    type Response = ();
    type Error = T::Error;
    type Future = BoxFuture<'static, Result<(), T::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), T::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, invocation: Invocation) -> Self::Future {
        let name = self.name;
        let request_id = invocation.context().request_id().to_owned();
        eprintln!("{name} starts {request_id} with {} bytes", invocation.event().len());
        let called = self.service.call(invocation);
        Box::pin(async move {
            let result = called.await;
            eprintln!("{name} ends {request_id}");
            result
        })
    }
}

/// Fails in the way that `LAYER` says if the event contains `"fail"`.
#[derive(Clone)]
struct Fail<T> {
    action: String,
    service: T,
}

impl<T> Service<Invocation> for Fail<T>
where
    T: Service<Invocation, Response = (), Error: Into<BoxError>, Future: Send + 'static>,
{
    type Response = ();
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<(), BoxError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        assert!(self.action != "panic_in_ready", "the layer panicked");
        self.service.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, invocation: Invocation) -> Self::Future {
        assert!(self.action != "panic_in_call", "the layer panicked");
        if self.action == "reject" {
            let error = io::Error::new(io::ErrorKind::PermissionDenied, "the layer rejects the invocation");
            return Box::pin(async { Err(error.into()) });
        }
        let called = self.service.call(invocation);
        Box::pin(async { called.await.map_err(Into::into) })
    }
}

impl<T> Drop for Fail<T> {
    fn drop(&mut self) {
        assert!(self.action != "panic_in_drop", "the destructor of the layer panicked");
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let runtime = Runtime::new();
    let action = env::var("LAYER").unwrap_or_default();
    let result = match action.as_str() {
        "print" => {
            let inner = layer_fn(|service| Print { name: "inner", service });
            let outer = layer_fn(|service| Print { name: "outer", service });
            runtime.layer(inner).layer(outer).run(scripted).await
        }
        "time_limit" => {
            let limit = TimeoutLayer::new(Duration::from_millis(100));
            runtime.layer(limit).run(scripted).await
        }
        _ => {
            let fail = layer_fn(move |service| Fail {
                action: action.clone(),
                service,
            });
            runtime.layer(fail).run(scripted).await
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
