//! The records themselves, and the Runtime API's rules on the order of calls. No lock and no waiting here.

use std::collections::{HashMap, VecDeque};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::answer::{Answer, Kind};
use crate::broken::Broken;
use crate::call::Call;
use crate::event::{Event, Reception};
use crate::reply::{Reaction, Reply};
use crate::shown::shown;
use crate::wire::Incoming;

/// The most bytes of a request that a fault or a report shows.
pub(super) const SHOWN: usize = 2048;

/// What a `next` is answered with.
pub(crate) enum NextAnswer {
    /// The event of the invocation of this number.
    Event(usize),
    /// Whatever a test scripted.
    Reaction(Reaction),
}

/// What a waiting `next` gets. `Ledger::take_deliveries` gives them.
pub(crate) struct Delivery {
    pub(crate) stream: Arc<TcpStream>,
    pub(crate) bytes: Vec<u8>,
    /// After so many of the bytes, so long.
    pub(crate) pause: Option<(usize, Duration)>,
    /// What then befalls the connection.
    pub(crate) then: Option<Broken>,
    /// The invocation whose event it is.
    pub(crate) invocation: Option<usize>,
}

/// What is to be done with a request whose head is whole.
pub(crate) enum Plan {
    /// It is a `next`.
    AwaitEvent,
    /// It has its answer when the test says so.
    Hold,
    /// It is to be read to its end and answered.
    Receive(Reception),
}

/// A call that Lambda refuses, which is a fault of the runtime.
pub(super) struct Refused {
    pub(super) fault: String,
    pub(super) reply: Reply,
}

impl Refused {
    pub(super) fn new(fault: impl Into<String>, status: u16, error_type: &str) -> Self {
        let fault = fault.into();
        let reply = Reply::refusal(status, error_type, &fault);
        Self { fault, reply }
    }
}

/// A request, from its first byte on, and what it was answered with.
pub(super) struct Exchange {
    pub(super) connection: usize,
    pub(super) at: Instant,
    pub(super) incoming: Incoming,
    pub(super) call: Option<Call>,
    pub(super) answered: Option<(u16, Instant)>,
    /// Answered, or its connection has ended.
    pub(super) finished: bool,
}

/// An event, queued or handed out.
pub(super) struct Invocation {
    pub(super) event: Event,
    pub(super) delivered_at: Option<Instant>,
    /// Its event is on the connection, to its last byte.
    pub(super) sent: bool,
    /// Of the POST that answers it.
    pub(super) answer: Option<usize>,
}

/// Everything, in the order in which it came.
#[derive(Default)]
pub(super) struct Records {
    pub(super) upcoming: VecDeque<NextAnswer>,
    /// In place of the answer to a `POST /init/error`.
    pub(super) init_error: Option<Reaction>,
    /// Exchanges that are a `next` without its answer.
    pub(super) polls: VecDeque<usize>,
    /// Exchanges that wait for something else than an event.
    pub(super) held: Vec<usize>,
    /// What a registration is answered with, where a test says so.
    pub(super) registration: Option<Reception>,
    pub(super) exchanges: Vec<Exchange>,
    pub(super) invocations: Vec<Invocation>,
    pub(super) faults: Vec<String>,
    pub(super) connections: usize,
    pub(super) open: HashMap<usize, Arc<TcpStream>>,
    pub(super) refusing: bool,
    pub(super) closing: bool,
}

impl Exchange {
    /// `None` when it is no POST that carries an answer or an error.
    pub(super) fn kind(&self) -> Option<Kind> {
        match self.call.as_ref()? {
            Call::Response(_) => Some(Kind::Response),
            Call::Error(_) => Some(Kind::Error),
            Call::InitError => Some(Kind::InitError),
            Call::RestoreError => Some(Kind::RestoreError),
            Call::Register => Some(Kind::Registration),
            Call::Next | Call::RestoreNext | Call::ExtensionEvent => None,
        }
    }

    /// `None` as long as it is not through.
    pub(super) fn answer(&self, delivered_at: Option<Instant>) -> Option<Answer> {
        let kind = self.kind().filter(|_| self.finished)?;
        let status = self.answered.map(|(status, _)| status);
        let incoming = self.incoming.clone();
        Some(Answer::new(kind, incoming, delivered_at, self.at, status))
    }

    /// The name of a trailer that no `Trailer` header announced.
    pub(super) fn undeclared_trailer(&self) -> Option<String> {
        let declared = &self.incoming.head()?.headers;
        let mut trailers = self.incoming.trailers().iter();
        let (name, _) = trailers.find(|(name, _)| !declared.list_has("Trailer", name))?;
        Some(name.to_owned())
    }
}

impl Records {
    /// Records a fault, with what came of the request that it is about.
    pub(super) fn fault(&mut self, exchange: usize, fault: &str) {
        let shown = shown(self.exchanges[exchange].incoming.raw(), SHOWN);
        let connection = self.exchanges[exchange].connection;
        self.faults
            .push(format!("{fault} (connection {connection}: \"{shown}\")"));
    }

    /// Decides on a request whose head is whole, and notes what it is.
    pub(super) fn plan(&mut self, exchange: usize) -> Result<Plan, Refused> {
        let Some(head) = self.exchanges[exchange].incoming.head() else {
            return Err(Refused::new("a request without a head", 400, "BadRequest"));
        };
        let Some(call) = Call::of(&head.method, &head.path) else {
            let fault = format!("no such call: {} {}", head.method, head.path);
            return Err(Refused::new(fault, 404, "NotFound"));
        };
        let mode = head.headers.get("Lambda-Runtime-Function-Response-Mode");
        if let Some(mode) = mode.filter(|mode| *mode != "streaming") {
            let fault = format!("a response mode that Lambda does not know: {mode}");
            return Err(Refused::new(fault, 400, "InvalidFunctionResponseMode"));
        }
        self.exchanges[exchange].call = Some(call.clone());
        match call {
            Call::Next if self.exchanges[exchange].incoming.ending().is_none() => {
                Err(Refused::new("a GET with a body", 400, "BadRequest"))
            }
            Call::Next => Ok(Plan::AwaitEvent),
            Call::Response(id) | Call::Error(id) => self.answer_invocation(&id, exchange).map(Plan::Receive),
            Call::Register | Call::ExtensionEvent | Call::RestoreNext => self.plan_start_up(&call, exchange),
            Call::InitError => {
                let reaction = self.init_error.take();
                let reaction = reaction.unwrap_or_else(|| Reaction::Whole(Reply::accepted()));
                Ok(Plan::Receive(Reception::reacting(reaction)))
            }
            Call::RestoreError => Ok(Plan::Receive(Reception::at_the_end(Reply::accepted()))),
        }
    }

    /// Makes a request the answer to its invocation; only the first one can be.
    fn answer_invocation(&mut self, id: &str, exchange: usize) -> Result<Reception, Refused> {
        let delivered = self
            .invocations
            .iter_mut()
            .rev()
            .find(|invocation| invocation.delivered_at.is_some() && invocation.event.id().as_deref() == Some(id));
        let Some(invocation) = delivered else {
            let fault = format!("no invocation with the request id {id} was handed out");
            return Err(Refused::new(fault, 400, "InvalidRequestID"));
        };
        if invocation.answer.is_some() {
            let fault = format!("the invocation {id} has been answered, or is being answered");
            return Err(Refused::new(fault, 403, "InvalidStateTransition"));
        }
        invocation.answer = Some(exchange);
        let reception = invocation.event.reception.clone();
        if reception.forgets {
            self.exchanges[exchange].incoming.forget();
        }
        Ok(reception)
    }

    /// Matches the longest waiting `next` with what is queued longest.
    pub(super) fn delivery(&mut self) -> Option<Delivery> {
        if self.polls.is_empty() || self.upcoming.is_empty() {
            return None;
        }
        let (poll, answer) = (self.polls.pop_front()?, self.upcoming.pop_front()?);
        let exchange = &mut self.exchanges[poll];
        let stream = Arc::clone(self.open.get(&exchange.connection)?);
        let now = Instant::now();
        exchange.finished = true;
        let number = match answer {
            NextAnswer::Event(number) => Some(number),
            NextAnswer::Reaction(_) => None,
        };
        let (status, bytes, pause, then) = match answer {
            NextAnswer::Event(invocation) => {
                let invocation = &mut self.invocations[invocation];
                invocation.delivered_at = Some(now);
                let Event { delivery, .. } = &invocation.event;
                (
                    Some(200),
                    invocation.event.to_bytes(),
                    delivery.pause,
                    delivery.then.clone(),
                )
            }
            NextAnswer::Reaction(Reaction::Whole(reply)) => (Some(reply.status), reply.to_bytes(), None, None),
            NextAnswer::Reaction(Reaction::Broken(broken)) => (None, Vec::new(), None, Some(broken)),
        };
        exchange.answered = status.map(|status| (status, now));
        Some(Delivery {
            stream,
            bytes,
            pause,
            then,
            invocation: number,
        })
    }
}
