//! All that was queued for the runtime and all that was seen of it, behind one lock. Here is what connections tell
//! it; what tests ask of it is in `waits`. Knows nothing of HTTP's grammar; hands out bytes, writes none.

mod held;
mod records;
mod report;
mod waits;

use std::net::TcpStream;
use std::sync::Arc;
use std::time::Instant;

use crate::event::Reception;
use crate::shown::shown;
use crate::watched::Watched;
use crate::wire::Incoming;

pub(crate) use held::registered;
pub(crate) use records::{Delivery, NextAnswer, Plan};
use records::{Exchange, Records, SHOWN};
pub use waits::Request;

/// What the threads of the connections and the test share.
pub(crate) struct Ledger {
    started: Instant,
    records: Watched<Records>,
}

impl Ledger {
    /// An empty one, whose reports count time from now.
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            records: Watched::new(Records::default()),
        }
    }

    /// A number for the new connection; `None` when no more are accepted.
    pub(crate) fn connected(&self, stream: &Arc<TcpStream>) -> Option<usize> {
        self.records.change(|records| {
            if records.refusing {
                return None;
            }
            records.connections += 1;
            records.open.insert(records.connections, Arc::clone(stream));
            Some(records.connections)
        })
    }

    /// The connection has ended, and with it whatever was under way on it.
    pub(crate) fn disconnected(&self, connection: usize) {
        self.records.change(|records| {
            records.open.remove(&connection);
            let Records {
                polls, held, exchanges, ..
            } = records;
            polls.retain(|poll| exchanges[*poll].connection != connection);
            held.retain(|held| exchanges[*held].connection != connection);
            let last = exchanges
                .iter_mut()
                .rposition(|exchange| exchange.connection == connection && !exchange.finished);
            let Some(last) = last else { return };
            exchanges[last].finished = true;
            if exchanges[last].incoming.ending().is_none() {
                let cut = exchanges[last].incoming.cut();
                if let (Err(fault), false) = (cut, records.closing) {
                    records.fault(last, &fault);
                }
            }
        });
    }

    /// The first byte of a request is there. `None` when that is a fault: the last one has had no answer yet.
    pub(crate) fn begin(&self, connection: usize) -> Option<usize> {
        self.records.change(|records| {
            let poll = records.polls.iter();
            let mut poll = poll.filter(|poll| records.exchanges[**poll].connection == connection);
            if let Some(poll) = poll.next().copied() {
                records.fault(poll, "more bytes on the connection of a waiting `next`");
                return None;
            }
            records.exchanges.push(Exchange {
                connection,
                at: Instant::now(),
                incoming: Incoming::default(),
                call: None,
                answered: None,
                finished: false,
            });
            Some(records.exchanges.len() - 1)
        })
    }

    /// Whether all answers under way may be read in pieces of any size.
    pub(crate) fn reads_at_will(&self) -> bool {
        self.records.look(|records| {
            let mut open = records.invocations.iter();
            open.all(|invocation| {
                let open = invocation.delivered_at.is_some() && invocation.answer.is_none();
                !open || invocation.event.reads_at_will()
            })
        })
    }

    /// Takes what a read gave and gives back what is of the next request; `None` when there is a fault.
    pub(crate) fn push(&self, exchange: usize, bytes: &[u8]) -> Option<Vec<u8>> {
        let at = Instant::now();
        self.records.change(|records| {
            let Exchange { incoming, answered, .. } = &mut records.exchanges[exchange];
            let fault = match incoming.push(bytes, at) {
                // After an early answer, the end of the one and the start of the next can come in one read.
                Ok(rest) if rest.is_empty() || answered.is_some() => return Some(rest),
                Ok(rest) => format!(
                    "bytes after the end of the request, before its answer: \"{}\"",
                    shown(&rest, SHOWN)
                ),
                Err(fault) => fault,
            };
            records.fault(exchange, &fault);
            None
        })
    }

    /// Looks at a request.
    pub(crate) fn look<R>(&self, exchange: usize, look: impl FnOnce(&Incoming) -> R) -> R {
        let look = |records: &Records| look(&records.exchanges[exchange].incoming);
        self.records.look(look)
    }

    /// Decides on a request whose head is whole. What Lambda would refuse is refused, and a fault.
    pub(crate) fn plan(&self, exchange: usize) -> Plan {
        self.records.change(|records| match records.plan(exchange) {
            Ok(plan) => plan,
            Err(refused) => {
                records.fault(exchange, &refused.fault);
                Plan::Receive(Reception::at_the_end(refused.reply))
            }
        })
    }

    /// The answer goes out now. Noted before it is written, so that nothing that follows from it can be earlier.
    pub(crate) fn answered(&self, exchange: usize, status: u16) {
        self.records.change(|records| {
            records.exchanges[exchange].answered = Some((status, Instant::now()));
        });
    }

    /// Request and answer are through. Trailers that were not declared are a fault: Lambda drops them.
    pub(crate) fn finished(&self, exchange: usize) {
        self.records.change(|records| {
            if let Some(name) = records.exchanges[exchange].undeclared_trailer() {
                let fault = format!("the trailer {name} was not declared in a Trailer header");
                records.fault(exchange, &fault);
            }
            records.exchanges[exchange].finished = true;
        });
    }

    /// A `next` waits for its answer from now on.
    pub(crate) fn await_event(&self, exchange: usize) {
        let wait = |records: &mut Records| records.polls.push_back(exchange);
        self.records.change(wait);
    }

    /// The event of an invocation is on its connection.
    pub(crate) fn sent(&self, invocation: usize) {
        self.records
            .change(|records| records.invocations[invocation].sent = true);
    }

    /// Matches waiting `next`s with what is there for them, each in its order.
    pub(crate) fn take_deliveries(&self) -> Vec<Delivery> {
        self.records
            .change(|records| std::iter::from_fn(|| records.delivery()).collect())
    }
}
