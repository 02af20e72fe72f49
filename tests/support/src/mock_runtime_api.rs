//! The strict mock Runtime API that tests hold, and invocations in progress.

mod api_response;
pub(crate) mod call;
mod connection;
mod event;
mod fault_injection;
mod http_event;
mod response;
mod startup;
mod state;

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::WAIT_TIMEOUT;
use api_response::{ApiResponse, Reaction};
use call::Call;
pub use event::Event;
pub use fault_injection::ConnectionFault;
pub use http_event::HttpEvent;
pub use response::{Chunk, FunctionError, Read, Response, ResponseKind};
pub use state::Request;
use state::{NextResponse, State};

/// A mock Lambda Runtime API on a port of the loopback interface.
///
/// Each wait times out after 20 seconds, and ends early if the peer violates the protocol. Both panic with all requests so
/// far. Dropping the mock panics if there was a violation that no wait has reported.
pub struct MockRuntimeApi {
    address: SocketAddr,
    base_path: String,
    state: Arc<State>,
    acceptor: Mutex<Option<JoinHandle<()>>>,
}

impl MockRuntimeApi {
    /// Starts a mock on a free port.
    ///
    /// # Panics
    /// If there is no free port.
    pub fn start() -> Self {
        Self::start_at("")
    }

    /// Starts a mock on a free port. It serves all calls below this base path, such as `/.rt/name`, and only there.
    ///
    /// # Panics
    /// If there is no free port.
    pub fn start_at(base_path: &str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("a local address");
        let state = Arc::new(State::new(base_path));
        let acceptor = thread::spawn({
            let state = Arc::clone(&state);
            move || connection::accept(&listener, &state)
        });
        Self {
            address,
            base_path: base_path.to_owned(),
            state,
            acceptor: Mutex::new(Some(acceptor)),
        }
    }

    /// Returns the value of `AWS_LAMBDA_RUNTIME_API`: host and port. With a base path, it is a URL.
    pub fn address(&self) -> String {
        match self.base_path.as_str() {
            "" => self.address.to_string(),
            base_path => format!("http://{}{base_path}", self.address),
        }
    }

    /// Queues an event and waits until the invocation has ended: with a complete response, or with its connection.
    #[track_caller]
    pub fn invoke(&self, event: impl Into<Event>) -> Response {
        self.queue(event).wait()
    }

    /// Queues an event as the response to a `next`.
    pub fn queue(&self, event: impl Into<Event>) -> PendingInvocation {
        let event = event.into();
        let request_id = event.id();
        let invocation = self.state.queue_event(event);
        connection::deliver_queued(&self.state);
        PendingInvocation {
            invocation,
            request_id,
            state: Arc::clone(&self.state),
        }
    }

    /// Queues a response to a `next` that is not an event.
    pub fn respond_to_next(&self, status: u16, body: &str) {
        self.react_to_next(Reaction::Respond(ApiResponse::new(status, body)));
    }

    /// Queues a connection fault as the reaction to a `next`.
    pub fn fail_next(&self, fault: ConnectionFault) {
        self.react_to_next(Reaction::Fault(fault));
    }

    /// Queues the end of the connection as the reaction to a `next`.
    pub fn close_next(&self) {
        self.fail_next(ConnectionFault::closed());
    }

    fn react_to_next(&self, reaction: Reaction) {
        self.state.queue(NextResponse::Reaction(reaction));
        connection::deliver_queued(&self.state);
    }

    /// Sets the response to `POST /init/error`.
    pub fn respond_to_init_error(&self, status: u16, body: &str) {
        let reaction = Reaction::Respond(ApiResponse::new(status, body));
        self.state.react_to_init_error(reaction);
    }

    /// Injects a fault when `POST /init/error` is complete.
    pub fn fail_init_error(&self, fault: ConnectionFault) {
        self.state.react_to_init_error(Reaction::Fault(fault));
    }

    /// Refuses new connections. Open connections stay open.
    ///
    /// # Panics
    /// If the port stays open.
    pub fn refuse_connections(&self) {
        self.stop_accepting();
        // A process that another thread is starting inherits the listening socket until it executes its program.
        let end = Instant::now() + WAIT_TIMEOUT;
        while TcpStream::connect(self.address).is_ok() {
            assert!(Instant::now() < end, "{} stays open", self.address);
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn stop_accepting(&self) {
        self.state.refuse_connections();
        // Wakes the accepting thread, which then closes the port.
        drop(TcpStream::connect(self.address));
        let acceptor = self.acceptor.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(acceptor) = acceptor {
            let _ = acceptor.join();
        }
    }

    /// Waits until a `next` waits for an event, which means that the previous invocation is over.
    #[track_caller]
    pub fn wait_for_next(&self) {
        self.wait_for_next_calls(1);
    }

    /// Waits until `count` `next` calls wait at the same time.
    #[track_caller]
    pub fn wait_for_next_calls(&self, count: usize) {
        self.state.wait_for_polls(count);
    }

    /// Waits until the mock has written this many parts of responses to `next`. The bytes before a pause are one part, the
    /// bytes after it, and those of a fault, are another.
    #[track_caller]
    pub fn wait_for_parts(&self, count: usize) {
        self.state.wait_for_parts(count);
    }

    /// Waits for `POST /init/error` and returns it.
    #[track_caller]
    pub fn wait_for_init_error(&self) -> Response {
        self.state.wait_for_post(ResponseKind::InitError)
    }

    /// Waits for `POST /restore/error` and returns it.
    #[track_caller]
    pub fn wait_for_restore_error(&self) -> Response {
        self.state.wait_for_post(ResponseKind::RestoreError)
    }

    /// Waits for a protocol violation of the peer. It then no longer fails the test.
    #[track_caller]
    pub fn wait_for_violation(&self) -> String {
        self.state.wait_for_violation()
    }

    /// Returns all requests so far, in the order in which they started.
    pub fn requests(&self) -> Vec<Request> {
        self.state.requests()
    }

    /// Returns the short names of all requests so far, such as `next`, `response`, `error`, `init/error`.
    pub fn calls(&self) -> Vec<String> {
        let requests = self.state.requests();
        requests
            .iter()
            .map(|request| {
                match Call::parse(
                    &request.method,
                    request.path.strip_prefix(&self.base_path).unwrap_or_default(),
                ) {
                    Some(call) => call.to_string(),
                    None => format!("{} {}", request.method, request.path),
                }
            })
            .collect()
    }

    /// Returns the number of TCP connections accepted so far.
    pub fn connections(&self) -> usize {
        self.state.connections()
    }

    /// Describes all requests so far.
    pub fn summary(&self) -> String {
        self.state.summary()
    }
}

impl Drop for MockRuntimeApi {
    fn drop(&mut self) {
        self.state.close();
        self.stop_accepting();
        if self.state.has_violations() && !thread::panicking() {
            panic!("protocol violation\n{}", self.state.summary());
        }
    }
}

/// An invocation whose event is queued or delivered.
pub struct PendingInvocation {
    invocation: usize,
    request_id: Option<String>,
    state: Arc<State>,
}

impl PendingInvocation {
    /// Returns the request id of the event, or an empty string if it has none.
    pub fn request_id(&self) -> &str {
        self.request_id.as_deref().unwrap_or_default()
    }

    /// Waits for the delivery of the event and returns its time.
    #[track_caller]
    pub fn wait_for_delivery(&self) -> Instant {
        self.state.wait_for_delivery(self.invocation)
    }

    /// Waits until the last byte of the event has been written.
    #[track_caller]
    pub fn wait_until_sent(&self) {
        self.state.wait_until_sent(self.invocation);
    }

    /// Waits for the first bytes of the response's body and returns them.
    #[track_caller]
    pub fn first_bytes(&self) -> Vec<u8> {
        self.wait_for_body(|body| !body.is_empty())
    }

    /// Waits until `condition` holds for the body received so far, and returns that body. Panics if the response ends
    /// before.
    #[track_caller]
    pub fn wait_for_body(&self, condition: impl FnMut(&[u8]) -> bool) -> Vec<u8> {
        self.state.wait_for_body(self.invocation, condition)
    }

    /// Waits until the body has this length, including discarded bytes. Panics if the response ends before.
    #[track_caller]
    pub fn wait_for_length(&self, length: usize) {
        self.state.wait_for_length(self.invocation, length);
    }

    /// Waits until the invocation has ended, as [`MockRuntimeApi::invoke`] does. A process that exits before it starts a
    /// response does not end its invocation: wait for the process instead.
    #[track_caller]
    pub fn wait(&self) -> Response {
        self.state.wait_for_response(self.invocation)
    }
}

#[cfg(test)]
mod tests;
