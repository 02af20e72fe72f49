//! The two ends of an invocation: the front end's [`InvocationHandle`] and the Runtime API's [`Responder`].

use std::convert::Infallible;

use tokio::sync::oneshot;

use super::response::{self, FunctionResponse, InvocationError, ResponseSender};

/// Returns the two ends of a new invocation.
pub(super) fn channel() -> (Responder, InvocationHandle) {
    let (response_sender, response) = oneshot::channel();
    let (completion_sender, completed) = oneshot::channel();
    let responder = Responder {
        response: response_sender,
        guard: CompletionGuard {
            polls_before: 0,
            _sender: completion_sender,
        },
    };
    (responder, InvocationHandle { response, completed })
}

/// The front end's end of an invocation.
pub(crate) struct InvocationHandle {
    response: oneshot::Receiver<FunctionResponse>,
    /// Receives no value: the drop of the sender signals completion.
    completed: oneshot::Receiver<Infallible>,
}

impl InvocationHandle {
    /// Waits until the response is available. If it streams, its body may still be incomplete.
    pub(crate) async fn response(&mut self) -> FunctionResponse {
        (&mut self.response)
            .await
            .unwrap_or_else(|_| FunctionResponse::Failed(InvocationError::truncated()))
    }

    /// Waits until the invocation is complete: the response has ended, and the function has polled for the next event
    /// or lost its connection.
    pub(crate) async fn completed(self) {
        let _ = self.completed.await;
    }
}

/// Sends the response of one invocation. If it is dropped without a response, the invocation fails as truncated.
pub(crate) struct Responder {
    response: oneshot::Sender<FunctionResponse>,
    guard: CompletionGuard,
}

impl Responder {
    /// Records the number of polls that had begun when the function received the event.
    pub(super) fn set_polls_before(&mut self, polls: u64) {
        self.guard.polls_before = polls;
    }

    /// Sends a complete response.
    pub(crate) fn respond(self, response: FunctionResponse) -> CompletionGuard {
        // The front end may have dropped its handle because the caller disconnected. The function does not notice.
        let _ = self.response.send(response);
        self.guard
    }

    /// Starts a streaming response.
    pub(crate) fn stream(self, content_type: String) -> (ResponseSender, CompletionGuard) {
        let (sender, body) = response::channel();
        let guard = self.respond(FunctionResponse::Streaming { content_type, body });
        (sender, guard)
    }
}

/// Keeps an invocation with a response from being complete. Dropping the guard completes the invocation.
pub(crate) struct CompletionGuard {
    polls_before: u64,
    _sender: oneshot::Sender<Infallible>,
}

impl CompletionGuard {
    /// Returns the number of polls that had begun when the function received the event.
    pub(super) fn polls_before(&self) -> u64 {
        self.polls_before
    }
}
