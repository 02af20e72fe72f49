//! What a test holds: the stand-in, and events under way.

mod life;

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::PATIENCE;
use crate::answer::{Answer, Kind};
use crate::broken::Broken;
use crate::call::Call;
use crate::event::Event;
use crate::ledger::{Ledger, NextAnswer, Request};
use crate::reply::{Reaction, Reply};
use crate::server;

/// A Lambda Runtime API for a test, on a port of its own.
///
/// Every wait is bounded by 20 seconds, and ends at once when the peer breaks the protocol; both panic with
/// everything seen so far. A fault that no wait came across panics when the stand-in is dropped.
pub struct StandIn {
    address: SocketAddr,
    ledger: Arc<Ledger>,
    accepting: Mutex<Option<JoinHandle<()>>>,
}

impl StandIn {
    /// Starts one on a free port of the loopback interface.
    ///
    /// # Panics
    /// When there is none.
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("the port's number");
        let ledger = Arc::new(Ledger::new());
        let accepting = thread::spawn({
            let ledger = Arc::clone(&ledger);
            move || server::accept(&listener, &ledger)
        });
        Self {
            address,
            ledger,
            accepting: Mutex::new(Some(accepting)),
        }
    }

    /// What `AWS_LAMBDA_RUNTIME_API` is to be: host and port.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Gives the runtime an event and waits until the invocation has ended: until its answer was received, to its
    /// end or to that of its connection.
    #[track_caller]
    pub fn invoke(&self, event: impl Into<Event>) -> Answer {
        self.queue(event).wait()
    }

    /// Gives the runtime an event, at the next `next` that has nothing to come before.
    pub fn queue(&self, event: impl Into<Event>) -> Pending {
        let event = event.into();
        let request_id = event.id();
        let invocation = self.ledger.queue_event(event);
        server::deliver(&self.ledger);
        Pending {
            invocation,
            request_id,
            ledger: Arc::clone(&self.ledger),
        }
    }

    /// Answers the next `next` that has nothing to come before with this instead of an event.
    pub fn next_answers(&self, status: u16, body: &str) {
        self.react_to_next(Reaction::Whole(Reply::new(status, body)));
    }

    /// Breaks the next `next` that has nothing to come before.
    pub fn break_next(&self, broken: Broken) {
        self.react_to_next(Reaction::Broken(broken));
    }

    /// Closes the connection of the next `next` that has nothing to come before, without an answer.
    pub fn close_next(&self) {
        self.break_next(Broken::closed());
    }

    fn react_to_next(&self, reaction: Reaction) {
        self.ledger.queue(NextAnswer::Reaction(reaction));
        server::deliver(&self.ledger);
    }

    /// Answers the `POST /init/error` with this.
    pub fn init_error_answers(&self, status: u16, body: &str) {
        let reaction = Reaction::Whole(Reply::new(status, body));
        self.ledger.react_to_init_error(reaction);
    }

    /// Breaks the `POST /init/error` when it is whole.
    pub fn break_init_error(&self, broken: Broken) {
        self.ledger.react_to_init_error(Reaction::Broken(broken));
    }

    /// Refuses all connections from now on; those that there are go on.
    ///
    /// # Panics
    /// When the port stays open.
    pub fn refuse_connections(&self) {
        self.stop_accepting();
        // A process that another thread starts just now has the port as well, until its program runs.
        let end = Instant::now() + PATIENCE;
        while TcpStream::connect(self.address).is_ok() {
            assert!(Instant::now() < end, "{} stays open", self.address);
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn stop_accepting(&self) {
        self.ledger.refuse();
        // Wakes the thread that accepts, which then sees that there is nothing more to do, and closes the port.
        drop(TcpStream::connect(self.address));
        let accepting = self.accepting.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(accepting) = accepting {
            let _ = accepting.join();
        }
    }

    /// Waits until a `next` is waiting for its event: until the loop has gone on.
    #[track_caller]
    pub fn wait_for_next(&self) {
        self.wait_for_nexts(1);
    }

    /// Waits until so many `next`s are waiting at the same time.
    #[track_caller]
    pub fn wait_for_nexts(&self, count: usize) {
        self.ledger.wait_for_polls(count);
    }

    /// Waits for the `POST /init/error`.
    #[track_caller]
    pub fn init_error(&self) -> Answer {
        self.ledger.wait_for_post(Kind::InitError)
    }

    /// Waits for the `POST /restore/error`.
    #[track_caller]
    pub fn restore_error(&self) -> Answer {
        self.ledger.wait_for_post(Kind::RestoreError)
    }

    /// Waits for a fault of the peer and forgives it.
    #[track_caller]
    pub fn wait_for_fault(&self) -> String {
        self.ledger.wait_for_fault()
    }

    /// All requests so far, in the order in which they began.
    pub fn requests(&self) -> Vec<Request> {
        self.ledger.requests()
    }

    /// All requests so far by their short names, such as `next`, `response`, `error`, `init/error`.
    pub fn calls(&self) -> Vec<String> {
        let requests = self.ledger.requests();
        requests
            .iter()
            .map(|request| match Call::of(&request.method, &request.path) {
                Some(call) => call.to_string(),
                None => format!("{} {}", request.method, request.path),
            })
            .collect()
    }

    /// The TCP connections that were opened so far.
    pub fn connections(&self) -> usize {
        self.ledger.connections()
    }

    /// Everything seen so far, for people.
    pub fn report(&self) -> String {
        self.ledger.report()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.ledger.close();
        self.stop_accepting();
        if self.ledger.has_faults() && !thread::panicking() {
            panic!("a protocol fault\n{}", self.ledger.report());
        }
    }
}

/// An event under way.
pub struct Pending {
    invocation: usize,
    request_id: Option<String>,
    ledger: Arc<Ledger>,
}

impl Pending {
    /// The event's request id; empty if the event has none.
    pub fn request_id(&self) -> &str {
        self.request_id.as_deref().unwrap_or_default()
    }

    /// Waits until the event has been handed to the runtime; gives the moment.
    #[track_caller]
    pub fn wait_for_delivery(&self) -> Instant {
        self.ledger.wait_for_delivery(self.invocation)
    }

    /// Waits until the event is on the runtime's connection, to its last byte.
    #[track_caller]
    pub fn wait_until_sent(&self) {
        self.ledger.wait_until_sent(self.invocation);
    }

    /// Waits for the first bytes of the answer's body.
    #[track_caller]
    pub fn first_bytes(&self) -> Vec<u8> {
        self.wait_for_body(|body| !body.is_empty())
    }

    /// Waits until the body so far is `enough`, while the answer may go on; gives that body. Panics when the answer
    /// ends before.
    #[track_caller]
    pub fn wait_for_body(&self, enough: impl FnMut(&[u8]) -> bool) -> Vec<u8> {
        self.ledger.wait_for_body(self.invocation, enough)
    }

    /// Waits until so many bytes of the answer's body have come, whether they are kept or not. Panics when the answer ends
    /// before.
    #[track_caller]
    pub fn wait_for_length(&self, length: usize) {
        self.ledger.wait_for_length(self.invocation, length);
    }

    /// Waits until the invocation has ended; see [`StandIn::invoke`]. A process that dies before it begins an answer
    /// does not end its invocation: wait for the process then.
    #[track_caller]
    pub fn wait(&self) -> Answer {
        self.ledger.wait_for_answer(self.invocation)
    }
}

#[cfg(test)]
mod tests;
