//! Receives responses and errors from the function and forwards them to the broker.

use std::error::Error;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, TRAILER};
use http::{HeaderMap, HeaderName, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use serde::Deserialize;

use super::super::activity::event::{EnvironmentId, InvocationError};
use super::super::broker::Broker;
use super::super::broker::invocation::{CompletionGuard, Responder};
use super::super::platform_limits::MAX_BUFFERED_BYTES;
use super::super::server::rejection::drain_body;
use super::replies::{self, log_violation};
use crate::protocol::{ERROR_BODY, ERROR_TYPE, MAX_TRAILERS_LENGTH, RESPONSE_MODE};

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

/// Returns the length of a trailer section with its final CRLF, in bytes.
fn trailers_length(trailers: &HeaderMap) -> usize {
    let line = |(name, value): (&HeaderName, &http::HeaderValue)| name.as_str().len() + value.len() + ": \r\n".len();
    trailers.iter().map(line).sum::<usize>() + "\r\n".len()
}

/// What the trailers of a response contain.
#[derive(Debug, Default)]
struct Trailers {
    error: Option<InvocationError>,
    /// Explains the trailers that Lambda ignores.
    problems: Vec<String>,
}

/// Decodes the trailers. As on Lambda, trailers that the `Trailer` header does not declare are ignored.
fn decode_trailers(headers: &HeaderMap, trailers: &HeaderMap) -> Trailers {
    let is_declared = |name: &HeaderName| {
        let lists = headers.get_all(TRAILER).iter();
        lists
            .flat_map(|list| list.as_bytes().split(|byte| *byte == b','))
            .any(|item| item.trim_ascii().eq_ignore_ascii_case(name.as_str().as_bytes()))
    };
    let mut problems = Vec::new();
    for name in [ERROR_TYPE, ERROR_BODY] {
        if trailers.contains_key(&name) && !is_declared(&name) {
            problems.push(format!(
                "the trailer `{name}` is ignored, so the caller does not see the error: declare it before the body, in \
                 the header `Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body`"
            ));
        }
    }
    let trailer = |name: HeaderName| trailers.get(&name).filter(|_| is_declared(&name));
    let body = trailer(ERROR_BODY);
    let Some(error_type) = trailer(ERROR_TYPE) else {
        if body.is_some() && problems.is_empty() {
            problems.push(format!(
                "the trailer `{ERROR_BODY}` is ignored, so the caller does not see the error: also send the trailer \
                 `{ERROR_TYPE}`"
            ));
        }
        return Trailers { error: None, problems };
    };
    let json = match body.map(|body| STANDARD.decode(body.as_bytes())) {
        Some(Ok(json)) => json,
        Some(Err(error)) => {
            problems.push(format!(
                "the trailer `{ERROR_BODY}` is ignored, since it is not valid base64 ({error}): encode the JSON of the \
                 error as base64 with padding"
            ));
            Vec::new()
        }
        None => Vec::new(),
    };
    Trailers {
        error: Some(decode_error(Some(error_type.as_bytes()), &json)),
        problems,
    }
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

/// Decodes an error. The error type of the header takes precedence over the one in the JSON.
fn decode_error(error_type: Option<&[u8]>, json: &[u8]) -> InvocationError {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Description {
        error_type: Option<String>,
        error_message: Option<String>,
    }
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let description: Description = serde_json::from_slice(json).unwrap_or_else(|_| Description {
        error_message: Some(text(json)),
        ..Description::default()
    });
    InvocationError {
        error_type: error_type
            .map(text)
            .or(description.error_type)
            .unwrap_or_else(|| "Runtime.Unknown".to_owned()),
        message: description.error_message.unwrap_or_default(),
        json: Bytes::copy_from_slice(json),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "lambda-runtime-function-error-type";
    const BODY: &str = "lambda-runtime-function-error-body";

    fn map(lines: &[(&str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in lines {
            map.append(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        map
    }

    fn decode(declared: &[&str], trailers: &[(&str, &str)]) -> Trailers {
        let declared: Vec<_> = declared.iter().map(|list| ("trailer", *list)).collect();
        decode_trailers(&map(&declared), &map(trailers))
    }

    #[test]
    fn declared_trailers_are_an_error() {
        let both = [(TYPE, "Function.A"), (BODY, "Yg==")];
        let declared = ["X-Other", "x, Lambda-Runtime-Function-Error-Type", BODY];
        let trailers = decode(&declared, &both);
        let error = trailers.error.unwrap();
        assert_eq!((error.error_type.as_str(), error.message.as_str()), ("Function.A", "b"));
        assert_eq!(trailers.problems, [""; 0]);
        assert_eq!(decode(&declared, &[]).problems, [""; 0]);
    }

    #[test]
    fn ignored_trailers_are_explained() {
        let both = [(TYPE, "Function.A"), (BODY, "Yg==")];
        let undeclared = decode(&["X-Other"], &both);
        assert_eq!(undeclared.error, None);
        assert_eq!(undeclared.problems.len(), 2);
        assert!(undeclared.problems[0].contains("`lambda-runtime-function-error-type` is ignored"));
        assert!(undeclared.problems[0].contains("declare it"));

        let only_type = decode(&["lambda-runtime-function-error-type"], &both);
        assert_eq!(only_type.error.unwrap().message, "");
        assert!(only_type.problems[0].contains("`lambda-runtime-function-error-body` is ignored"));

        let declared = ["lambda-runtime-function-error-type, lambda-runtime-function-error-body"];
        let no_type = decode(&declared, &both[1..]);
        assert_eq!(no_type.error, None);
        assert!(no_type.problems[0].contains("also send the trailer"), "{no_type:?}");

        let not_base64 = decode(&declared, &[both[0], (BODY, "{}")]);
        assert_eq!(not_base64.error.unwrap().error_type, "Function.A");
        assert!(not_base64.problems[0].contains("not valid base64"));
    }

    #[test]
    fn length_of_trailers_includes_line_ends() {
        assert_eq!(trailers_length(&HeaderMap::new()), 2);
        assert_eq!(
            trailers_length(&map(&[("a", "b"), ("a", "c")])),
            "a: b\r\na: c\r\n\r\n".len()
        );
    }
}
