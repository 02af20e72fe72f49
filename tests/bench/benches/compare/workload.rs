//! The workload of the benchmark: a queue of events, and a channel for each response.

use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use lambda_stream_bench::{LargeEvent, ResponseSpec};
use serde::Serialize;
use test_support::fast_runtime_api::{FastRuntimeApi, ResponseStart, Workload};

use crate::measured_response::{MeasuredResponse, ReadMode};

/// A Runtime API for one function.
pub(crate) struct RuntimeApi {
    api: FastRuntimeApi<Queue>,
    polls: Receiver<Instant>,
}

/// An event, and the length of the response to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TestEvent {
    pub(crate) body: String,
    pub(crate) response_length: u64,
}

struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    polls: Sender<Instant>,
}

#[derive(Default)]
struct State {
    events: VecDeque<Event>,
    /// Why the last connection failed.
    failure: Option<String>,
    closed: bool,
}

struct Event {
    body: String,
    invocation: Invocation,
}

struct Invocation {
    mode: ReadMode,
    sender: Sender<MeasuredResponse>,
}

impl RuntimeApi {
    /// Starts a Runtime API on a free port.
    pub(crate) fn start() -> io::Result<Self> {
        let (sender, polls) = mpsc::channel();
        let queue = Queue {
            state: Mutex::default(),
            changed: Condvar::new(),
            polls: sender,
        };
        let api = FastRuntimeApi::start(Arc::new(queue))?;
        Ok(Self { api, polls })
    }

    /// Returns the value of `AWS_LAMBDA_RUNTIME_API`.
    pub(crate) fn address(&self) -> String {
        self.api.address()
    }

    /// Queues an event and returns the receiver of its response.
    pub(crate) fn queue(&self, event: &TestEvent, mode: ReadMode) -> Receiver<MeasuredResponse> {
        let (sender, receiver) = mpsc::channel();
        let queue = self.api.workload();
        queue.lock().events.push_back(Event {
            body: event.body.clone(),
            invocation: Invocation { mode, sender },
        });
        queue.changed.notify_one();
        receiver
    }

    /// Returns the times of the calls of `next`.
    pub(crate) fn polls(&self) -> &Receiver<Instant> {
        &self.polls
    }

    /// Returns why the last connection failed.
    pub(crate) fn failure(&self) -> Option<String> {
        self.api.workload().lock().failure.clone()
    }
}

impl TestEvent {
    /// Returns the event with the specification of a response as JSON.
    pub(crate) fn specification(spec: &ResponseSpec) -> Self {
        Self {
            body: json(spec),
            response_length: spec.length(),
        }
    }

    /// Returns the event of a Function URL with the specification as the body of a POST.
    pub(crate) fn function_url(spec: &ResponseSpec) -> Self {
        let event = serde_json::json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": "/",
            "rawQueryString": "",
            "headers": {
                "content-type": "application/json",
                "host": "bench.lambda-url.eu-central-1.on.aws",
                "x-forwarded-for": "127.0.0.1",
                "x-forwarded-port": "443",
                "x-forwarded-proto": "https",
            },
            "requestContext": {
                "accountId": "anonymous",
                "apiId": "bench",
                "domainName": "bench.lambda-url.eu-central-1.on.aws",
                "domainPrefix": "bench",
                "http": {
                    "method": "POST",
                    "path": "/",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1",
                    "userAgent": "bench",
                },
                "requestId": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
                "routeKey": "$default",
                "stage": "$default",
                "time": "26/Nov/2026:00:00:00 +0000",
                "timeEpoch": 1_795_651_200_000_u64,
            },
            "body": json(spec),
            "isBase64Encoded": false,
        });
        Self {
            body: event.to_string(),
            response_length: spec.length(),
        }
    }

    /// Returns the event of 6 MB, whose response is 16 bytes.
    pub(crate) fn large() -> Self {
        Self {
            body: json(&LargeEvent::create()),
            response_length: 16,
        }
    }
}

fn json(value: &impl Serialize) -> String {
    match serde_json::to_string(value) {
        Ok(text) => text,
        Err(error) => panic!("failed to serialize an event: {error}"),
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Workload for Queue {
    type Invocation = Invocation;
    type Receiver = MeasuredResponse;

    fn next_event(&self) -> Option<(Invocation, String)> {
        // The receiver is dropped with the Runtime API.
        let _ = self.polls.send(Instant::now());
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            if let Some(Event { body, invocation }) = state.events.pop_front() {
                return Some((invocation, body));
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn receive(&self, Invocation { mode, sender }: Invocation, start: &ResponseStart<'_>) -> MeasuredResponse {
        MeasuredResponse::new(start, mode, sender)
    }

    fn finish(&self, response: MeasuredResponse) {
        response.finish();
    }

    fn connection_failed(&self, error: io::Error) {
        self.lock().failure = Some(error.to_string());
    }

    fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }
}
