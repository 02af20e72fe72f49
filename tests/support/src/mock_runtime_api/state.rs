//! The state of the mock behind one lock: queued events and recorded requests. This file has the methods that
//! connections call; `waits` has those that tests call.

mod held;
mod records;
mod summary;
mod waits;

use std::net::TcpStream;
use std::sync::Arc;
use std::time::Instant;

use super::event::ReceptionScript;
use crate::http::{RecordedRequest, escape};
use crate::watched::Watched;

pub(crate) use held::registration_accepted;
pub(crate) use records::{Delivery, NextResponse, Plan};
use records::{Exchange, QUOTE_LIMIT, Records};
pub use waits::Request;

/// The state shared by the connections and the test.
pub(crate) struct State {
    started: Instant,
    records: Watched<Records>,
}

impl State {
    /// Creates an empty state. Its summary counts time from now.
    pub(crate) fn new(base_path: &str) -> Self {
        let records = Records {
            base_path: base_path.to_owned(),
            ..Records::default()
        };
        Self {
            started: Instant::now(),
            records: Watched::new(records),
        }
    }

    /// Registers a new connection and returns its number, or `None` if connections are refused.
    pub(crate) fn connection_opened(&self, stream: &Arc<TcpStream>) -> Option<usize> {
        self.records.change(|records| {
            if records.refuses_connections {
                return None;
            }
            records.connections += 1;
            records.open.insert(records.connections, Arc::clone(stream));
            Some(records.connections)
        })
    }

    /// Removes a connection and truncates its unfinished request.
    pub(crate) fn connection_closed(&self, connection: usize) {
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
            if exchanges[last].request.body_end().is_none() {
                let truncated = exchanges[last].request.truncate();
                if let (Err(violation), false) = (truncated, records.closing) {
                    records.add_violation(last, &violation);
                }
            }
        });
    }

    /// Starts a request whose first byte has arrived. Returns `None` if the connection waits for the response to `next`,
    /// which is a violation.
    pub(crate) fn request_started(&self, connection: usize) -> Option<usize> {
        self.records.change(|records| {
            let poll = records.polls.iter();
            let mut poll = poll.filter(|poll| records.exchanges[**poll].connection == connection);
            if let Some(poll) = poll.next().copied() {
                records.add_violation(poll, "more bytes on the connection of a waiting `next`");
                return None;
            }
            records.exchanges.push(Exchange {
                connection,
                at: Instant::now(),
                request: RecordedRequest::default(),
                call: None,
                response: None,
                finished: false,
            });
            Some(records.exchanges.len() - 1)
        })
    }

    /// Whether the scripts of all open invocations allow reads of any size.
    pub(crate) fn allows_large_reads(&self) -> bool {
        self.records.read(|records| {
            let mut invocations = records.invocations.iter();
            invocations.all(|invocation| {
                let is_open = invocation.delivered_at.is_some() && invocation.response.is_none();
                !is_open || invocation.event.allows_large_reads()
            })
        })
    }

    /// Adds the bytes of a socket read to a request. Returns the bytes of the next request, or `None` after a violation.
    pub(crate) fn push(&self, exchange: usize, bytes: &[u8]) -> Option<Vec<u8>> {
        let at = Instant::now();
        self.records.change(|records| {
            let Exchange { request, response, .. } = &mut records.exchanges[exchange];
            let violation = match request.push(bytes, at) {
                // After an early response, one read can contain the end of a request and the start of the next one.
                Ok(rest) if rest.is_empty() || response.is_some() => return Some(rest),
                Ok(rest) => format!(
                    "bytes after the end of the request, before its response: \"{}\"",
                    escape(&rest, QUOTE_LIMIT)
                ),
                Err(violation) => violation,
            };
            records.add_violation(exchange, &violation);
            None
        })
    }

    /// Reads a request under the lock.
    pub(crate) fn read_request<R>(&self, exchange: usize, read: impl FnOnce(&RecordedRequest) -> R) -> R {
        let read = |records: &Records| read(&records.exchanges[exchange].request);
        self.records.read(read)
    }

    /// Decides how to handle a request whose head is complete. A request that Lambda would reject is a violation.
    pub(crate) fn plan(&self, exchange: usize) -> Plan {
        self.records.change(|records| match records.plan(exchange) {
            Ok(plan) => plan,
            Err(rejected) => {
                records.add_violation(exchange, &rejected.violation);
                Plan::Receive(ReceptionScript::respond(rejected.response))
            }
        })
    }

    /// Records a response. Called before the response is written, so that a request that follows it has a later time.
    pub(crate) fn responded(&self, exchange: usize, status: u16) {
        self.records.change(|records| {
            records.exchanges[exchange].response = Some((status, Instant::now()));
        });
    }

    /// Finishes an exchange. Undeclared trailers are a violation, because Lambda drops them.
    pub(crate) fn exchange_finished(&self, exchange: usize) {
        self.records.change(|records| {
            if let Some(name) = records.exchanges[exchange].undeclared_trailer() {
                let violation = format!("the trailer {name} was not declared in a Trailer header");
                records.add_violation(exchange, &violation);
            }
            records.exchanges[exchange].finished = true;
        });
    }

    /// Adds a `next` call to those that wait for an event.
    pub(crate) fn await_event(&self, exchange: usize) {
        self.records.change(|records| records.polls.push_back(exchange));
    }

    /// Records that the last byte of an event has been written.
    pub(crate) fn event_sent(&self, invocation: usize) {
        self.records
            .change(|records| records.invocations[invocation].sent = true);
    }

    /// Records that a part of a response to `next` has been written.
    pub(crate) fn part_written(&self) {
        self.records.change(|records| records.parts_written += 1);
    }

    /// Matches waiting `next` calls with queued responses, each in its order.
    pub(crate) fn take_deliveries(&self) -> Vec<Delivery> {
        self.records
            .change(|records| std::iter::from_fn(|| records.take_delivery()).collect())
    }
}
