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

/// Returns what a new poll of the environment receives immediately.
fn receives(broker: &Broker, environment: EnvironmentId) -> bool {
    poll(pin!(broker.next(environment))).is_ready()
}

#[test]
fn demand_counts_free_environments() {
    let broker = broker();
    let demand = |queued, free, soon_free| Demand {
        queued,
        free,
        soon_free,
    };
    let _handles = [broker.invoke(invocation()), broker.invoke(invocation())];
    assert_eq!(broker.demand(), demand(2, 0, 0));
    // It takes an event after its start.
    broker.add_environment(ENVIRONMENT, 1, 1);
    assert_eq!(broker.demand(), demand(2, 1, 0));
    let Poll::Ready(delivered) = poll(pin!(broker.next(ENVIRONMENT))) else {
        panic!("no event");
    };
    assert_eq!(broker.demand(), demand(1, 0, 0));
    let responder = broker.claim(ENVIRONMENT, delivered.invocation.id.as_str()).unwrap();
    broker.complete_at_next_poll(ENVIRONMENT, responder.respond(Bytes::new()));
    assert_eq!(broker.demand(), demand(1, 0, 1));
    assert!(receives(&broker, ENVIRONMENT));
    let next = broker.next(ENVIRONMENT);
    let mut next = pin!(next);
    assert!(poll(next.as_mut()).is_pending());
    assert_eq!(broker.demand(), demand(0, 1, 0));
}

#[test]
fn end_of_environment_fails_its_invocations_only() {
    let broker = broker();
    let other = EnvironmentId(2);
    let mut handles: Vec<_> = (0..3).map(|_| broker.invoke(invocation())).collect();
    for environment in [ENVIRONMENT, other] {
        broker.add_environment(environment, 1, 1);
        assert!(receives(&broker, environment));
    }
    broker.remove_environment(ENVIRONMENT, &InvocationError::new("Runtime.ExitError", "aborted"));
    let mut is_failed = handles.iter_mut().map(|handle| {
        let response = poll(pin!(handle.response()));
        matches!(response, Poll::Ready(FunctionResponse::Failed(error)) if error.error_type == "Runtime.ExitError")
    });
    assert!(is_failed.next().unwrap() && !is_failed.next().unwrap() && !is_failed.next().unwrap());
    assert_eq!(broker.demand().queued, 1);
}

/// The environment was started for the oldest queued invocation.
#[test]
fn end_of_environment_before_first_poll_fails_oldest_invocation() {
    let broker = broker();
    let mut handles: Vec<_> = (0..2).map(|_| broker.invoke(invocation())).collect();
    broker.add_environment(ENVIRONMENT, 1, 1);
    broker.remove_environment(ENVIRONMENT, &InvocationError::new("Runtime.ExitError", "no table"));
    assert!(matches!(
        poll(pin!(handles[0].response())),
        Poll::Ready(FunctionResponse::Failed(_))
    ));
    assert!(poll(pin!(handles[1].response())).is_pending());
}

/// It was stopped because of the new build.
#[test]
fn end_of_starting_environment_of_older_build_fails_no_invocation() {
    let broker = broker();
    let mut handle = broker.invoke(invocation());
    broker.add_environment(ENVIRONMENT, 1, 0);
    broker.remove_environment(ENVIRONMENT, &InvocationError::new("Runtime.ExitError", "stopped"));
    assert!(poll(pin!(handle.response())).is_pending());
}

#[test]
fn environment_of_older_build_receives_no_event() {
    let broker = broker();
    broker.add_environment(ENVIRONMENT, 1, 0);
    let _handle = broker.invoke(invocation());
    assert!(!receives(&broker, ENVIRONMENT));
    let current = EnvironmentId(2);
    broker.add_environment(current, 1, broker.build());
    assert!(receives(&broker, current));
}

#[test]
fn invocation_is_in_flight_until_next_poll() {
    let (broker, _handle, responder) = running_invocation();
    assert_eq!(broker.in_flight(ENVIRONMENT).len(), 1);
    broker.complete_at_next_poll(ENVIRONMENT, responder.respond(Bytes::new()));
    assert_eq!(broker.in_flight(ENVIRONMENT).len(), 1);
    assert!(poll(pin!(broker.next(ENVIRONMENT))).is_pending());
    assert!(broker.in_flight(ENVIRONMENT).is_empty());
}

#[test]
fn output_of_idle_environment_belongs_to_last_invocation() {
    let broker = broker();
    broker.add_environment(ENVIRONMENT, 2, 1);
    assert_eq!(broker.log_owner(ENVIRONMENT), None);
    let deliver = || {
        let _handle = broker.invoke(invocation());
        match poll(pin!(broker.next(ENVIRONMENT))) {
            Poll::Ready(delivered) => delivered.invocation.id,
            Poll::Pending => panic!("no event"),
        }
    };
    let first = deliver();
    assert_eq!(broker.log_owner(ENVIRONMENT), Some(first.clone()));
    let responder = broker.claim(ENVIRONMENT, first.as_str()).unwrap();
    broker.complete_at_next_poll(ENVIRONMENT, responder.respond(Bytes::new()));
    assert!(poll(pin!(broker.next(ENVIRONMENT))).is_pending());
    assert_eq!(broker.log_owner(ENVIRONMENT), Some(first));
    let second = deliver();
    assert_eq!(broker.log_owner(ENVIRONMENT), Some(second));
    deliver();
    assert_eq!(broker.log_owner(ENVIRONMENT), None);
}

#[test]
fn extensions_receive_shutdown_event_if_registered() {
    let broker = broker();
    broker.add_environment(ENVIRONMENT, 1, 1);
    let deadline = SystemTime::UNIX_EPOCH + Duration::from_millis(7);
    assert!(!broker.shut_down_extensions(ENVIRONMENT, "spindown", deadline));
    let register = |shutdown| {
        let events = EventTypes {
            invoke: false,
            shutdown,
        };
        broker.register_extension(ENVIRONMENT, events).unwrap()
    };
    let (registered, other) = (register(true), register(false));
    let mut event = pin!(broker.next_extension_event(ENVIRONMENT, &registered));
    let mut no_event = pin!(broker.next_extension_event(ENVIRONMENT, &other));
    assert!(poll(event.as_mut()).is_pending() && poll(no_event.as_mut()).is_pending());
    assert!(broker.shut_down_extensions(ENVIRONMENT, "spindown", deadline));
    let expected = ExtensionEvent::Shutdown {
        reason: "spindown",
        deadline: 7,
    };
    assert_eq!(poll(event), Poll::Ready(Some(expected)));
    assert!(poll(no_event).is_pending());
}
