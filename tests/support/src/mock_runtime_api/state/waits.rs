//! The methods that tests call: queue events, wait, and inspect requests. Each wait has a timeout and ends at a violation.

use std::net::Shutdown;
use std::time::Instant;

use super::State;
use super::records::{Exchange, Invocation, NextResponse, Records};
use crate::WAIT_TIMEOUT;
use crate::http::Fields;
use crate::mock_runtime_api::api_response::Reaction;
use crate::mock_runtime_api::event::Event;
use crate::mock_runtime_api::response::{Response, ResponseKind};

/// A request that the mock received.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The path in the request line.
    pub path: String,
    /// The headers in the order received.
    pub headers: Fields,
    /// The number of the connection, counted from 1.
    pub connection: usize,
    /// When the first byte arrived.
    pub at: Instant,
    /// When the mock responded, if it has.
    pub responded_at: Option<Instant>,
    /// The status of the response, if there is one.
    pub status: Option<u16>,
}

impl State {
    /// Queues an event and returns the number of its invocation.
    pub(crate) fn queue_event(&self, event: Event) -> usize {
        self.records.change(|records| {
            records.invocations.push(Invocation {
                event,
                delivered_at: None,
                sent: false,
                response: None,
            });
            let invocation = records.invocations.len() - 1;
            records.next_responses.push_back(NextResponse::Event(invocation));
            invocation
        })
    }

    /// Sets the reaction to `POST /init/error`.
    pub(crate) fn react_to_init_error(&self, reaction: Reaction) {
        self.records.change(|records| records.init_error = Some(reaction));
    }

    /// Queues a response to `next`.
    pub(crate) fn queue(&self, response: NextResponse) {
        self.records
            .change(|records| records.next_responses.push_back(response));
    }

    /// Waits for the end of an invocation.
    #[track_caller]
    pub(crate) fn wait_for_response(&self, invocation: usize) -> Response {
        self.wait("the end of the invocation", |records| {
            let Invocation {
                response, delivered_at, ..
            } = &records.invocations[invocation];
            records.exchanges[(*response)?].response(*delivered_at)
        })
    }

    /// Waits for the delivery of an event and returns its time.
    #[track_caller]
    pub(crate) fn wait_for_delivery(&self, invocation: usize) -> Instant {
        self.wait("the delivery of the event", |records| {
            records.invocations[invocation].delivered_at
        })
    }

    /// Waits until the last byte of an event has been written.
    #[track_caller]
    pub(crate) fn wait_until_sent(&self, invocation: usize) {
        self.wait("the last byte of the event", |records| {
            records.invocations[invocation].sent.then_some(())
        });
    }

    /// Waits until this many parts of responses to `next` have been written.
    #[track_caller]
    pub(crate) fn wait_for_parts(&self, count: usize) {
        self.wait(&format!("{count} parts of responses to `next`"), |records| {
            (records.parts_written >= count).then_some(())
        });
    }

    /// Waits until `condition` holds for the body received so far, and returns that body.
    #[track_caller]
    pub(crate) fn wait_for_body(&self, invocation: usize, mut condition: impl FnMut(&[u8]) -> bool) -> Vec<u8> {
        let body = self.wait("a part of the body", |records| {
            let exchange = &records.exchanges[records.invocations[invocation].response?];
            let body = exchange.request.body();
            if condition(body) {
                return Some(Some(body.to_vec()));
            }
            exchange.request.body_end().is_some().then_some(None)
        });
        body.unwrap_or_else(|| {
            panic!(
                "the response ended before its body met the condition\n{}",
                self.summary()
            )
        })
    }

    /// Waits for this length of the body, which may be discarded. The timeout restarts after each megabyte.
    #[track_caller]
    pub(crate) fn wait_for_length(&self, invocation: usize, length: usize) {
        const STEP: usize = 1_000_000;
        for step in (STEP..length).step_by(STEP).chain([length]) {
            let expected = format!("{step} bytes of the body");
            let arrived = self.wait(&expected, |records| {
                let request = &records.exchanges[records.invocations[invocation].response?].request;
                let arrived = request.body_length() >= step;
                (arrived || request.body_end().is_some()).then_some(arrived)
            });
            assert!(arrived, "the response ended before {expected}");
        }
    }

    /// Waits for the first POST of a kind that belongs to no invocation.
    #[track_caller]
    pub(crate) fn wait_for_post(&self, kind: ResponseKind) -> Response {
        self.wait(&format!("a POST of kind {kind:?}"), |records| {
            let mut posts = records.exchanges.iter();
            let post = posts.find(|exchange| exchange.kind() == Some(kind))?;
            post.response(None)
        })
    }

    /// Waits for `count` waiting `next` calls.
    #[track_caller]
    pub(crate) fn wait_for_polls(&self, count: usize) {
        self.wait(&format!("{count} waiting `next` calls"), |records| {
            (records.polls.len() >= count).then_some(())
        });
    }

    /// Waits until no `next` call is waiting.
    #[track_caller]
    pub(crate) fn wait_for_no_poll(&self) {
        self.wait("the end of all waiting `next` calls", |records| {
            records.polls.is_empty().then_some(())
        });
    }

    /// Waits for a violation and removes it, so that it does not fail the test.
    #[track_caller]
    pub(crate) fn wait_for_violation(&self) -> String {
        let violation = self.records.wait_until(WAIT_TIMEOUT, |records| {
            (!records.violations.is_empty()).then(|| records.violations.remove(0))
        });
        violation.unwrap_or_else(|| panic!("no protocol violation\n{}", self.summary()))
    }

    /// Whether there are violations that no test has waited for.
    pub(crate) fn has_violations(&self) -> bool {
        self.records.read(|records| !records.violations.is_empty())
    }

    /// Returns the number of connections accepted so far.
    pub(crate) fn connections(&self) -> usize {
        self.records.read(|records| records.connections)
    }

    /// Waits until at most `limit` of the accepted connections are open.
    #[cfg(test)]
    pub(crate) fn wait_until_open(&self, limit: usize) {
        let open = |records: &mut Records| (records.connections > 0 && records.open.len() <= limit).then_some(());
        let found = self.records.wait_until(WAIT_TIMEOUT, open);
        found.unwrap_or_else(|| panic!("connections stay open\n{}", self.summary()));
    }

    /// Returns all requests whose head is complete.
    pub(crate) fn requests(&self) -> Vec<Request> {
        let request = |exchange: &Exchange| {
            let head = exchange.request.head()?;
            Some(Request {
                method: head.method.clone(),
                path: head.path.clone(),
                headers: head.headers.clone(),
                connection: exchange.connection,
                at: exchange.at,
                responded_at: exchange.response.map(|(_, at)| at),
                status: exchange.response.map(|(status, _)| status),
            })
        };
        self.records
            .read(|records| records.exchanges.iter().filter_map(request).collect())
    }

    /// Refuses new connections.
    pub(crate) fn refuse_connections(&self) {
        self.records.change(|records| records.refuses_connections = true);
    }

    /// Waits until the mock is dropped.
    pub(crate) fn wait_for_close(&self) {
        while self
            .records
            .wait_until(WAIT_TIMEOUT, |records| records.closing.then_some(()))
            .is_none()
        {}
    }

    /// Closes all connections and refuses new ones.
    pub(crate) fn close(&self) {
        self.records.change(|records| {
            records.refuses_connections = true;
            records.closing = true;
            for stream in records.open.values() {
                let _ = stream.shutdown(Shutdown::Both);
            }
        });
    }

    /// Waits for `condition`. Panics at a violation and after the timeout.
    #[track_caller]
    pub(super) fn wait<R>(&self, expected: &str, mut condition: impl FnMut(&mut Records) -> Option<R>) -> R {
        let found = self.records.wait_until(WAIT_TIMEOUT, |records| {
            if records.violations.is_empty() {
                condition(records).map(Some)
            } else {
                Some(None)
            }
        });
        match found {
            Some(Some(found)) => found,
            Some(None) => panic!("protocol violation while waiting for {expected}\n{}", self.summary()),
            None => panic!("waited {WAIT_TIMEOUT:?} for {expected}\n{}", self.summary()),
        }
    }
}
