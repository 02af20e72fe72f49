//! The calls of the start-up phase that wait for something other than an event: an extension's event, and a SnapStart
//! restore.

use std::sync::Arc;
use std::time::Instant;

use super::State;
use super::records::{Delivery, Plan, Records, Rejected};
use crate::mock_runtime_api::api_response::ApiResponse;
use crate::mock_runtime_api::call::Call;
use crate::mock_runtime_api::event::ReceptionScript;

const IDENTIFIER_HEADER: &str = "Lambda-Extension-Identifier";
const IDENTIFIER: &str = "00000000-0000-4000-9000-000000000001";

/// Returns the response to the registration of an extension.
pub(crate) fn registration_accepted() -> ApiResponse {
    ApiResponse::new(200, r#"{"functionName":"under-test"}"#).header(IDENTIFIER_HEADER, IDENTIFIER)
}

impl Records {
    /// Decides how to handle a call that Lambda accepts only before the first `next`.
    pub(super) fn plan_startup(&mut self, call: &Call, exchange: usize) -> Result<Plan, Rejected> {
        let mut earlier = self.exchanges.iter().filter_map(|exchange| exchange.call.as_ref());
        if *call != Call::ExtensionEvent && earlier.any(|earlier| *earlier == Call::Next) {
            let violation = format!("{call} after the first `next`");
            return Err(Rejected::new(violation, 403, "Extension.InvalidStateTransition"));
        }
        let header = |name| {
            let head = self.exchanges[exchange].request.head();
            head.and_then(|head| head.headers.get(name))
        };
        match call {
            Call::RegisterExtension if header("Lambda-Extension-Name").is_none_or(str::is_empty) => Err(Rejected::new(
                "an extension without a name",
                400,
                "Extension.InvalidExtensionName",
            )),
            Call::RegisterExtension => {
                let scripted = self.registration.clone();
                Ok(Plan::Receive(
                    scripted.unwrap_or_else(|| ReceptionScript::respond(registration_accepted())),
                ))
            }
            Call::ExtensionEvent if header(IDENTIFIER_HEADER) != Some(IDENTIFIER) => Err(Rejected::new(
                "an extension that is not registered",
                403,
                "Extension.UnknownExtensionIdentifier",
            )),
            _ => Ok(Plan::Hold),
        }
    }

    /// Returns the index in `held` of the first call of this kind.
    fn held_position(&self, call: &Call) -> Option<usize> {
        let mut held = self.held.iter();
        held.position(|held| self.exchanges[*held].call.as_ref() == Some(call))
    }

    /// Responds to a held call. Returns `None` if its connection is closed.
    fn respond(&mut self, exchange: usize, response: &ApiResponse) -> Option<Delivery> {
        let exchange = &mut self.exchanges[exchange];
        let stream = Arc::clone(self.open.get(&exchange.connection)?);
        exchange.finished = true;
        exchange.response = Some((response.status, Instant::now()));
        Some(Delivery {
            stream,
            bytes: response.to_bytes(),
            pause: None,
            fault: None,
            invocation: None,
        })
    }
}

impl State {
    /// Holds a call until the test releases it.
    pub(crate) fn hold(&self, exchange: usize) {
        self.records.change(|records| records.held.push(exchange));
    }

    /// Sets the script for the registration of an extension.
    pub(crate) fn script_registration(&self, reception: ReceptionScript) {
        self.records.change(|records| records.registration = Some(reception));
    }

    /// Waits until a call of this kind is held.
    #[track_caller]
    pub(crate) fn wait_until_held(&self, call: &Call) {
        self.wait(&format!("a waiting {call}"), |records| {
            records.held_position(call).map(drop)
        });
    }

    /// Responds to the first held call of this kind.
    pub(crate) fn release(&self, call: &Call, response: &ApiResponse) -> Vec<Delivery> {
        self.records.change(|records| {
            let Some(position) = records.held_position(call) else {
                return Vec::new();
            };
            let held = records.held.remove(position);
            records.respond(held, response).into_iter().collect()
        })
    }
}
