//! The records of the mock and the Runtime API's rules on the order of calls. This file neither locks nor waits.

use std::collections::{HashMap, VecDeque};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::http::{RecordedRequest, escape};
use crate::mock_runtime_api::api_response::{ApiResponse, Reaction};
use crate::mock_runtime_api::call::Call;
use crate::mock_runtime_api::event::{Event, ReceptionScript};
use crate::mock_runtime_api::fault_injection::ConnectionFault;
use crate::mock_runtime_api::response::{Response, ResponseKind};

/// The number of bytes of a request that a message quotes.
pub(super) const QUOTE_LIMIT: usize = 2048;

/// A queued response to `next`.
pub(crate) enum NextResponse {
    /// The event of the invocation with this number.
    Event(usize),
    /// A reaction that the test scripted.
    Reaction(Reaction),
}

/// A response to write to a waiting call.
pub(crate) struct Delivery {
    pub(crate) stream: Arc<TcpStream>,
    pub(crate) bytes: Vec<u8>,
    /// The number of bytes after which to pause, and for how long.
    pub(crate) pause: Option<(usize, Duration)>,
    /// The fault after the last byte.
    pub(crate) fault: Option<ConnectionFault>,
    /// The invocation, if the bytes are an event.
    pub(crate) invocation: Option<usize>,
}

/// How to handle a request whose head is complete.
pub(crate) enum Plan {
    /// It is a `next`: queue it.
    AwaitEvent,
    /// Respond when the test releases it.
    Hold,
    /// Read it to its end and respond.
    Receive(ReceptionScript),
}

/// A request that Lambda rejects, which is a violation.
pub(super) struct Rejected {
    pub(super) violation: String,
    pub(super) response: ApiResponse,
}

impl Rejected {
    pub(super) fn new(violation: impl Into<String>, status: u16, error_type: &str) -> Self {
        let violation = violation.into();
        let response = ApiResponse::rejection(status, error_type, &violation);
        Self { violation, response }
    }
}

/// A request, from its first byte on, and the mock's response.
pub(super) struct Exchange {
    pub(super) connection: usize,
    pub(super) at: Instant,
    pub(super) request: RecordedRequest,
    pub(super) call: Option<Call>,
    /// The status and the time of the response.
    pub(super) response: Option<(u16, Instant)>,
    /// Whether the mock has responded or the connection has ended.
    pub(super) finished: bool,
}

/// An event, queued or delivered.
pub(super) struct Invocation {
    pub(super) event: Event,
    pub(super) delivered_at: Option<Instant>,
    /// Whether the last byte of the event has been written.
    pub(super) sent: bool,
    /// The exchange of the POST that responds to it.
    pub(super) response: Option<usize>,
}

/// All records, in the order in which they were made.
#[derive(Default)]
pub(super) struct Records {
    /// The path below which the mock serves all calls.
    pub(super) base_path: String,
    pub(super) next_responses: VecDeque<NextResponse>,
    /// The reaction to `POST /init/error`, if it is scripted.
    pub(super) init_error: Option<Reaction>,
    /// The exchanges of `next` calls that wait for a response.
    pub(super) polls: VecDeque<usize>,
    /// The exchanges of other calls that wait for a response.
    pub(super) held: Vec<usize>,
    /// The script for the registration of an extension.
    pub(super) registration: Option<ReceptionScript>,
    pub(super) exchanges: Vec<Exchange>,
    pub(super) invocations: Vec<Invocation>,
    pub(super) violations: Vec<String>,
    /// The number of parts of responses to `next` that have been written.
    pub(super) parts_written: usize,
    /// The number of connections accepted so far.
    pub(super) connections: usize,
    pub(super) open: HashMap<usize, Arc<TcpStream>>,
    pub(super) refuses_connections: bool,
    pub(super) closing: bool,
}

impl Exchange {
    /// Returns `None` if the request is not a POST with a response or an error.
    pub(super) fn kind(&self) -> Option<ResponseKind> {
        match self.call.as_ref()? {
            Call::Response(_) => Some(ResponseKind::Response),
            Call::Error(_) => Some(ResponseKind::Error),
            Call::InitError => Some(ResponseKind::InitError),
            Call::RestoreError => Some(ResponseKind::RestoreError),
            Call::RegisterExtension => Some(ResponseKind::Registration),
            Call::Next | Call::RestoreNext | Call::ExtensionEvent => None,
        }
    }

    /// Returns the POST, once it is finished.
    pub(super) fn response(&self, delivered_at: Option<Instant>) -> Option<Response> {
        let kind = self.kind().filter(|_| self.finished)?;
        let status = self.response.map(|(status, _)| status);
        let request = self.request.clone();
        Some(Response::new(kind, request, delivered_at, self.at, status))
    }

    /// Returns the name of a trailer that the `Trailer` header did not declare.
    pub(super) fn undeclared_trailer(&self) -> Option<String> {
        let headers = &self.request.head()?.headers;
        let mut trailers = self.request.trailers().iter();
        let (name, _) = trailers.find(|(name, _)| !headers.list_contains("Trailer", name))?;
        Some(name.to_owned())
    }
}

impl Records {
    /// Records a violation, with the bytes of its request.
    pub(super) fn add_violation(&mut self, exchange: usize, violation: &str) {
        let quoted = escape(self.exchanges[exchange].request.raw(), QUOTE_LIMIT);
        let connection = self.exchanges[exchange].connection;
        self.violations
            .push(format!("{violation} (connection {connection}: \"{quoted}\")"));
    }

    /// Decides how to handle a request whose head is complete, and records its call.
    pub(super) fn plan(&mut self, exchange: usize) -> Result<Plan, Rejected> {
        let Some(head) = self.exchanges[exchange].request.head() else {
            return Err(Rejected::new("a request without a head", 400, "BadRequest"));
        };
        let path = head.path.strip_prefix(&self.base_path);
        let Some(call) = path.and_then(|path| Call::parse(&head.method, path)) else {
            let violation = format!("unknown call: {} {}", head.method, head.path);
            return Err(Rejected::new(violation, 404, "NotFound"));
        };
        let mode = head.headers.get("Lambda-Runtime-Function-Response-Mode");
        if let Some(mode) = mode.filter(|mode| *mode != "streaming") {
            let violation = format!("unknown response mode: {mode}");
            return Err(Rejected::new(violation, 400, "InvalidFunctionResponseMode"));
        }
        self.exchanges[exchange].call = Some(call.clone());
        match call {
            Call::Next if self.exchanges[exchange].request.body_end().is_none() => {
                Err(Rejected::new("a GET with a body", 400, "BadRequest"))
            }
            Call::Next => Ok(Plan::AwaitEvent),
            Call::Response(id) | Call::Error(id) => self.respond_to_invocation(&id, exchange).map(Plan::Receive),
            Call::RegisterExtension | Call::ExtensionEvent | Call::RestoreNext => self.plan_startup(&call, exchange),
            Call::InitError => {
                let reaction = self.init_error.take();
                let reaction = reaction.unwrap_or_else(|| Reaction::Respond(ApiResponse::accepted()));
                Ok(Plan::Receive(ReceptionScript::react(reaction)))
            }
            Call::RestoreError => Ok(Plan::Receive(ReceptionScript::respond(ApiResponse::accepted()))),
        }
    }

    /// Assigns a request to its invocation. Each invocation can have only one response or error.
    fn respond_to_invocation(&mut self, id: &str, exchange: usize) -> Result<ReceptionScript, Rejected> {
        let invocation = self
            .invocations
            .iter_mut()
            .rev()
            .find(|invocation| invocation.delivered_at.is_some() && invocation.event.id().as_deref() == Some(id));
        let Some(invocation) = invocation else {
            let violation = format!("no invocation with the request id {id} was delivered");
            return Err(Rejected::new(violation, 400, "InvalidRequestID"));
        };
        if invocation.response.is_some() {
            let violation = format!("the invocation {id} already has a response");
            return Err(Rejected::new(violation, 403, "InvalidStateTransition"));
        }
        invocation.response = Some(exchange);
        let reception = invocation.event.reception.clone();
        if reception.discards_body {
            self.exchanges[exchange].request.discard_body();
        }
        Ok(reception)
    }

    /// Matches the oldest waiting `next` with the oldest queued response.
    pub(super) fn take_delivery(&mut self) -> Option<Delivery> {
        if self.polls.is_empty() || self.next_responses.is_empty() {
            return None;
        }
        let (poll, response) = (self.polls.pop_front()?, self.next_responses.pop_front()?);
        let exchange = &mut self.exchanges[poll];
        let stream = Arc::clone(self.open.get(&exchange.connection)?);
        let now = Instant::now();
        exchange.finished = true;
        let number = match response {
            NextResponse::Event(number) => Some(number),
            NextResponse::Reaction(_) => None,
        };
        let (status, bytes, pause, fault) = match response {
            NextResponse::Event(invocation) => {
                let invocation = &mut self.invocations[invocation];
                invocation.delivered_at = Some(now);
                let Event { delivery, .. } = &invocation.event;
                (
                    Some(200),
                    invocation.event.to_bytes(),
                    delivery.pause,
                    delivery.fault.clone(),
                )
            }
            NextResponse::Reaction(Reaction::Respond(response)) => {
                (Some(response.status), response.to_bytes(), None, None)
            }
            NextResponse::Reaction(Reaction::Fault(fault)) => (None, Vec::new(), None, Some(fault)),
        };
        exchange.response = status.map(|status| (status, now));
        Some(Delivery {
            stream,
            bytes,
            pause,
            fault,
            invocation: number,
        })
    }
}
