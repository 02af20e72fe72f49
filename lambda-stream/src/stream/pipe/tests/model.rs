//! Property test of the pipe against a model: any sequence of operations has the same results on both.
//!
//! The model has no locks, wakers or chunks: it counts bytes. Wakers are checked separately: an end that waits for an
//! event must have been woken once the event has occurred.

mod reference;

use std::collections::VecDeque;

use proptest::collection::vec;
use proptest::prelude::*;

use self::reference::{Model, Step, Wait};
use super::*;
use crate::event::EventInfo;

const FUNCTION_URL: &[u8] = br#"{"version":"2.0","requestContext":{"http":{}}}"#;

/// The waker of one end of the pipe, and the event that the end waits for.
#[derive(Default)]
struct Waiter {
    wakes: Arc<WakeCounter>,
    waits_for: Option<Wait>,
}

impl Waiter {
    /// Polls, and records `wait` if the result is pending.
    fn poll<T>(&mut self, wait: Wait, poll: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
        let waker = Waker::from(Arc::clone(&self.wakes));
        let polled = poll(&mut Context::from_waker(&waker));
        self.waits_for = polled.is_pending().then_some(wait);
        polled
    }

    fn check(&mut self, model: &Model) {
        if self.wakes.take() > 0 {
            self.waits_for = None;
        }
        if let Some(wait) = self.waits_for {
            assert!(!model.must_wake(wait), "the wait for {wait:?} was not woken");
        }
    }
}

/// A pipe and its model.
struct ModeledPipe {
    writer: Option<PipeWriter>,
    control: PipeControl,
    reader: Option<PipeReader>,
    /// The chunks that the reader took and that were not dropped yet.
    held_chunks: VecDeque<Bytes>,
    /// The last byte that was accepted. Bytes are numbered, to detect a lost, repeated or misplaced byte.
    last_byte: u8,
    waiters: [Waiter; 3],
    model: Model,
}

const WRITER: usize = 0;
const RUNTIME: usize = 1;
const READER: usize = 2;

impl ModeledPipe {
    fn new(capacity: usize, is_http: bool) -> Self {
        let event = if is_http { FUNCTION_URL } else { b"{}" };
        let (writer, control) = pipe(capacity, ResponseHead::new(EventInfo::from_event(event)));
        Self {
            writer: Some(writer),
            control,
            reader: None,
            held_chunks: VecDeque::new(),
            last_byte: 0,
            waiters: Default::default(),
            model: Model::new(capacity, is_http),
        }
    }

    fn next_bytes(&self, length: usize) -> Vec<u8> {
        let mut byte = self.last_byte;
        let bytes = std::iter::repeat_with(|| {
            byte = byte.wrapping_add(1);
            byte
        });
        bytes.take(length).collect()
    }

    /// Applies `step` to the pipe and to the model, and compares the results.
    fn apply(&mut self, step: Step) {
        match step {
            Step::Write(_) | Step::Send(_) | Step::Push(_) | Step::Start | Step::PollCapacity | Step::PollFlushed => {
                self.apply_write(step);
            }
            Step::WritesOfOnePoll(count, length) => self.apply_writes_of_one_poll(count, length),
            Step::WriterEnds | Step::PollDelivery | Step::WriterPanics | Step::DropWriter => {
                self.apply_writer_end(step);
            }
            Step::PollResponseStart | Step::PollNext | Step::DropChunk(_) => self.apply_read(step),
            Step::RuntimeEnds | Step::RuntimeFails => {
                let is_first = match step {
                    Step::RuntimeEnds => self.control.end(),
                    _ => self.control.fail(Error::new("broken")),
                };
                assert_eq!(is_first, self.model.set_end(step));
            }
            Step::RespondBuffered => {
                let Some(writer) = &self.writer else { return };
                let is_first = writer.respond_buffered(BufferedResponse {
                    content_type: HeaderValue::from_static("a/b"),
                    body: Bytes::from_static(b"buffered"),
                });
                assert_eq!(is_first, self.model.set_end(step));
            }
            Step::SetDeliveryResult(is_accepted) => {
                let result = if is_accepted {
                    Ok(())
                } else {
                    Err(Closed::new(None, "rejected"))
                };
                let stored = self.control.set_delivery_result(result).is_ok();
                assert_eq!(stored, self.model.set_delivery_result(is_accepted));
            }
            Step::PollWriterClosed => {
                let control = &self.control;
                let polled =
                    self.waiters[RUNTIME].poll(Wait::WriterClosed, |cx| pin!(control.writer_closed()).poll(cx));
                assert_eq!(ready(polled).map(|closed| closed.is_ok()), self.model.writer_closed());
            }
        }
        assert_eq!(
            self.writer
                .as_ref()
                .map_or(self.model.bytes_written, PipeWriter::bytes_written),
            self.model.bytes_written
        );
        for waiter in &mut self.waiters {
            waiter.check(&self.model);
        }
    }

    fn apply_write(&mut self, step: Step) {
        let bytes = match step {
            Step::Write(length) | Step::Send(length) | Step::Push(length) => self.next_bytes(length),
            _ => Vec::new(),
        };
        let Some(writer) = &self.writer else {
            return;
        };
        let waiter = &mut self.waiters[WRITER];
        let accepted = match step {
            Step::Write(_) => {
                let polled = waiter.poll(Wait::Capacity, |cx| writer.poll_write(cx, &bytes));
                let polled = ready(polled).map(|progress| progress.ok().map(|progress| progress.length));
                assert_eq!(polled, self.model.accept(&bytes));
                polled
            }
            Step::Send(_) => {
                let mut rest = Bytes::from(bytes.clone());
                let polled = waiter.poll(Wait::Capacity, |cx| writer.poll_send(cx, &mut rest));
                let polled = ready(polled).map(|progress| progress.ok().map(|progress| progress.length));
                assert_eq!(rest, bytes[polled.flatten().unwrap_or(0)..], "the bytes left to send");
                assert_eq!(polled, self.model.accept(&bytes));
                polled
            }
            Step::Push(_) => {
                let pushed = writer.push(bytes.clone().into()).ok().map(|()| bytes.len());
                assert_eq!(pushed, self.model.push(&bytes));
                Some(pushed)
            }
            Step::Start => {
                assert_eq!(writer.start(None).is_ok(), self.model.start());
                None
            }
            Step::PollCapacity => {
                let polled = waiter.poll(Wait::Capacity, |cx| writer.poll_capacity(cx));
                assert_eq!(ready(polled).map(|result| result.is_ok()), self.model.capacity());
                None
            }
            _ => {
                let polled = waiter.poll(Wait::Flushed, |cx| writer.poll_flushed(cx));
                assert_eq!(ready(polled).map(|result| result.is_ok()), self.model.flushed());
                None
            }
        };
        self.last_byte = self.last_byte.wrapping_add(accepted.flatten().unwrap_or(0) as u8);
    }

    fn apply_writes_of_one_poll(&mut self, count: usize, length: usize) {
        let Some(writer) = &self.writer else {
            return;
        };
        let _batching = WriteBatching::start(&writer.shared);
        for _ in 0..count {
            let bytes = self.next_bytes(length);
            let accepted = match writer.push_to_batch(&bytes) {
                Some(_) => Some(Some(length)),
                None => {
                    let polled = self.waiters[WRITER].poll(Wait::Capacity, |cx| writer.poll_write(cx, &bytes));
                    ready(polled).map(|progress| progress.ok().map(|progress| progress.length))
                }
            };
            assert_eq!(accepted, self.model.accept(&bytes));
            self.last_byte = self.last_byte.wrapping_add(accepted.flatten().unwrap_or(0) as u8);
        }
    }

    fn apply_writer_end(&mut self, step: Step) {
        let Some(writer) = &self.writer else {
            return;
        };
        match step {
            Step::WriterEnds => {
                writer.end();
                self.model.set_end(Step::RuntimeEnds);
            }
            Step::PollDelivery => {
                let polled = self.waiters[WRITER].poll(Wait::Delivery, |cx| writer.poll_delivery(cx));
                assert_eq!(ready(polled).map(|result| result.is_ok()), self.model.delivery());
            }
            Step::WriterPanics => {
                writer.set_panicked(Error::new("boom"));
                self.model.set_writer_panicked();
            }
            _ => {
                self.writer = None;
                self.waiters[WRITER].waits_for = None;
                self.model.drop_writer();
            }
        }
    }

    fn apply_read(&mut self, step: Step) {
        let waiter = &mut self.waiters[READER];
        match (step, &self.reader) {
            (Step::DropChunk(index), _) if !self.held_chunks.is_empty() => {
                let index = index % self.held_chunks.len();
                let length = self.held_chunks.remove(index).map_or(0, |chunk| chunk.len());
                self.model.drop_chunk(length);
            }
            (Step::PollResponseStart, None) => {
                let control = &self.control;
                let polled = waiter.poll(Wait::ResponseStart, |cx| pin!(control.response_start()).poll(cx));
                let start = ready(polled).map(|start| match start {
                    ResponseStart::Streaming { reader, .. } => {
                        self.reader = Some(reader);
                        "streaming"
                    }
                    ResponseStart::Buffered(_) => "buffered",
                    ResponseStart::Failed(_) => "failed",
                });
                assert_eq!(start, self.model.response_start());
            }
            (Step::PollNext, Some(reader)) => {
                let polled = waiter.poll(Wait::Next, |cx| reader.poll_next(cx));
                let (item, chunk) = match polled {
                    Poll::Pending => (None, None),
                    Poll::Ready(Ok(PipeItem::Chunk(chunk))) => (Some("chunk"), Some(chunk)),
                    Poll::Ready(Ok(PipeItem::Failed(_))) => (Some("failed"), None),
                    Poll::Ready(Ok(PipeItem::End)) => (Some("end"), None),
                    Poll::Ready(Err(_)) => (Some("closed"), None),
                };
                assert_eq!(item, self.model.next());
                if let Some(chunk) = chunk {
                    self.model.read_chunk(&chunk);
                    self.held_chunks.push_back(chunk);
                }
            }
            _ => {}
        }
    }

    /// Ends the response and reads it: whatever the steps were, the reader gets all accepted bytes and then the end.
    fn drain(mut self) {
        self.apply(Step::RuntimeEnds);
        self.apply(Step::PollResponseStart);
        while self.reader.is_some() && !self.model.is_drained() {
            self.apply(Step::PollNext);
            self.apply(Step::DropChunk(0));
        }
    }
}

fn ready<T>(poll: Poll<T>) -> Option<T> {
    match poll {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

fn step() -> impl Strategy<Value = Step> {
    // Lengths around the limits of the pipe: zero, the capacity, and the threshold between copy and chunk.
    let length =
        || prop_oneof![1 => Just(0), 8 => 1..40usize, 2 => COPY_THRESHOLD - 1..COPY_THRESHOLD + 2, 1 => 1..5000usize];
    prop_oneof![
        12 => length().prop_map(Step::Write),
        12 => length().prop_map(Step::Send),
        4 => length().prop_map(Step::Push),
        6 => (1..6usize, length()).prop_map(|(count, length)| Step::WritesOfOnePoll(count, length)),
        2 => Just(Step::Start),
        3 => Just(Step::PollCapacity),
        3 => Just(Step::PollFlushed),
        8 => Just(Step::PollResponseStart),
        24 => Just(Step::PollNext),
        20 => any::<usize>().prop_map(Step::DropChunk),
        3 => Just(Step::PollWriterClosed),
        1 => Just(Step::PollDelivery),
        1 => Just(Step::WriterEnds),
        1 => Just(Step::WriterPanics),
        1 => Just(Step::DropWriter),
        1 => Just(Step::RuntimeEnds),
        1 => Just(Step::RuntimeFails),
        1 => Just(Step::RespondBuffered),
        1 => any::<bool>().prop_map(Step::SetDeliveryResult),
    ]
}

proptest! {
    // No regression file: the minimal failing case is printed, and can be copied into a unit test.
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        // In milliseconds.
        max_shrink_time: 10_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn pipe_matches_model(
        capacity in prop_oneof![1..64usize, 1..3 * COPY_THRESHOLD],
        is_http in any::<bool>(),
        steps in vec(step(), 0..120),
    ) {
        let mut pipe = ModeledPipe::new(capacity, is_http);
        for step in steps {
            pipe.apply(step);
        }
        pipe.drain();
    }
}
