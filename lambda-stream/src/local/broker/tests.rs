//! Tests of backpressure, truncation and completion of invocations.

use super::response::{CHUNK_CAPACITY, FunctionResponse};
use super::*;
use crate::local::activity::event::{RequestInfo, Source};
use bytes::Bytes;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

const ENVIRONMENT: EnvironmentId = EnvironmentId(1);

fn broker() -> Broker {
    Broker::new(Arc::new(Activity::new(Vec::new())), Duration::from_secs(1), None)
}

fn invocation() -> NewInvocation {
    let request = RequestInfo {
        source: Source::CommandLine,
        method: "INVOKE".to_owned(),
        path: "name".to_owned(),
        event: Bytes::new(),
    };
    NewInvocation::new(RequestId::random(), request)
}

/// Returns a broker with one running invocation.
fn running_invocation() -> (Broker, InvocationHandle, Responder) {
    let broker = broker();
    broker.add_environment(ENVIRONMENT, 1, 1);
    let handle = broker.invoke(invocation());
    let Poll::Ready(delivered) = poll(pin!(broker.next(ENVIRONMENT))) else {
        panic!("no event");
    };
    let responder = broker.claim(ENVIRONMENT, delivered.invocation.id.as_str()).unwrap();
    (broker, handle, responder)
}

#[test]
fn unread_chunks_block_sender() {
    let (_broker, mut handle, responder) = running_invocation();
    let (sender, _guard) = responder.stream("text/plain".to_owned());
    for _ in 0..CHUNK_CAPACITY {
        assert!(poll(pin!(sender.data(Bytes::from("a")))).is_ready());
    }
    let mut blocked = pin!(sender.data(Bytes::from("b")));
    assert!(poll(blocked.as_mut()).is_pending());
    let Poll::Ready(FunctionResponse::Streaming { mut body, .. }) = poll(pin!(handle.response())) else {
        panic!("no response");
    };
    assert!(poll(pin!(body.next())).is_ready());
    assert!(poll(blocked).is_ready());
}

#[test]
fn dropped_sender_fails_response_as_truncated() {
    let (_broker, mut handle, responder) = running_invocation();
    drop(responder.stream("text/plain".to_owned()));
    let Poll::Ready(FunctionResponse::Streaming { mut body, .. }) = poll(pin!(handle.response())) else {
        panic!("no response");
    };
    let Poll::Ready(Some(Err(error))) = poll(pin!(body.next())) else {
        panic!("no error");
    };
    assert_eq!(error.error_type, "Runtime.TruncatedResponse");
}

#[test]
fn poll_after_response_completes_invocation() {
    let (broker, mut handle, responder) = running_invocation();
    let guard = responder.respond(Bytes::new());
    broker.complete_at_next_poll(ENVIRONMENT, guard);
    let mut completed = pin!(handle.completed());
    assert!(poll(completed.as_mut()).is_pending());
    assert!(poll(pin!(broker.next(ENVIRONMENT))).is_pending());
    assert!(poll(completed).is_ready());
}

#[test]
fn poll_before_response_end_completes_invocation() {
    let (broker, mut handle, responder) = running_invocation();
    assert!(poll(pin!(broker.next(ENVIRONMENT))).is_pending());
    broker.complete_at_next_poll(ENVIRONMENT, responder.respond(Bytes::new()));
    assert!(poll(pin!(handle.completed())).is_ready());
}
