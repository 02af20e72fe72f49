//! What tests ask of the ledger: queueing, waiting, looking back. Every wait is bounded, and ends at a fault.

use std::net::Shutdown;
use std::time::Instant;

use super::Ledger;
use super::records::{Exchange, Invocation, NextAnswer, Records};
use crate::PATIENCE;
use crate::answer::{Answer, Kind};
use crate::event::Event;
use crate::reply::Reaction;
use crate::wire::Fields;

/// A request as it was seen.
#[derive(Clone, Debug)]
pub struct Request {
    /// As in the request line.
    pub method: String,
    /// As in the request line.
    pub path: String,
    /// In their order.
    pub headers: Fields,
    /// Of the connection that it came over, counted from 1.
    pub connection: usize,
    /// When its first byte came.
    pub at: Instant,
    /// When the stand-in answered, if it has.
    pub answered_at: Option<Instant>,
    /// What it answered, if it has.
    pub status: Option<u16>,
}

impl Ledger {
    /// Queues an event; gives the number of its invocation.
    pub(crate) fn queue_event(&self, event: Event) -> usize {
        self.records.change(|records| {
            records.invocations.push(Invocation {
                event,
                delivered_at: None,
                sent: false,
                answer: None,
            });
            let invocation = records.invocations.len() - 1;
            records.upcoming.push_back(NextAnswer::Event(invocation));
            invocation
        })
    }

    /// Puts this in place of the answer to a `POST /init/error`.
    pub(crate) fn react_to_init_error(&self, reaction: Reaction) {
        self.records.change(|records| records.init_error = Some(reaction));
    }

    /// Queues any other answer to `next`.
    pub(crate) fn queue(&self, answer: NextAnswer) {
        self.records.change(|records| records.upcoming.push_back(answer));
    }

    /// The end of an invocation.
    #[track_caller]
    pub(crate) fn wait_for_answer(&self, invocation: usize) -> Answer {
        self.wait("the end of the invocation", |records| {
            let Invocation {
                answer, delivered_at, ..
            } = &records.invocations[invocation];
            records.exchanges[(*answer)?].answer(*delivered_at)
        })
    }

    /// The moment when the event of an invocation was handed out.
    #[track_caller]
    pub(crate) fn wait_for_delivery(&self, invocation: usize) -> Instant {
        self.wait("the delivery of the event", |records| {
            records.invocations[invocation].delivered_at
        })
    }

    /// Waits until the event of an invocation is on its connection, to its last byte.
    #[track_caller]
    pub(crate) fn wait_until_sent(&self, invocation: usize) {
        self.wait("the event on its connection", |records| {
            records.invocations[invocation].sent.then_some(())
        });
    }

    /// The body of an answer, as soon as `enough` says so.
    #[track_caller]
    pub(crate) fn wait_for_body(&self, invocation: usize, mut enough: impl FnMut(&[u8]) -> bool) -> Vec<u8> {
        let mut ended = false;
        let body = self.wait("a part of the body", |records| {
            let exchange = &records.exchanges[records.invocations[invocation].answer?];
            let body = exchange.incoming.body();
            if enough(body) {
                return Some(Some(body.to_vec()));
            }
            ended = exchange.incoming.ending().is_some();
            ended.then_some(None)
        });
        body.unwrap_or_else(|| panic!("the answer ended before its body was as awaited\n{}", self.report()))
    }

    /// So many bytes of the body of an answer, whose bytes may be forgotten. Each megabyte more is waited for anew.
    #[track_caller]
    pub(crate) fn wait_for_length(&self, invocation: usize, length: usize) {
        const STEP: usize = 1_000_000;
        for step in (STEP..length).step_by(STEP).chain([length]) {
            let what = format!("{step} bytes of the body");
            let came = self.wait(&what, |records| {
                let incoming = &records.exchanges[records.invocations[invocation].answer?].incoming;
                let came = incoming.body_length() >= step;
                (came || incoming.ending().is_some()).then_some(came)
            });
            assert!(came, "the answer ended before {what}");
        }
    }

    /// The first POST of a kind that is of no invocation.
    #[track_caller]
    pub(crate) fn wait_for_post(&self, kind: Kind) -> Answer {
        self.wait(&format!("a POST that is a {kind:?}"), |records| {
            let mut posts = records.exchanges.iter();
            let post = posts.find(|exchange| exchange.kind() == Some(kind))?;
            post.answer(None)
        })
    }

    /// `count` waiting `next`s.
    #[track_caller]
    pub(crate) fn wait_for_polls(&self, count: usize) {
        self.wait(&format!("GET next, waiting, {count} times"), |records| {
            (records.polls.len() >= count).then_some(())
        });
    }

    /// Waits until no `next` waits.
    #[track_caller]
    pub(crate) fn wait_for_no_poll(&self) {
        self.wait("the end of each waiting `next`", |records| {
            records.polls.is_empty().then_some(())
        });
    }

    /// A fault, which is then forgiven.
    #[track_caller]
    pub(crate) fn wait_for_fault(&self) -> String {
        let fault = self.records.wait_until(PATIENCE, |records| {
            (!records.faults.is_empty()).then(|| records.faults.remove(0))
        });
        fault.unwrap_or_else(|| panic!("waited for a protocol fault\n{}", self.report()))
    }

    /// Whether there are faults that no wait has forgiven.
    pub(crate) fn has_faults(&self) -> bool {
        self.records.look(|records| !records.faults.is_empty())
    }

    /// How many connections were accepted.
    pub(crate) fn connections(&self) -> usize {
        self.records.look(|records| records.connections)
    }

    /// Waits until no more than so many connections are open, of those that were accepted.
    #[cfg(test)]
    pub(crate) fn wait_until_open(&self, most: usize) {
        let open = |records: &mut Records| (records.connections > 0 && records.open.len() <= most).then_some(());
        let found = self.records.wait_until(PATIENCE, open);
        found.unwrap_or_else(|| panic!("connections stay open\n{}", self.report()));
    }

    /// All requests whose head is whole.
    pub(crate) fn requests(&self) -> Vec<Request> {
        let request = |exchange: &Exchange| {
            let head = exchange.incoming.head()?;
            Some(Request {
                method: head.method.clone(),
                path: head.path.clone(),
                headers: head.headers.clone(),
                connection: exchange.connection,
                at: exchange.at,
                answered_at: exchange.answered.map(|(_, at)| at),
                status: exchange.answered.map(|(status, _)| status),
            })
        };
        self.records
            .look(|records| records.exchanges.iter().filter_map(request).collect())
    }

    /// Accepts no more connections.
    pub(crate) fn refuse(&self) {
        self.records.change(|records| records.refusing = true);
    }

    /// Waits until all is over.
    pub(crate) fn wait_for_close(&self) {
        while self
            .records
            .wait_until(PATIENCE, |records| records.closing.then_some(()))
            .is_none()
        {}
    }

    /// Ends all connections, and refuses new ones.
    pub(crate) fn close(&self) {
        self.records.change(|records| {
            records.refusing = true;
            records.closing = true;
            for stream in records.open.values() {
                let _ = stream.shutdown(Shutdown::Both);
            }
        });
    }

    /// Waits, but not past a fault.
    #[track_caller]
    pub(super) fn wait<R>(&self, what: &str, mut condition: impl FnMut(&mut Records) -> Option<R>) -> R {
        let found = self.records.wait_until(PATIENCE, |records| {
            if records.faults.is_empty() {
                condition(records).map(Some)
            } else {
                Some(None)
            }
        });
        match found {
            Some(Some(found)) => found,
            Some(None) => panic!("a protocol fault; waited for {what}\n{}", self.report()),
            None => panic!("{what} did not come within {PATIENCE:?}\n{}", self.report()),
        }
    }
}
