//! The pipe as its three parties see it, without a socket or a runtime.

mod model;

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};

use super::*;
use crate::event::EventInfo;

/// Counts how often it was woken.
#[derive(Default)]
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Bell {
    fn rung(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

/// A pipe with its response begun, one bell a party.
struct Bench {
    writer: Option<PipeWriter>,
    control: PipeControl,
    transport: Option<PipeReader>,
    writer_bell: Arc<Bell>,
    transport_bell: Arc<Bell>,
}

impl Bench {
    fn of(capacity: usize) -> Self {
        let (writer, control) = pipe(capacity, ResponseHead::new(EventInfo::from_event(b"{}")));
        let (writer_bell, transport_bell) = Default::default();
        Self {
            writer: Some(writer),
            control,
            transport: None,
            writer_bell,
            transport_bell,
        }
    }

    fn writer(&self) -> &PipeWriter {
        self.writer.as_ref().expect("the writer is there")
    }

    fn write(&self, text: &str) -> Poll<Result<Accepted, StreamError>> {
        let waker = Waker::from(Arc::clone(&self.writer_bell));
        self.writer()
            .poll_write(&mut Context::from_waker(&waker), text.as_bytes())
    }

    fn send(&self, bytes: &mut Bytes) -> Poll<Result<Accepted, StreamError>> {
        let waker = Waker::from(Arc::clone(&self.writer_bell));
        self.writer().poll_send(&mut Context::from_waker(&waker), bytes)
    }

    fn beginning(&self) -> Poll<ResponseStart> {
        let waker = Waker::from(Arc::clone(&self.transport_bell));
        pin!(self.control.beginning()).poll(&mut Context::from_waker(&waker))
    }

    /// What the transport finds; the bytes go on living as on a slow socket.
    fn next(&mut self) -> Poll<Result<Next, StreamError>> {
        if self.transport.is_none() {
            match self.beginning() {
                Poll::Ready(ResponseStart::Streaming { transport, .. }) => self.transport = Some(transport),
                _ => panic!("no stream has begun"),
            }
        }
        let waker = Waker::from(Arc::clone(&self.transport_bell));
        self.transport
            .as_ref()
            .unwrap()
            .poll_next(&mut Context::from_waker(&waker))
    }

    fn bytes(&mut self) -> Bytes {
        match self.next() {
            Poll::Ready(Ok(Next::Bytes(bytes))) => bytes,
            _ => panic!("no bytes"),
        }
    }
}

fn accepted(poll: Poll<Result<Accepted, StreamError>>) -> usize {
    match poll {
        Poll::Ready(Ok(accepted)) => accepted.length,
        _ => panic!("not accepted"),
    }
}

fn closed(poll: Poll<Result<Accepted, StreamError>>) -> String {
    match poll {
        Poll::Ready(Err(StreamError::Closed(closed))) => closed.to_string(),
        _ => panic!("not closed"),
    }
}

#[test]
fn a_burst_is_one_piece_and_what_is_handed_over_stays_itself() {
    let mut bench = Bench::of(2 * COPY_THRESHOLD);
    for text in ["a", "b", "c"] {
        accepted(bench.write(text));
    }
    let whole = Bytes::from(vec![b'd'; COPY_THRESHOLD + 1]);
    accepted(bench.send(&mut whole.clone()));
    accepted(bench.write("e"));
    assert_eq!(bench.bytes(), "abc");
    let same = bench.bytes();
    assert_eq!(same, whole);
    assert_eq!(same.as_ptr(), whole.as_ptr(), "copied");
    assert_eq!(bench.bytes(), "e");
    assert!(bench.next().is_pending());
    assert_eq!(bench.writer().written(), COPY_THRESHOLD as u64 + 5);
}

#[test]
fn what_is_unsent_is_bounded_until_the_transport_lets_go_of_it() {
    let mut bench = Bench::of(10);
    assert_eq!(accepted(bench.write("0123456789abc")), 10);
    assert!(bench.write("abc").is_pending());
    let taken = bench.bytes();
    assert!(bench.write("abc").is_pending(), "taken is not sent");
    assert_eq!(bench.writer_bell.rung(), 0);
    drop(taken);
    assert_eq!(bench.writer_bell.rung(), 1);
    assert_eq!(accepted(bench.write("abc")), 3);
    let mut large = Bytes::from_static(b"defghijklmn");
    assert_eq!(accepted(bench.send(&mut large)), 7);
    assert_eq!(large, "klmn");
    assert!(bench.send(&mut large).is_pending());
}

#[test]
fn flushed_is_when_the_transport_has_let_go_of_all() {
    let mut bench = Bench::of(10);
    accepted(bench.write("a"));
    let waker = Waker::from(Arc::clone(&bench.writer_bell));
    let flushed = |bench: &Bench| bench.writer().poll_empty(&mut Context::from_waker(&waker));
    assert!(flushed(&bench).is_pending());
    let taken = bench.bytes();
    assert!(flushed(&bench).is_pending());
    drop(taken);
    assert_eq!(bench.writer_bell.rung(), 1);
    assert!(flushed(&bench).is_ready());
}

#[test]
fn the_transport_is_woken_once_for_each_time_that_it_waits() {
    let mut bench = Bench::of(100);
    assert!(bench.beginning().is_pending());
    accepted(bench.write("a"));
    assert_eq!(bench.transport_bell.rung(), 1);
    assert_eq!(bench.bytes(), "a");
    assert!(bench.next().is_pending());
    accepted(bench.write("b"));
    accepted(bench.write("c"));
    assert_eq!(bench.transport_bell.rung(), 1);
    assert_eq!(bench.bytes(), "bc");
    assert!(bench.next().is_pending());
    bench.writer().end();
    assert_eq!(bench.transport_bell.rung(), 1);
    assert!(matches!(bench.next(), Poll::Ready(Ok(Next::End))));
}

#[test]
fn a_failure_comes_after_all_that_was_accepted() {
    let mut bench = Bench::of(100);
    accepted(bench.write("a"));
    assert!(bench.control.fail(Error::new("broken")));
    assert!(closed(bench.write("b")).contains("broken"));
    assert_eq!(bench.bytes(), "a");
    assert!(matches!(bench.next(), Poll::Ready(Ok(Next::Failed(error))) if error.to_string() == "broken"));
    assert_eq!(bench.writer().written(), 1);
}

#[test]
fn a_transport_that_never_had_a_turn_is_due_once_there_is_something_for_it() {
    let bench = Bench::of(100);
    assert!(!bench.writer().transport_is_due(), "nothing has begun");
    let Poll::Ready(Ok(first)) = bench.write("a") else {
        panic!("not accepted");
    };
    assert!(first.transport_is_due && bench.writer().transport_is_due());
}

/// Until the transport's turn is over.
fn wait_for_turn() {
    let end = Instant::now() + YIELD_INTERVAL;
    while Instant::now() < end {}
}

#[test]
fn a_transport_that_has_taken_all_is_not_due() {
    let mut bench = Bench::of(100);
    accepted(bench.write("a"));
    bench.bytes();
    assert!(bench.next().is_pending());
    wait_for_turn();
    assert!(!bench.writer().transport_is_due(), "there is nothing for it");
    accepted(bench.write("b"));
    assert!(bench.writer().transport_is_due(), "its turn was long ago");
}

#[test]
fn of_a_burst_every_eighth_write_looks_at_the_clock() {
    let mut bench = Bench::of(100);
    accepted(bench.write("a"));
    bench.bytes();
    let due_after = |count: usize| -> Vec<usize> {
        let is_due = |_: &usize| matches!(bench.write("b"), Poll::Ready(Ok(accepted)) if accepted.transport_is_due);
        (1..=count).filter(is_due).collect()
    };
    wait_for_turn();
    assert_eq!(due_after(32), Vec::from_iter(1..=32), "few writes");
    assert_eq!(due_after(16), [8, 16], "a burst");
}

#[test]
fn within_a_turn_of_the_transport_a_burst_gathers() {
    // The turn is real time, which a busy machine may take away: once is enough.
    let in_time = (0..1000).any(|_| {
        let mut bench = Bench::of(100);
        accepted(bench.write("a"));
        bench.bytes();
        matches!(bench.write("b"), Poll::Ready(Ok(accepted)) if !accepted.transport_is_due)
    });
    assert!(in_time);
}

#[test]
fn the_first_end_stands() {
    let mut bench = Bench::of(100);
    accepted(bench.write("a"));
    bench.writer().end();
    assert!(!bench.control.fail(Error::new("late")));
    assert!(!bench.control.end());
    assert!(closed(bench.write("b")).contains("ended"));
    assert_eq!(bench.bytes(), "a");
    assert!(matches!(bench.next(), Poll::Ready(Ok(Next::End))));
}

#[test]
fn a_response_that_never_started_is_empty_buffered_or_an_error() {
    let empty = Bench::of(10);
    empty.control.end();
    assert!(matches!(
        empty.beginning(),
        Poll::Ready(ResponseStart::Streaming { .. })
    ));

    let failed = Bench::of(10);
    failed.control.fail(Error::new("broken"));
    assert!(matches!(failed.beginning(), Poll::Ready(ResponseStart::Failed(_))));

    let buffered = Bench::of(10);
    let body = Bytes::from_static(b"1");
    buffered.writer().respond_buffered(BufferedResponse {
        content_type: HeaderValue::from_static("a/b"),
        body,
    });
    assert!(
        matches!(buffered.beginning(), Poll::Ready(ResponseStart::Buffered(BufferedResponse { body, .. })) if body == "1")
    );
}

#[test]
fn a_response_that_lambda_does_not_take_is_closed_with_the_reason() {
    let mut bench = Bench::of(2);
    accepted(bench.write("ab"));
    assert!(bench.write("c").is_pending());
    let _taken = bench.bytes();
    let refused = Closed::new(Some("RequestEntityTooLarge"), "413");
    assert!(bench.control.answered(Err(refused)).is_err());
    assert_eq!(bench.writer_bell.rung(), 1);
    match bench.write("c") {
        Poll::Ready(Err(StreamError::Closed(closed))) => {
            assert_eq!(closed.error_type(), Some("RequestEntityTooLarge"));
        }
        _ => panic!("not closed"),
    }
    assert!(
        matches!(bench.next(), Poll::Ready(Err(_))),
        "the transport must not end a refused response cleanly"
    );
}

#[test]
fn an_answer_before_the_end_is_a_refusal() {
    let mut bench = Bench::of(10);
    accepted(bench.write("a"));
    bench.bytes();
    let answer = bench.control.answered(Ok(()));
    assert!(
        answer
            .unwrap_err()
            .to_string()
            .contains("before the response was whole")
    );
    assert!(closed(bench.write("b")).contains("before the response was whole"));

    let mut bench = Bench::of(10);
    bench.control.end();
    assert!(matches!(bench.next(), Poll::Ready(Ok(Next::End))));
    assert!(bench.control.answered(Ok(())).is_ok());
}

#[test]
fn the_runtime_learns_when_the_writer_is_gone_and_why() {
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(Arc::clone(&bell));
    let gone = |control: &PipeControl| pin!(control.writer_gone()).poll(&mut Context::from_waker(&waker));

    let mut dropped = Bench::of(10);
    assert!(gone(&dropped.control).is_pending());
    drop(dropped.writer.take());
    assert_eq!(bell.rung(), 1);
    assert!(matches!(gone(&dropped.control), Poll::Ready(Ok(()))));

    let mut panicked = Bench::of(10);
    assert!(gone(&panicked.control).is_pending());
    panicked.writer().panicked(Error::new("boom"));
    drop(panicked.writer.take());
    assert!(bell.rung() >= 1);
    assert!(matches!(gone(&panicked.control), Poll::Ready(Err(error)) if error.to_string() == "boom"));

    let refused = Bench::of(10);
    assert!(gone(&refused.control).is_pending());
    let _ = refused.control.answered(Err(Closed::new(None, "reset")));
    assert_eq!(bell.rung(), 1);
    assert!(
        gone(&refused.control).is_ready(),
        "nobody takes what a writer kept elsewhere may still write"
    );
}
