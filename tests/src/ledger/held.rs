//! The calls of a start-up that wait for something else than an event: an extension's, and a snapshot's.

use std::sync::Arc;
use std::time::Instant;

use super::Ledger;
use super::records::{Delivery, Plan, Records, Refused};
use crate::call::Call;
use crate::event::Reception;
use crate::reply::Reply;

const IDENTIFIER: &str = "Lambda-Extension-Identifier";
const IDENTITY: &str = "00000000-0000-4000-9000-000000000001";

/// What Lambda says to an extension that it takes.
pub(crate) fn registered() -> Reply {
    Reply::new(200, r#"{"functionName":"under-test"}"#).header(IDENTIFIER, IDENTITY)
}

impl Records {
    /// Decides on a call that Lambda takes only before the first `next`.
    pub(super) fn plan_start_up(&mut self, call: &Call, exchange: usize) -> Result<Plan, Refused> {
        let before = self.exchanges.iter().filter_map(|exchange| exchange.call.as_ref());
        if *call != Call::ExtensionEvent && before.clone().any(|before| *before == Call::Next) {
            let fault = format!("{call} after the first `next`");
            return Err(Refused::new(fault, 403, "Extension.InvalidStateTransition"));
        }
        let header = |name| {
            let head = self.exchanges[exchange].incoming.head();
            head.and_then(|head| head.headers.get(name))
        };
        match call {
            Call::Register if header("Lambda-Extension-Name").is_none_or(str::is_empty) => Err(Refused::new(
                "an extension without a name",
                400,
                "Extension.InvalidExtensionName",
            )),
            Call::Register => {
                let scripted = self.registration.clone();
                Ok(Plan::Receive(
                    scripted.unwrap_or_else(|| Reception::at_the_end(registered())),
                ))
            }
            Call::ExtensionEvent if header(IDENTIFIER) != Some(IDENTITY) => Err(Refused::new(
                "an extension that is not registered",
                403,
                "Extension.UnknownExtensionIdentifier",
            )),
            _ => Ok(Plan::Hold),
        }
    }
}

impl Records {
    /// The place of the first such call among those that wait.
    fn held_as(&self, call: &Call) -> Option<usize> {
        let mut held = self.held.iter();
        held.position(|held| self.exchanges[*held].call.as_ref() == Some(call))
    }

    /// Answers a call that waited; `None` when its connection is gone.
    fn answer(&mut self, exchange: usize, reply: &Reply) -> Option<Delivery> {
        let exchange = &mut self.exchanges[exchange];
        let stream = Arc::clone(self.open.get(&exchange.connection)?);
        exchange.finished = true;
        exchange.answered = Some((reply.status, Instant::now()));
        Some(Delivery {
            stream,
            bytes: reply.to_bytes(),
            pause: None,
            then: None,
            invocation: None,
        })
    }
}

impl Ledger {
    /// A call waits for its answer from now on.
    pub(crate) fn hold(&self, exchange: usize) {
        self.records.change(|records| records.held.push(exchange));
    }

    /// How a registration is received from now on.
    pub(crate) fn receive_registration(&self, reception: Reception) {
        self.records.change(|records| records.registration = Some(reception));
    }

    /// Waits until such a call waits.
    #[track_caller]
    pub(crate) fn wait_until_held(&self, call: &Call) {
        self.wait(&format!("a waiting {call}"), |records| records.held_as(call).map(drop));
    }

    /// Answers such a call.
    pub(crate) fn release(&self, call: &Call, reply: &Reply) -> Vec<Delivery> {
        self.records.change(|records| {
            let Some(place) = records.held_as(call) else {
                return Vec::new();
            };
            let held = records.held.remove(place);
            records.answer(held, reply).into_iter().collect()
        })
    }
}
