//! The pipe against a plain model of it: whatever its parties do, in whatever order, both say the same.
//!
//! The model has no locks, no wakers and no pieces: it counts bytes. Wakers have a rule of their own: whoever waits for
//! something must have been woken when it is there.

mod plain;

use std::collections::VecDeque;

use proptest::collection::vec;
use proptest::prelude::*;

use self::plain::{Model, Step, Wait};
use super::*;
use crate::event::EventInfo;

const FUNCTION_URL: &[u8] = br#"{"version":"2.0","requestContext":{"http":{}}}"#;

/// One party of the pipe, and what it waits for.
#[derive(Default)]
struct Party {
    bell: Arc<Bell>,
    waits_for: Option<Wait>,
}

impl Party {
    /// Polls, and remembers what for if it is not there yet.
    fn poll<T>(&mut self, wait: Wait, poll: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
        let waker = Waker::from(Arc::clone(&self.bell));
        let polled = poll(&mut Context::from_waker(&waker));
        self.waits_for = polled.is_pending().then_some(wait);
        polled
    }

    fn check(&mut self, model: &Model) {
        if self.bell.rung() > 0 {
            self.waits_for = None;
        }
        if let Some(wait) = self.waits_for {
            assert!(!model.wakes(wait), "nobody woke who waited for {wait:?}");
        }
    }
}

/// The pipe and its model, side by side.
struct Pair {
    writer: Option<PipeWriter>,
    control: PipeControl,
    transport: Option<PipeReader>,
    /// What the transport was given, and has not let go.
    held: VecDeque<Bytes>,
    /// Each writer's byte is the next of these, so that a lost, doubled or misplaced one shows.
    next_byte: u8,
    parties: [Party; 3],
    model: Model,
}

const WRITER: usize = 0;
const RUNTIME: usize = 1;
const TRANSPORT: usize = 2;

impl Pair {
    fn new(capacity: usize, is_http: bool) -> Self {
        let event = if is_http { FUNCTION_URL } else { b"{}" };
        let (writer, control) = pipe(capacity, ResponseHead::new(EventInfo::from_event(event)));
        Self {
            writer: Some(writer),
            control,
            transport: None,
            held: VecDeque::new(),
            next_byte: 0,
            parties: Default::default(),
            model: Model::new(capacity, is_http),
        }
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut next = self.next_byte;
        let bytes = std::iter::repeat_with(|| {
            next = next.wrapping_add(1);
            next
        });
        bytes.take(length).collect()
    }

    /// Does the step on both sides.
    fn take(&mut self, step: Step) {
        match step {
            Step::Write(_) | Step::Send(_) | Step::Push(_) | Step::Start | Step::AwaitRoom | Step::AwaitEmpty => {
                self.write(step);
            }
            Step::WriterEnds | Step::AwaitAnswer | Step::WriterPanics | Step::DropWriter => self.leave(step),
            Step::AwaitBeginning | Step::AwaitNext | Step::LetGo(_) => self.transport(step),
            Step::RuntimeEnds | Step::RuntimeFails => {
                let decided = match step {
                    Step::RuntimeEnds => self.control.end(),
                    _ => self.control.fail(Error::new("broken")),
                };
                assert_eq!(decided, self.model.decide(step));
            }
            Step::RespondBuffered => {
                let Some(writer) = &self.writer else { return };
                let decided = writer.respond_buffered(BufferedResponse {
                    content_type: HeaderValue::from_static("a/b"),
                    body: Bytes::from_static(b"whole"),
                });
                assert_eq!(decided, self.model.decide(step));
            }
            Step::LambdaAnswers(taken) => {
                let said = if taken {
                    Ok(())
                } else {
                    Err(Closed::new(None, "refused"))
                };
                let answered = self.control.answered(said).is_ok();
                assert_eq!(answered, self.model.answer(taken));
            }
            Step::AwaitWriterGone => {
                let control = &self.control;
                let polled = self.parties[RUNTIME].poll(Wait::WriterGone, |cx| pin!(control.writer_gone()).poll(cx));
                assert_eq!(ready(polled).map(|gone| gone.is_ok()), self.model.writer_gone());
            }
        }
        assert_eq!(
            self.writer.as_ref().map_or(self.model.written, PipeWriter::written),
            self.model.written
        );
        for party in &mut self.parties {
            party.check(&self.model);
        }
    }

    fn write(&mut self, step: Step) {
        let bytes = match step {
            Step::Write(length) | Step::Send(length) | Step::Push(length) => self.bytes(length),
            _ => Vec::new(),
        };
        let Some(writer) = &self.writer else {
            return;
        };
        let party = &mut self.parties[WRITER];
        let accepted = match step {
            Step::Write(_) => {
                let polled = party.poll(Wait::Room, |cx| writer.poll_write(cx, &bytes));
                let polled = ready(polled).map(|accepted| accepted.ok().map(|accepted| accepted.length));
                assert_eq!(polled, self.model.accept(&bytes));
                polled
            }
            Step::Send(_) => {
                let mut rest = Bytes::from(bytes.clone());
                let polled = party.poll(Wait::Room, |cx| writer.poll_send(cx, &mut rest));
                let polled = ready(polled).map(|accepted| accepted.ok().map(|accepted| accepted.length));
                assert_eq!(rest, bytes[polled.flatten().unwrap_or(0)..], "what is left to send");
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
            Step::AwaitRoom => {
                let polled = party.poll(Wait::Room, |cx| writer.poll_room(cx));
                assert_eq!(ready(polled).map(|room| room.is_ok()), self.model.room());
                None
            }
            _ => {
                let polled = party.poll(Wait::Empty, |cx| writer.poll_empty(cx));
                assert_eq!(ready(polled).map(|empty| empty.is_ok()), self.model.empty());
                None
            }
        };
        self.next_byte = self.next_byte.wrapping_add(accepted.flatten().unwrap_or(0) as u8);
    }

    fn leave(&mut self, step: Step) {
        let Some(writer) = &self.writer else {
            return;
        };
        match step {
            Step::WriterEnds => {
                writer.end();
                self.model.decide(Step::RuntimeEnds);
            }
            Step::AwaitAnswer => {
                let polled = self.parties[WRITER].poll(Wait::Answer, |cx| writer.poll_delivered(cx));
                assert_eq!(ready(polled).map(|answer| answer.is_ok()), self.model.answered());
            }
            Step::WriterPanics => {
                writer.panicked(Error::new("boom"));
                self.model.writer_panics();
            }
            _ => {
                self.writer = None;
                self.parties[WRITER].waits_for = None;
                self.model.writer_drops();
            }
        }
    }

    fn transport(&mut self, step: Step) {
        let party = &mut self.parties[TRANSPORT];
        match (step, &self.transport) {
            (Step::LetGo(which), _) if !self.held.is_empty() => {
                let which = which % self.held.len();
                let let_go = self.held.remove(which).map_or(0, |bytes| bytes.len());
                self.model.let_go(let_go);
            }
            (Step::AwaitBeginning, None) => {
                let control = &self.control;
                let polled = party.poll(Wait::ResponseStart, |cx| pin!(control.beginning()).poll(cx));
                let beginning = ready(polled).map(|beginning| match beginning {
                    ResponseStart::Streaming { transport, .. } => {
                        self.transport = Some(transport);
                        "streaming"
                    }
                    ResponseStart::Buffered(_) => "buffered",
                    ResponseStart::Failed(_) => "failed",
                });
                assert_eq!(beginning, self.model.beginning());
            }
            (Step::AwaitNext, Some(transport)) => {
                let polled = party.poll(Wait::Next, |cx| transport.poll_next(cx));
                let (said, bytes) = match polled {
                    Poll::Pending => (None, None),
                    Poll::Ready(Ok(Next::Bytes(bytes))) => (Some("bytes"), Some(bytes)),
                    Poll::Ready(Ok(Next::Failed(_))) => (Some("failed"), None),
                    Poll::Ready(Ok(Next::End)) => (Some("end"), None),
                    Poll::Ready(Err(_)) => (Some("closed"), None),
                };
                assert_eq!(said, self.model.next());
                if let Some(bytes) = bytes {
                    self.model.deliver(&bytes);
                    self.held.push_back(bytes);
                }
            }
            _ => {}
        }
    }

    /// Whatever came before: the transport gets all that was accepted, and then the end.
    fn drain(mut self) {
        self.take(Step::RuntimeEnds);
        self.take(Step::AwaitBeginning);
        while self.transport.is_some() && !self.model.is_drained() {
            self.take(Step::AwaitNext);
            self.take(Step::LetGo(0));
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
    // Around the limits of the pipe: nothing, its capacity, and what is copied rather than handed over.
    let length =
        || prop_oneof![1 => Just(0), 8 => 1..40usize, 2 => COPY_THRESHOLD - 1..COPY_THRESHOLD + 2, 1 => 1..5000usize];
    prop_oneof![
        12 => length().prop_map(Step::Write),
        12 => length().prop_map(Step::Send),
        4 => length().prop_map(Step::Push),
        2 => Just(Step::Start),
        3 => Just(Step::AwaitRoom),
        3 => Just(Step::AwaitEmpty),
        8 => Just(Step::AwaitBeginning),
        24 => Just(Step::AwaitNext),
        20 => any::<usize>().prop_map(Step::LetGo),
        3 => Just(Step::AwaitWriterGone),
        1 => Just(Step::AwaitAnswer),
        1 => Just(Step::WriterEnds),
        1 => Just(Step::WriterPanics),
        1 => Just(Step::DropWriter),
        1 => Just(Step::RuntimeEnds),
        1 => Just(Step::RuntimeFails),
        1 => Just(Step::RespondBuffered),
        1 => any::<bool>().prop_map(Step::LambdaAnswers),
    ]
}

proptest! {
    // What fails is printed in its smallest form, to be written down as a test of its own: no file of seeds.
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        // In milliseconds.
        max_shrink_time: 10_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_pipe_does_what_its_model_does(
        capacity in prop_oneof![1..64usize, 1..3 * COPY_THRESHOLD],
        is_http in any::<bool>(),
        steps in vec(step(), 0..120),
    ) {
        let mut pair = Pair::new(capacity, is_http);
        for step in steps {
            pair.take(step);
        }
        pair.drain();
    }
}
