//! Tests of the pipe's three ends, without a socket or an async runtime.

mod model;

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};

use super::*;
use crate::event::EventInfo;

/// A waker that counts its wake-ups.
#[derive(Default)]
struct WakeCounter(AtomicUsize);

impl Wake for WakeCounter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl WakeCounter {
    /// Returns the number of wake-ups since the last call.
    fn take(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

/// The ends of a pipe, with a waker for the writer and one for the reader.
struct TestPipe {
    writer: Option<PipeWriter>,
    control: PipeControl,
    reader: Option<PipeReader>,
    writer_wakes: Arc<WakeCounter>,
    reader_wakes: Arc<WakeCounter>,
}

impl TestPipe {
    fn new(capacity: usize) -> Self {
        Self::with_head(capacity, ResponseHead::new(EventInfo::from_event(b"{}")))
    }

    fn with_head(capacity: usize, head: ResponseHead) -> Self {
        let (writer, control) = pipe(capacity, head);
        let (writer_wakes, reader_wakes) = Default::default();
        Self {
            writer: Some(writer),
            control,
            reader: None,
            writer_wakes,
            reader_wakes,
        }
    }

    fn writer(&self) -> &PipeWriter {
        self.writer.as_ref().expect("the writer was not dropped")
    }

    fn write(&self, text: &str) -> Poll<Result<WriteProgress, StreamError>> {
        let waker = Waker::from(Arc::clone(&self.writer_wakes));
        self.writer()
            .poll_write(&mut Context::from_waker(&waker), text.as_bytes())
    }

    fn send(&self, bytes: &mut Bytes) -> Poll<Result<WriteProgress, StreamError>> {
        let waker = Waker::from(Arc::clone(&self.writer_wakes));
        self.writer().poll_send(&mut Context::from_waker(&waker), bytes)
    }

    fn response_start(&self) -> Poll<ResponseStart> {
        let waker = Waker::from(Arc::clone(&self.reader_wakes));
        pin!(self.control.response_start()).poll(&mut Context::from_waker(&waker))
    }

    /// Polls the reader. The chunk is unsent until the test drops it.
    fn next(&mut self) -> Poll<Result<PipeItem, StreamError>> {
        if self.reader.is_none() {
            match self.response_start() {
                Poll::Ready(ResponseStart::Streaming { reader, .. }) => self.reader = Some(reader),
                _ => panic!("the response is not a stream"),
            }
        }
        let waker = Waker::from(Arc::clone(&self.reader_wakes));
        self.reader
            .as_ref()
            .unwrap()
            .poll_next(&mut Context::from_waker(&waker))
    }

    fn next_chunk(&mut self) -> Bytes {
        match self.next() {
            Poll::Ready(Ok(PipeItem::Chunk(bytes))) => bytes,
            _ => panic!("the reader did not get a chunk"),
        }
    }
}

fn accepted(poll: Poll<Result<WriteProgress, StreamError>>) -> usize {
    match poll {
        Poll::Ready(Ok(progress)) => progress.length,
        _ => panic!("the write was not accepted"),
    }
}

fn closed(poll: Poll<Result<WriteProgress, StreamError>>) -> String {
    match poll {
        Poll::Ready(Err(StreamError::Closed(closed))) => closed.to_string(),
        _ => panic!("the write did not fail with `Closed`"),
    }
}

#[test]
fn small_writes_merge_and_large_send_is_not_copied() {
    let mut pipe = TestPipe::new(2 * COPY_THRESHOLD);
    for text in ["a", "b", "c"] {
        accepted(pipe.write(text));
    }
    let large = Bytes::from(vec![b'd'; COPY_THRESHOLD + 1]);
    accepted(pipe.send(&mut large.clone()));
    accepted(pipe.write("e"));
    assert_eq!(pipe.next_chunk(), "abc");
    let chunk = pipe.next_chunk();
    assert_eq!(chunk, large);
    assert_eq!(chunk.as_ptr(), large.as_ptr(), "the bytes were copied");
    assert_eq!(pipe.next_chunk(), "e");
    assert!(pipe.next().is_pending());
    assert_eq!(pipe.writer().bytes_written(), COPY_THRESHOLD as u64 + 5);
}

#[test]
fn unsent_bytes_are_bounded_until_chunk_is_dropped() {
    let mut pipe = TestPipe::new(10);
    assert_eq!(accepted(pipe.write("0123456789abc")), 10);
    assert!(pipe.write("abc").is_pending());
    let chunk = pipe.next_chunk();
    assert!(pipe.write("abc").is_pending(), "the chunk is read but not sent");
    assert_eq!(pipe.writer_wakes.take(), 0);
    drop(chunk);
    assert_eq!(pipe.writer_wakes.take(), 1);
    assert_eq!(accepted(pipe.write("abc")), 3);
    let mut large = Bytes::from_static(b"defghijklmn");
    assert_eq!(accepted(pipe.send(&mut large)), 7);
    assert_eq!(large, "klmn");
    assert!(pipe.send(&mut large).is_pending());
}

#[test]
fn flush_waits_until_all_chunks_are_dropped() {
    let mut pipe = TestPipe::new(10);
    accepted(pipe.write("a"));
    let waker = Waker::from(Arc::clone(&pipe.writer_wakes));
    let poll_flushed = |pipe: &TestPipe| pipe.writer().poll_flushed(&mut Context::from_waker(&waker));
    assert!(poll_flushed(&pipe).is_pending());
    let chunk = pipe.next_chunk();
    assert!(poll_flushed(&pipe).is_pending());
    drop(chunk);
    assert_eq!(pipe.writer_wakes.take(), 1);
    assert!(poll_flushed(&pipe).is_ready());
}

#[test]
fn reader_is_woken_once_per_wait() {
    let mut pipe = TestPipe::new(100);
    assert!(pipe.response_start().is_pending());
    accepted(pipe.write("a"));
    assert_eq!(pipe.reader_wakes.take(), 1);
    assert_eq!(pipe.next_chunk(), "a");
    assert!(pipe.next().is_pending());
    accepted(pipe.write("b"));
    accepted(pipe.write("c"));
    assert_eq!(pipe.reader_wakes.take(), 1);
    assert_eq!(pipe.next_chunk(), "bc");
    assert!(pipe.next().is_pending());
    pipe.writer().end();
    assert_eq!(pipe.reader_wakes.take(), 1);
    assert!(matches!(pipe.next(), Poll::Ready(Ok(PipeItem::End))));
}

#[test]
fn failure_follows_accepted_bytes() {
    let mut pipe = TestPipe::new(100);
    accepted(pipe.write("a"));
    assert!(pipe.control.fail(Error::new("broken")));
    assert!(closed(pipe.write("b")).contains("broken"));
    assert_eq!(pipe.next_chunk(), "a");
    assert!(matches!(pipe.next(), Poll::Ready(Ok(PipeItem::Failed(error))) if error.to_string() == "broken"));
    assert_eq!(pipe.writer().bytes_written(), 1);
}

#[test]
fn first_write_makes_yield_due() {
    let pipe = TestPipe::new(100);
    assert!(!pipe.writer().is_yield_due(), "the response has not started");
    let Poll::Ready(Ok(first)) = pipe.write("a") else {
        panic!("the write was not accepted");
    };
    assert!(first.is_yield_due && pipe.writer().is_yield_due());
}

/// Waits until the yield deadline of the last read has passed.
fn wait_for_yield_deadline() {
    let end = Instant::now() + YIELD_INTERVAL;
    while Instant::now() < end {}
}

#[test]
fn yield_with_empty_buffer_is_not_due() {
    let mut pipe = TestPipe::new(100);
    accepted(pipe.write("a"));
    pipe.next_chunk();
    assert!(pipe.next().is_pending());
    wait_for_yield_deadline();
    assert!(!pipe.writer().is_yield_due(), "no bytes wait for the reader");
    accepted(pipe.write("b"));
    assert!(pipe.writer().is_yield_due(), "the yield deadline has passed");
}

/// Returns after how many calls `is_yield_due` is first true.
fn calls_until_yield(mut is_yield_due: impl FnMut() -> bool) -> u32 {
    1 + (0..10_000).take_while(|_| !is_yield_due()).count() as u32
}

#[test]
fn calls_without_waiting_bytes_make_yield_due() {
    let mut pipe = TestPipe::new(100);
    let is_due_after_empty_write =
        |pipe: &TestPipe| matches!(pipe.write(""), Poll::Ready(Ok(progress)) if progress.is_yield_due);
    assert_eq!(calls_until_yield(|| is_due_after_empty_write(&pipe)), MAX_READY_CALLS);
    accepted(pipe.write("a"));
    pipe.next_chunk();
    assert!(pipe.next().is_pending());
    for _ in 0..2 {
        assert_eq!(calls_until_yield(|| is_due_after_empty_write(&pipe)), MAX_READY_CALLS);
        assert_eq!(calls_until_yield(|| pipe.writer().is_yield_due()), MAX_READY_CALLS);
    }
}

#[test]
fn discarded_writes_make_yield_due() {
    let event = EventInfo::from_event(br#"{"version":"2.0","requestContext":{"http":{"method":"HEAD"}}}"#);
    let (writer, control) = pipe(100, ResponseHead::new(event));
    let mut pipe = TestPipe::new(100);
    (pipe.writer, pipe.control) = (Some(writer), control);
    accepted(pipe.write("a"));
    assert!(pipe.writer().is_bodiless());
    while pipe.next().is_ready() {}
    let is_due = || matches!(pipe.write("a"), Poll::Ready(Ok(progress)) if progress.is_yield_due);
    assert_eq!(calls_until_yield(is_due), MAX_READY_CALLS);
}

/// A reader on another thread may take all bytes in time.
#[test]
fn writer_with_fast_reader_yields_in_time() {
    let mut pipe = TestPipe::new(100);
    accepted(pipe.write("a"));
    pipe.next_chunk();
    let start = Instant::now();
    loop {
        let is_late = start.elapsed() > MAX_RUN_TIME;
        match pipe.write("b") {
            Poll::Ready(Ok(progress)) if progress.is_yield_due && is_late => return,
            Poll::Ready(Ok(_)) => assert!(start.elapsed() < 1000 * MAX_RUN_TIME, "no yield is due"),
            _ => panic!("the write was not accepted"),
        }
        pipe.next_chunk();
    }
}

#[test]
fn burst_reads_clock_at_every_eighth_write() {
    let mut pipe = TestPipe::new(100);
    accepted(pipe.write("a"));
    pipe.next_chunk();
    let due_after = |count: usize| -> Vec<usize> {
        let is_due = |_: &usize| matches!(pipe.write("b"), Poll::Ready(Ok(progress)) if progress.is_yield_due);
        (1..=count).filter(is_due).collect()
    };
    wait_for_yield_deadline();
    assert_eq!(due_after(32), Vec::from_iter(1..=32), "before the burst");
    assert_eq!(due_after(16), [8, 16], "in the burst");
}

#[test]
fn write_within_yield_interval_does_not_yield() {
    // The interval is real time, and a busy machine may exceed it. One success is enough.
    let is_in_time = (0..1000).any(|_| {
        let mut pipe = TestPipe::new(100);
        accepted(pipe.write("a"));
        pipe.next_chunk();
        matches!(pipe.write("b"), Poll::Ready(Ok(progress)) if !progress.is_yield_due)
    });
    assert!(is_in_time);
}

#[test]
fn first_end_wins() {
    let mut pipe = TestPipe::new(100);
    accepted(pipe.write("a"));
    pipe.writer().end();
    assert!(!pipe.control.fail(Error::new("late")));
    assert!(!pipe.control.end());
    assert!(closed(pipe.write("b")).contains("ended"));
    assert_eq!(pipe.next_chunk(), "a");
    assert!(matches!(pipe.next(), Poll::Ready(Ok(PipeItem::End))));
}

#[test]
fn unstarted_response_is_empty_failed_or_buffered() {
    let empty = TestPipe::new(10);
    empty.control.end();
    assert!(matches!(
        empty.response_start(),
        Poll::Ready(ResponseStart::Streaming { .. })
    ));

    let failed = TestPipe::new(10);
    failed.control.fail(Error::new("broken"));
    assert!(matches!(failed.response_start(), Poll::Ready(ResponseStart::Failed(_))));

    let buffered = TestPipe::new(10);
    let body = Bytes::from_static(b"1");
    buffered.writer().respond_buffered(BufferedResponse {
        content_type: HeaderValue::from_static("a/b"),
        body,
    });
    assert!(
        matches!(buffered.response_start(), Poll::Ready(ResponseStart::Buffered(BufferedResponse { body, .. })) if body == "1")
    );
}

#[test]
fn rejected_response_closes_with_reason() {
    let mut pipe = TestPipe::new(2);
    accepted(pipe.write("ab"));
    assert!(pipe.write("c").is_pending());
    let _chunk = pipe.next_chunk();
    let rejection = Closed::new(Some("RequestEntityTooLarge"), "413");
    assert!(pipe.control.set_delivery_result(Err(rejection)).is_err());
    assert_eq!(pipe.writer_wakes.take(), 1);
    match pipe.write("c") {
        Poll::Ready(Err(StreamError::Closed(closed))) => {
            assert_eq!(closed.error_type(), Some("RequestEntityTooLarge"));
        }
        _ => panic!("the write did not fail with `Closed`"),
    }
    assert!(
        matches!(pipe.next(), Poll::Ready(Err(_))),
        "the reader must not end a rejected response cleanly"
    );
}

/// Polls `body_ended`, with a waker that counts.
fn body_ended(control: &PipeControl, wakes: &Arc<WakeCounter>) -> Poll<()> {
    let waker = Waker::from(Arc::clone(wakes));
    pin!(control.body_ended()).poll(&mut Context::from_waker(&waker))
}

#[test]
fn body_ends_when_last_chunk_is_sent() {
    let wakes = Arc::default();
    let mut pipe = TestPipe::new(10);
    accepted(pipe.write("a"));
    let chunk = pipe.next_chunk();
    // Lambda has responded to the head. The handler continues to write.
    assert!(body_ended(&pipe.control, &wakes).is_pending());
    accepted(pipe.write("b"));
    drop(chunk);
    let chunk = pipe.next_chunk();
    pipe.control.end();
    assert!(matches!(pipe.next(), Poll::Ready(Ok(PipeItem::End))));
    pipe.reader = None;
    assert!(body_ended(&pipe.control, &wakes).is_pending(), "a chunk is unsent");
    assert_eq!(wakes.take(), 0);
    drop(chunk);
    assert_eq!(wakes.take(), 1);
    assert!(body_ended(&pipe.control, &wakes).is_ready());
    assert!(pipe.control.set_delivery_result(Ok(())).is_ok());
}

#[test]
fn body_ends_when_reader_is_dropped() {
    let wakes = Arc::default();
    let mut pipe = TestPipe::new(10);
    accepted(pipe.write("a"));
    let _chunk = pipe.next_chunk();
    accepted(pipe.write("b"));
    assert!(body_ended(&pipe.control, &wakes).is_pending());
    // The connection was lost.
    pipe.reader = None;
    assert_eq!(wakes.take(), 1);
    assert!(body_ended(&pipe.control, &wakes).is_ready());
    let result = pipe.control.set_delivery_result(Ok(()));
    assert!(
        result
            .unwrap_err()
            .to_string()
            .contains("before the response was complete")
    );
    assert!(closed(pipe.write("c")).contains("before the response was complete"));
}

#[test]
fn writer_closed_returns_on_drop_panic_and_rejection() {
    let wakes = Arc::new(WakeCounter::default());
    let waker = Waker::from(Arc::clone(&wakes));
    let writer_closed = |control: &PipeControl| pin!(control.writer_closed()).poll(&mut Context::from_waker(&waker));

    let mut dropped = TestPipe::new(10);
    assert!(writer_closed(&dropped.control).is_pending());
    drop(dropped.writer.take());
    assert_eq!(wakes.take(), 1);
    assert!(matches!(writer_closed(&dropped.control), Poll::Ready(Ok(()))));

    let mut panicked = TestPipe::new(10);
    assert!(writer_closed(&panicked.control).is_pending());
    panicked.writer().set_panicked(Error::new("boom"));
    drop(panicked.writer.take());
    assert!(wakes.take() >= 1);
    assert!(matches!(writer_closed(&panicked.control), Poll::Ready(Err(error)) if error.to_string() == "boom"));

    let rejected = TestPipe::new(10);
    assert!(writer_closed(&rejected.control).is_pending());
    let _ = rejected
        .control
        .set_delivery_result(Err(Closed::new(None, "connection reset")));
    assert_eq!(wakes.take(), 1);
    assert!(
        writer_closed(&rejected.control).is_ready(),
        "the runtime must not wait for a writer that was moved elsewhere"
    );
}

/// The handler has moved its stream to another thread, and its poll has not returned.
#[test]
fn batch_precedes_what_another_thread_does() {
    let head = ResponseHead::new(EventInfo::from_event(b"{}")).fill_empty_body(true);
    let mut pipe = TestPipe::with_head(100, head);
    pipe.writer().start(None).unwrap();
    let shared = Arc::clone(&pipe.writer().shared);
    let batching = WriteBatching::start(&shared);
    // A batch cannot be started when the yield interval is over.
    while pipe.writer().push_to_batch(b"a").is_none() {
        assert!(pipe.next().is_pending());
    }
    std::thread::scope(|scope| {
        let writer = pipe.writer();
        scope.spawn(|| {
            let mut cx = Context::from_waker(Waker::noop());
            assert!(writer.poll_flushed(&mut cx).is_pending());
            writer.end();
        });
    });
    drop(batching);
    assert_eq!(pipe.next_chunk(), "a");
    assert!(matches!(pipe.next(), Poll::Ready(Ok(PipeItem::End))));
}
