//! One queue between the front ends and the Runtime API: an event goes in, its answer comes out.
//!
//! A front end calls [`Broker::invoke`] and reads the [`Answer`]; the Runtime API hands the event out ([`Broker::next`])
//! and passes on what the function answers ([`Broker::claim`]). Neither knows the other, and nothing here knows HTTP.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::sync::{Notify, Semaphore, mpsc, oneshot};

use super::identifiers::RequestId;

/// How many pieces of a streamed answer wait for a slow caller before the function is made to wait.
const UNREAD_PIECES: usize = 2;

/// How many ended invocations are told from ones that never were.
const REMEMBERED: usize = 128;

/// The invocations: queued, running, ended.
pub(super) struct Broker {
    ledger: Mutex<Ledger>,
    /// As many permits as events in the queue.
    queued: Semaphore,
    heard: Notify,
}

#[derive(Default)]
struct Ledger {
    queue: VecDeque<Invocation>,
    running: HashMap<RequestId, Responder>,
    answered: VecDeque<RequestId>,
    unsettled: Vec<Unsettled>,
    /// How many polls have begun.
    polls: u64,
    /// Why no further event is taken.
    closed: Option<Failure>,
}

struct Invocation {
    id: RequestId,
    event: Bytes,
    responder: Responder,
}

/// Why the function may not do what it asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No invocation of that id was handed out.
    UnknownId,
    /// The invocation is answered already, or the function has already started.
    OutOfOrder,
}

impl Default for Broker {
    fn default() -> Self {
        Self {
            ledger: Mutex::default(),
            queued: Semaphore::new(0),
            heard: Notify::new(),
        }
    }
}

impl Broker {
    /// Queues an event for the function.
    pub(super) fn invoke(&self, id: RequestId, event: Bytes) -> Call {
        let (answer_sender, answer) = oneshot::channel();
        let (settled_sender, settled) = oneshot::channel();
        let responder = Responder {
            answer: answer_sender,
            unsettled: Unsettled {
                polls_before: 0,
                _settled: settled_sender,
            },
        };
        let mut ledger = self.ledger();
        match ledger.closed.clone() {
            Some(failure) => {
                let unsettled = responder.reply(Answer::Failed(failure));
                ledger.unsettled.push(unsettled);
            }
            None => {
                ledger.queue.push_back(Invocation { id, event, responder });
                self.queued.add_permits(1);
            }
        }
        Call { answer, settled }
    }

    /// Waits until the function has asked for its first event, or will ask for none. One front end may wait.
    pub(super) async fn heard(&self) {
        self.heard.notified().await;
    }

    /// Waits for an event for the function. Several may wait at once; one that is dropped loses no event.
    pub(super) async fn next(&self) -> (RequestId, Bytes) {
        self.heard.notify_one();
        {
            let mut ledger = self.ledger();
            ledger.polls += 1;
            ledger.unsettled.clear();
        }
        loop {
            // Never closed, so never an error. A failed start leaves permits behind that have no event.
            if let Ok(permit) = self.queued.acquire().await {
                permit.forget();
            }
            let mut ledger = self.ledger();
            if let Some(mut invocation) = ledger.queue.pop_front() {
                invocation.responder.unsettled.polls_before = ledger.polls;
                ledger.running.insert(invocation.id.clone(), invocation.responder);
                return (invocation.id, invocation.event);
            }
        }
    }

    /// Takes the right to answer an invocation, which exists once.
    pub(super) fn claim(&self, id: &str) -> Result<Responder, Refusal> {
        let mut ledger = self.ledger();
        match ledger.running.remove_entry(id) {
            Some((id, responder)) => {
                if ledger.answered.len() == REMEMBERED {
                    ledger.answered.pop_front();
                }
                ledger.answered.push_back(id);
                Ok(responder)
            }
            None if ledger.answered.iter().any(|known| known.as_str() == id) => Err(Refusal::OutOfOrder),
            None => Err(Refusal::UnknownId),
        }
    }

    /// The response has arrived to its end: the function's next poll proves that it had the answer to it.
    pub(super) fn settle_at_next_poll(&self, unsettled: Unsettled) {
        let mut ledger = self.ledger();
        // A function that broke its response off may poll, on another connection, before the broken one is noticed.
        if ledger.polls == unsettled.polls_before {
            ledger.unsettled.push(unsettled);
        }
    }

    /// The function failed to start: every invocation, queued or yet to come, fails so. None is ever settled, since the
    /// function will not poll: it says why it failed, and exits.
    pub(super) fn fail_init(&self, failure: Failure) -> Result<(), Refusal> {
        let mut ledger = self.ledger();
        if ledger.polls > 0 {
            return Err(Refusal::OutOfOrder);
        }
        ledger.close(&failure);
        self.heard.notify_one();
        Ok(())
    }

    /// The function asks for no further event, and is done with all that it had: every invocation that is queued or yet
    /// to come fails, and all that are answered are settled.
    pub(super) fn close(&self) {
        let mut ledger = self.ledger();
        ledger.close(&Failure {
            error_type: "Runtime.ExitError".to_owned(),
            message: "the function was asked to end before it took this event".to_owned(),
        });
        ledger.unsettled.clear();
        self.heard.notify_one();
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger {
    fn close(&mut self, failure: &Failure) {
        for invocation in std::mem::take(&mut self.queue) {
            let unsettled = invocation.responder.reply(Answer::Failed(failure.clone()));
            self.unsettled.push(unsettled);
        }
        self.closed = Some(failure.clone());
    }
}

/// A front end's side of one invocation.
pub(super) struct Call {
    answer: oneshot::Receiver<Answer>,
    settled: oneshot::Receiver<Settled>,
}

/// Never sent: that its sender is gone is the message.
enum Settled {}

impl Call {
    /// Waits for the head of the answer.
    pub(super) async fn answer(&mut self) -> Answer {
        (&mut self.answer)
            .await
            .unwrap_or_else(|_| Answer::Failed(Failure::truncated()))
    }

    /// Waits until the function is done with the invocation: its response ended, and it asked for another event or
    /// lost its connection.
    pub(super) async fn settled(self) {
        let _ = self.settled.await;
    }
}

/// What the function answered.
#[derive(Debug)]
pub(super) enum Answer {
    Buffered(Bytes),
    Streaming { content_type: String, body: AnswerBody },
    Failed(Failure),
}

/// A failed invocation, in the function's words or in Lambda's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) error_type: String,
    pub(super) message: String,
}

impl Failure {
    /// The response broke off before its end.
    pub(super) fn truncated() -> Self {
        Self {
            error_type: "Runtime.TruncatedResponse".to_owned(),
            message: "the function's response ended before it was complete".to_owned(),
        }
    }
}

/// The pieces of a streamed answer as they come. Dropping it lets the function run on, its answer discarded.
#[derive(Debug)]
pub(super) struct AnswerBody {
    pieces: mpsc::Receiver<Piece>,
    ended: bool,
}

#[derive(Debug)]
enum Piece {
    Data(Bytes),
    /// Said expressly, so that a sender that vanishes can never pass for a clean end.
    End,
    Failed(Failure),
}

impl AnswerBody {
    /// The next piece; `None` after the clean end. After an error there is nothing more to ask for.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Failure>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let piece = ready!(self.pieces.poll_recv(context));
        self.ended = !matches!(piece, Some(Piece::Data(_)));
        Poll::Ready(match piece {
            Some(Piece::Data(data)) => Some(Ok(data)),
            Some(Piece::End) => None,
            Some(Piece::Failed(failure)) => Some(Err(failure)),
            None => Some(Err(Failure::truncated())),
        })
    }

    /// [`poll_next`](Self::poll_next), awaited.
    pub(super) async fn next(&mut self) -> Option<Result<Bytes, Failure>> {
        std::future::poll_fn(|context| self.poll_next(context)).await
    }
}

/// The right to answer one invocation. Dropped unused, the invocation fails as truncated.
pub(super) struct Responder {
    answer: oneshot::Sender<Answer>,
    unsettled: Unsettled,
}

/// An answered invocation that the front end may still wait for; dropping it ends the wait.
pub(super) struct Unsettled {
    /// The polls that had begun when the invocation was handed out.
    polls_before: u64,
    _settled: oneshot::Sender<Settled>,
}

impl Responder {
    /// Answers in one piece.
    pub(super) fn reply(self, answer: Answer) -> Unsettled {
        // A caller that is gone changes nothing for the function.
        let _ = self.answer.send(answer);
        self.unsettled
    }

    /// Answers piece by piece.
    pub(super) fn stream(self, content_type: String) -> (StreamSender, Unsettled) {
        let (pieces, receiver) = mpsc::channel(UNREAD_PIECES);
        let unsettled = self.reply(Answer::Streaming {
            content_type,
            body: AnswerBody {
                pieces: receiver,
                ended: false,
            },
        });
        (StreamSender { pieces }, unsettled)
    }
}

/// Passes a streamed answer on, at the pace of the caller. A caller that is gone takes everything, at once.
pub(super) struct StreamSender {
    pieces: mpsc::Sender<Piece>,
}

impl StreamSender {
    pub(super) async fn data(&self, data: Bytes) {
        let _ = self.pieces.send(Piece::Data(data)).await;
    }

    pub(super) async fn end(self) {
        let _ = self.pieces.send(Piece::End).await;
    }

    pub(super) async fn fail(self, failure: Failure) {
        let _ = self.pieces.send(Piece::Failed(failure)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::task::Waker;

    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    fn claimed() -> (Broker, Call, Responder) {
        let broker = Broker::default();
        let call = broker.invoke(RequestId::unique(), Bytes::new());
        let Poll::Ready((id, _)) = poll(pin!(broker.next())) else {
            panic!("no event");
        };
        let responder = broker.claim(id.as_str()).unwrap();
        (broker, call, responder)
    }

    #[test]
    fn a_caller_that_does_not_read_holds_the_function_back() {
        let (_broker, mut call, responder) = claimed();
        let (stream, _unsettled) = responder.stream("text/plain".to_owned());
        for _ in 0..UNREAD_PIECES {
            assert!(poll(pin!(stream.data(Bytes::from("a")))).is_ready());
        }
        let mut held = pin!(stream.data(Bytes::from("b")));
        assert!(poll(held.as_mut()).is_pending());
        let Poll::Ready(Answer::Streaming { mut body, .. }) = poll(pin!(call.answer())) else {
            panic!("no answer");
        };
        assert!(poll(pin!(body.next())).is_ready());
        assert!(poll(held).is_ready());
    }

    #[test]
    fn a_stream_that_is_dropped_never_passes_for_complete() {
        let (_broker, mut call, responder) = claimed();
        drop(responder.stream("text/plain".to_owned()));
        let Poll::Ready(Answer::Streaming { mut body, .. }) = poll(pin!(call.answer())) else {
            panic!("no answer");
        };
        let Poll::Ready(Some(Err(failure))) = poll(pin!(body.next())) else {
            panic!("no failure");
        };
        assert_eq!(failure.error_type, "Runtime.TruncatedResponse");
    }

    #[test]
    fn a_call_is_settled_by_the_poll_after_its_answer() {
        let (broker, call, responder) = claimed();
        let unsettled = responder.reply(Answer::Buffered(Bytes::new()));
        broker.settle_at_next_poll(unsettled);
        let mut settled = pin!(call.settled());
        assert!(poll(settled.as_mut()).is_pending());
        assert!(poll(pin!(broker.next())).is_pending());
        assert!(poll(settled).is_ready());
    }

    #[test]
    fn a_call_is_settled_though_the_poll_overtakes_the_end_of_its_answer() {
        let (broker, call, responder) = claimed();
        assert!(poll(pin!(broker.next())).is_pending());
        broker.settle_at_next_poll(responder.reply(Answer::Buffered(Bytes::new())));
        assert!(poll(pin!(call.settled())).is_ready());
    }
}
