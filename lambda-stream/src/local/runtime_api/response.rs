//! Receives responses and errors from the function and forwards them to the broker.

use std::error::Error;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;

use super::super::activity::event::{EnvironmentId, InvocationError};
use super::super::broker::Broker;
use super::super::broker::invocation::{CompletionGuard, Responder};
use super::super::platform_limits::MAX_BUFFERED_BYTES;
use super::super::server::rejection::drain_body;
use super::replies::{self, log_violation};
use super::reported_error::{decode_error, decode_trailers, trailers_length};
use crate::protocol::{ERROR_TYPE, MAX_TRAILERS_LENGTH, RESPONSE_MODE};

/// A `POST` of a response.
pub(super) struct Call<'a> {
    /// The path without the secret, for the log.
    pub(super) path: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) environment: EnvironmentId,
    pub(super) broker: &'a Broker,
}

impl Call<'_> {
    /// Receives a response in the mode that the header specifies.
    pub(super) async fn receive(&self, body: Incoming, responder: Responder) -> Response<Full<Bytes>> {
        let (guard, reply) = match self.headers.get(RESPONSE_MODE).map(|mode| mode.as_bytes()) {
            None => self.receive_buffered(body, responder).await,
            Some(b"streaming") => self.receive_stream(body, responder).await,
            Some(mode) => {
                drain_body(body);
                let (error, reply) = self.unknown_mode(mode);
                (responder.fail(error), reply)
            }
        };
        self.broker.complete_at_next_poll(self.environment, guard);
        reply
    }

    async fn receive_buffered(
        &self,
        mut body: Incoming,
        responder: Responder,
    ) -> (CompletionGuard, Response<Full<Bytes>>) {
        let limit = self.broker.limits().max_buffered();
        match Limited::new(&mut body, limit.unwrap_or(usize::MAX)).collect().await {
            Ok(payload) => (responder.respond(payload.to_bytes()), replies::accepted()),
            Err(error) if error.is::<LengthLimitError>() => {
                drain_body(body);
                let remedy = "stream the response, whose limit is 200 MB, or send a smaller one";
                let (error, reply) = self.too_large("buffered", limit.unwrap_or(usize::MAX), remedy);
                (responder.fail(error), reply)
            }
            Err(error) => {
                let (error, reply) = self.truncated(&cause(&*error));
                (responder.fail(error), reply)
            }
        }
    }

    async fn receive_stream(
        &self,
        mut body: Incoming,
        responder: Responder,
    ) -> (CompletionGuard, Response<Full<Bytes>>) {
        let content_type = match self.headers.get(CONTENT_TYPE) {
            Some(value) => String::from_utf8_lossy(value.as_bytes()).into_owned(),
            None => "application/octet-stream".to_owned(),
        };
        let (sender, guard) = responder.stream(content_type);
        let limit = self.broker.limits().max_streamed().unwrap_or(usize::MAX);
        // The delay reaches the function, since its connection is not read in the meantime.
        let mut bandwidth = self.broker.limits().bandwidth();
        let mut length = 0;
        let mut trailers = HeaderMap::new();
        let (error, reply) = loop {
            match body.frame().await {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => {
                        length += data.len();
                        if length > limit {
                            drain_body(body);
                            let remedy = "write less, or store the data and send a link to it";
                            let (error, reply) = self.too_large("streaming", limit, remedy);
                            break (Some(error), reply);
                        }
                        bandwidth.acquire(data.len()).await;
                        sender.data(data).await;
                    }
                    Err(frame) => trailers = frame.into_trailers().unwrap_or_default(),
                },
                Some(Err(error)) => {
                    let (error, reply) = self.truncated(&cause(&error));
                    break (Some(error), reply);
                }
                None => break self.finish(&trailers),
            }
        };
        match error {
            Some(error) => sender.fail(error).await,
            None => sender.end().await,
        }
        (guard, reply)
    }

    /// Returns the error in the trailers of a complete stream, and the reply.
    fn finish(&self, trailers: &HeaderMap) -> (Option<InvocationError>, Response<Full<Bytes>>) {
        let length = trailers_length(trailers);
        if length > MAX_TRAILERS_LENGTH {
            let (error, reply) = self.truncated(&format!(
                "the trailers have {length} bytes, and Lambda reads at most {MAX_TRAILERS_LENGTH}: shorten the error body"
            ));
            return (Some(error), reply);
        }
        let trailers = decode_trailers(self.headers, trailers);
        for problem in &trailers.problems {
            log_violation(self.path, problem);
        }
        (trailers.error, replies::accepted())
    }

    fn unknown_mode(&self, mode: &[u8]) -> (InvocationError, Response<Full<Bytes>>) {
        let message = format!(
            "invalid response mode `{}` in `Lambda-Runtime-Function-Response-Mode`: send `streaming`, or omit the header \
             for a buffered response",
            mode.escape_ascii()
        );
        log_violation(
            self.path,
            &format!("rejected with 400 InvalidFunctionResponseMode: {message}"),
        );
        let reply = replies::error(StatusCode::BAD_REQUEST, "InvalidFunctionResponseMode", &message);
        (
            InvocationError::new("Runtime.InvalidResponseModeHeader", message),
            reply,
        )
    }

    /// Returns the error and the reply for a truncated response. `reason` says what to do about it.
    fn truncated(&self, reason: &str) -> (InvocationError, Response<Full<Bytes>>) {
        let error = InvocationError::truncated();
        log_violation(self.path, &format!("{}: {reason}", error.error_type));
        let status = StatusCode::BAD_REQUEST;
        let reply = replies::error(status, "TruncatedHTTPRequest", &format!("{}: {reason}", error.message));
        (error, reply)
    }

    fn too_large(&self, mode: &str, limit: usize, remedy: &str) -> (InvocationError, Response<Full<Bytes>>) {
        let message =
            format!("the {mode} response is larger than {limit} bytes, Lambda's limit for {mode} responses: {remedy}");
        log_violation(
            self.path,
            &format!("rejected with 413 RequestEntityTooLarge: {message}"),
        );
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        let reply = replies::error(status, "RequestEntityTooLarge", &message);
        (InvocationError::new("Function.ResponseSizeTooLarge", message), reply)
    }
}

/// Explains why a body is incomplete.
fn cause(error: &(dyn Error + 'static)) -> String {
    let cause = error.source().map(|cause| format!(", {cause}")).unwrap_or_default();
    format!(
        "the body ended early ({error}{cause}): a runtime must end a chunked body with a chunk of length zero and close \
         the connection only after that; a process that exits or is killed truncates its response"
    )
}

/// Reads the error of a POST to `invocation/{id}/error` or `init/error`.
pub(super) async fn read_error(headers: &HeaderMap, mut body: Incoming) -> InvocationError {
    let json = match Limited::new(&mut body, MAX_BUFFERED_BYTES).collect().await {
        Ok(json) => json.to_bytes(),
        // The invocation fails even if the description of the error cannot be read.
        Err(_) => {
            drain_body(body);
            Bytes::new()
        }
    };
    decode_error(headers.get(ERROR_TYPE).map(|value| value.as_bytes()), &json)
}
