//! Receives responses and errors from the function and forwards them to the broker.

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
use super::super::broker::invocation::Responder;
use super::super::server::rejection::drain_body;
use super::replies;
use crate::protocol::{ERROR_BODY, ERROR_TYPE, RESPONSE_MODE};

/// Lambda's limit for a buffered response, in bytes.
pub(super) const MAX_BUFFERED_BYTES: usize = 6 * 1024 * 1024;

/// Lambda's limit for a streaming response, in bytes.
const MAX_STREAMED_BYTES: usize = 200 * 1024 * 1024;

/// Receives a response in the mode that its header specifies.
pub(super) async fn receive(
    headers: &HeaderMap,
    body: Incoming,
    responder: Responder,
    environment: EnvironmentId,
    broker: &Broker,
) -> Response<Full<Bytes>> {
    match headers.get(RESPONSE_MODE).map(|mode| mode.as_bytes()) {
        None => receive_buffered(body, responder, environment, broker).await,
        Some(b"streaming") => receive_stream(headers, body, responder, environment, broker).await,
        Some(mode) => {
            let message = format!(
                "invalid response mode `{}`: send `streaming` or omit the header",
                mode.escape_ascii()
            );
            let error = InvocationError::new("Runtime.InvalidResponseModeHeader", message.as_str());
            broker.complete_at_next_poll(environment, responder.fail(error));
            drain_body(body);
            let status = StatusCode::BAD_REQUEST;
            replies::error(status, "InvalidFunctionResponseMode", &message)
        }
    }
}

async fn receive_buffered(
    mut body: Incoming,
    responder: Responder,
    environment: EnvironmentId,
    broker: &Broker,
) -> Response<Full<Bytes>> {
    let (guard, reply) = match Limited::new(&mut body, MAX_BUFFERED_BYTES).collect().await {
        Ok(payload) => (responder.respond(payload.to_bytes()), replies::accepted()),
        Err(error) if error.is::<LengthLimitError>() => {
            drain_body(body);
            let (error, reply) = too_large(MAX_BUFFERED_BYTES);
            (responder.fail(error), reply)
        }
        Err(_) => {
            let (error, reply) = truncated();
            (responder.fail(error), reply)
        }
    };
    broker.complete_at_next_poll(environment, guard);
    reply
}

async fn receive_stream(
    headers: &HeaderMap,
    mut body: Incoming,
    responder: Responder,
    environment: EnvironmentId,
    broker: &Broker,
) -> Response<Full<Bytes>> {
    let content_type = match headers.get(CONTENT_TYPE) {
        Some(value) => String::from_utf8_lossy(value.as_bytes()).into_owned(),
        None => "application/octet-stream".to_owned(),
    };
    let (sender, guard) = responder.stream(content_type);
    let mut length = 0;
    let mut trailers = HeaderMap::new();
    let reply = loop {
        match body.frame().await {
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) => {
                    length += data.len();
                    if length > MAX_STREAMED_BYTES {
                        drain_body(body);
                        let (error, reply) = too_large(MAX_STREAMED_BYTES);
                        sender.fail(error).await;
                        break reply;
                    }
                    sender.data(data).await;
                }
                Err(frame) => trailers = frame.into_trailers().unwrap_or_default(),
            },
            Some(Err(_)) => {
                let (error, reply) = truncated();
                sender.fail(error).await;
                break reply;
            }
            None => {
                match trailer_error(headers, &trailers) {
                    Some(error) => sender.fail(error).await,
                    None => sender.end().await,
                }
                break replies::accepted();
            }
        }
    };
    broker.complete_at_next_poll(environment, guard);
    reply
}

/// Returns the error in the trailers. As on Lambda, trailers that the `Trailer` header does not declare are ignored.
fn trailer_error(headers: &HeaderMap, trailers: &HeaderMap) -> Option<InvocationError> {
    let is_declared = |name: &HeaderName| {
        let lists = headers.get_all(TRAILER).iter();
        lists
            .flat_map(|list| list.as_bytes().split(|byte| *byte == b','))
            .any(|item| item.trim_ascii().eq_ignore_ascii_case(name.as_str().as_bytes()))
    };
    let trailer = |name: HeaderName| trailers.get(&name).filter(|_| is_declared(&name));
    let error_type = trailer(ERROR_TYPE)?;
    let json = match trailer(ERROR_BODY) {
        Some(body) => STANDARD.decode(body.as_bytes()).unwrap_or_default(),
        None => Vec::new(),
    };
    Some(decode_error(Some(error_type.as_bytes()), &json))
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

/// Returns the error and the reply for a truncated response. Logs the error, since the function may not detect it.
fn truncated() -> (InvocationError, Response<Full<Bytes>>) {
    let error = InvocationError::truncated();
    log!(WARN, "{}: {}", error.error_type, error.message);
    let status = StatusCode::BAD_REQUEST;
    let reply = replies::error(status, "TruncatedHTTPRequest", &error.message);
    (error, reply)
}

fn too_large(limit: usize) -> (InvocationError, Response<Full<Bytes>>) {
    let message = format!("the response is larger than {limit} bytes, Lambda's limit");
    let status = StatusCode::PAYLOAD_TOO_LARGE;
    let reply = replies::error(status, "RequestEntityTooLarge", &message);
    (InvocationError::new("Function.ResponseSizeTooLarge", message), reply)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undeclared_trailers_are_ignored() {
        let mut headers = HeaderMap::new();
        let mut trailers = HeaderMap::new();
        trailers.insert(ERROR_TYPE, "Function.A".parse().unwrap());
        trailers.insert(ERROR_BODY, STANDARD.encode("b").parse().unwrap());
        assert_eq!(trailer_error(&headers, &trailers), None);

        headers.append(TRAILER, "X-Other".parse().unwrap());
        let declared = "x, Lambda-Runtime-Function-Error-Type".parse().unwrap();
        headers.append(TRAILER, declared);
        let error = trailer_error(&headers, &trailers).unwrap();
        assert_eq!((error.error_type.as_str(), error.message.as_str()), ("Function.A", ""));

        headers.append(TRAILER, ERROR_BODY.into());
        let error = trailer_error(&headers, &trailers).unwrap();
        assert_eq!(error.message, "b");
    }
}
