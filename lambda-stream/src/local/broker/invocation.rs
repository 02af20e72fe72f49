//! A new invocation, and its two ends: the front end's [`InvocationHandle`] and the Runtime API's [`Responder`].

use std::convert::Infallible;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::response::{self, FunctionResponse, ResponseEnd, ResponseSender};
use crate::local::activity::Activity;
use crate::local::activity::event::{Event, InvocationError, RequestInfo};
use crate::local::identifiers::{self, RequestId};
use crate::local::variables;

/// An invocation, with the metadata that the Runtime API delivers in headers.
#[derive(Clone, Debug)]
pub(crate) struct NewInvocation {
    pub(crate) id: RequestId,
    /// The request, with the event.
    pub(crate) request: Arc<RequestInfo>,
    pub(crate) function_arn: String,
    pub(crate) trace_id: String,
    /// JSON.
    pub(crate) client_context: Option<String>,
    pub(crate) tenant_id: Option<String>,
}

impl NewInvocation {
    /// Returns an invocation of the unqualified function, with a new trace id.
    pub(crate) fn new(id: RequestId, request: RequestInfo) -> Self {
        Self {
            id,
            request: Arc::new(request),
            function_arn: variables::function_arn(None),
            trace_id: identifiers::trace_header(),
            client_context: None,
            tenant_id: None,
        }
    }
}

/// Returns the two ends of a new invocation.
pub(super) fn channel(id: RequestId, activity: Arc<Activity>) -> (Responder, InvocationHandle) {
    let (response_sender, response) = oneshot::channel();
    let (completion_sender, completed) = oneshot::channel();
    let responder = Responder {
        response: response_sender,
        end: ResponseEnd::new(id.clone(), Arc::clone(&activity)),
        guard: CompletionGuard {
            id: id.clone(),
            activity: Arc::clone(&activity),
            polls_before: 0,
            _sender: completion_sender,
        },
    };
    let handle = InvocationHandle {
        response,
        completed,
        status: StatusGuard {
            id,
            activity,
            is_recorded: false,
        },
    };
    (responder, handle)
}

/// The front end's end of an invocation.
pub(crate) struct InvocationHandle {
    response: oneshot::Receiver<FunctionResponse>,
    /// Receives no value: the drop of the sender signals completion.
    completed: oneshot::Receiver<Infallible>,
    status: StatusGuard,
}

impl InvocationHandle {
    /// Waits until the response is available. If it streams, its body may still be incomplete.
    pub(crate) async fn response(&mut self) -> FunctionResponse {
        (&mut self.response)
            .await
            .unwrap_or_else(|_| FunctionResponse::Failed(InvocationError::truncated()))
    }

    /// Records the HTTP status that the front end sends to the caller.
    pub(crate) fn set_status(&mut self, status: http::StatusCode) {
        self.status.record(Some(status.as_u16()));
    }

    /// Waits until the invocation is complete: the response has ended, and the function has polled for the next event
    /// or lost its connection.
    pub(crate) async fn completed(&mut self) {
        let _ = (&mut self.completed).await;
    }
}

/// Records the status of the front end, also if the caller disconnects and the front end drops its handle.
struct StatusGuard {
    id: RequestId,
    activity: Arc<Activity>,
    is_recorded: bool,
}

impl StatusGuard {
    fn record(&mut self, status: Option<u16>) {
        if !std::mem::replace(&mut self.is_recorded, true) {
            let id = self.id.clone();
            self.activity.record(Event::StatusSent { id, status });
        }
    }
}

impl Drop for StatusGuard {
    fn drop(&mut self) {
        self.record(None);
    }
}

/// Sends the response of one invocation. If it is dropped without a response, the invocation fails as truncated.
pub(crate) struct Responder {
    response: oneshot::Sender<FunctionResponse>,
    end: ResponseEnd,
    guard: CompletionGuard,
}

impl Responder {
    /// Records the number of polls that had begun when the function received the event.
    pub(super) fn set_polls_before(&mut self, polls: u64) {
        self.guard.polls_before = polls;
    }

    /// Sends a complete response.
    pub(crate) fn respond(self, payload: bytes::Bytes) -> CompletionGuard {
        let Self {
            response,
            mut end,
            guard,
        } = self;
        end.start(None);
        end.chunk(&payload);
        end.record(None);
        // The front end may have dropped its handle because the caller disconnected. The function does not notice.
        let _ = response.send(FunctionResponse::Buffered(payload));
        guard
    }

    /// Fails the invocation.
    pub(crate) fn fail(self, error: InvocationError) -> CompletionGuard {
        let Self {
            response,
            mut end,
            guard,
        } = self;
        end.record(Some(error.clone()));
        let _ = response.send(FunctionResponse::Failed(error));
        guard
    }

    /// Starts a streaming response.
    pub(crate) fn stream(self, content_type: String) -> (ResponseSender, CompletionGuard) {
        let Self { response, end, guard } = self;
        end.start(Some(content_type.clone()));
        let (sender, body) = response::channel(end);
        let _ = response.send(FunctionResponse::Streaming { content_type, body });
        (sender, guard)
    }
}

/// Keeps an invocation with a response from being complete. Dropping the guard completes the invocation.
pub(crate) struct CompletionGuard {
    id: RequestId,
    activity: Arc<Activity>,
    polls_before: u64,
    _sender: oneshot::Sender<Infallible>,
}

impl CompletionGuard {
    pub(super) fn id(&self) -> &RequestId {
        &self.id
    }

    /// Returns the number of polls that had begun when the function received the event.
    pub(super) fn polls_before(&self) -> u64 {
        self.polls_before
    }
}

impl Drop for CompletionGuard {
    fn drop(&mut self) {
        let id = self.id.clone();
        self.activity.record(Event::Completed { id });
    }
}
