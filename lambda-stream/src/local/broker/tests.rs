//! Tests of backpressure, truncation and completion of invocations.

use super::response::CHUNK_CAPACITY;
use super::*;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Returns a broker with one running invocation.
fn running_invocation() -> (Broker, InvocationHandle, Responder) {
    let broker = Broker::default();
    let handle = broker.invoke(RequestId::random(), Bytes::new());
    let Poll::Ready((id, _)) = poll(pin!(broker.next())) else {
        panic!("no event");
    };
    let responder = broker.claim(id.as_str()).unwrap();
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
    let (broker, handle, responder) = running_invocation();
    let guard = responder.respond(FunctionResponse::Buffered(Bytes::new()));
    broker.complete_at_next_poll(guard);
    let mut completed = pin!(handle.completed());
    assert!(poll(completed.as_mut()).is_pending());
    assert!(poll(pin!(broker.next())).is_pending());
    assert!(poll(completed).is_ready());
}

#[test]
fn poll_before_response_end_completes_invocation() {
    let (broker, handle, responder) = running_invocation();
    assert!(poll(pin!(broker.next())).is_pending());
    broker.complete_at_next_poll(responder.respond(FunctionResponse::Buffered(Bytes::new())));
    assert!(poll(pin!(handle.completed())).is_ready());
}
