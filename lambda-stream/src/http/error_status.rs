//! Responses whose status counts as an error of the function.

use std::ops::{Bound, RangeBounds};

use bytes::{Buf, Bytes};
use futures::{FutureExt, StreamExt};
use http::{Response, StatusCode};
use http_body::Body as HttpBody;

use super::response;
use crate::error::{BoxError, Error};
use crate::event::EventFormat;
use crate::handler::{BoxItems, HandlerResponse, Invocation, send_response};
use crate::protocol::ERROR_STATUS;

/// The longest part of a response body in an error message, in bytes.
const MAX_TEXT_LENGTH: usize = 1024;

/// The statuses that count as errors of the function.
#[derive(Debug, Default)]
pub(super) struct ErrorStatuses(Vec<(Bound<u16>, Bound<u16>)>);

impl ErrorStatuses {
    pub(super) fn add(&mut self, statuses: &impl RangeBounds<u16>) {
        self.0
            .push((statuses.start_bound().cloned(), statuses.end_bound().cloned()));
    }

    pub(super) fn contains(&self, status: StatusCode) -> bool {
        self.0.iter().any(|statuses| statuses.contains(&status.as_u16()))
    }
}

/// Fails the invocation because of the status of `response`: in place of the response if its body is complete or cannot be
/// streamed, otherwise after the response.
pub(super) async fn fail<S, B>(invocation: Invocation<S>, response: Response<B>) -> Result<(), Error>
where
    B: HttpBody<Data: Buf, Error: Into<BoxError>> + Send + 'static,
{
    let status = response.status();
    let is_complete = response.body().size_hint().exact().is_some();
    let event_info = invocation.event_info();
    let (prelude, body) = response::into_parts(response);
    if prelude.is_bodiless(event_info) {
        return Err(error(status, None));
    }
    // A load balancer gets one document, so no error can follow it.
    if is_complete || matches!(event_info.format, EventFormat::Alb { .. }) {
        return Err(error(status, first_chunk(body).as_deref()));
    }
    send_response(invocation, Ok(HandlerResponse::Http { prelude, body })).await?;
    Err(error(status, None))
}

/// Returns the first chunk of a body if it is available without waiting.
fn first_chunk(mut body: BoxItems) -> Option<Bytes> {
    body.next().now_or_never()??.ok()
}

fn error(status: StatusCode, body: Option<&[u8]>) -> Error {
    let reason = status.canonical_reason().map(|reason| format!(" {reason}"));
    let text = body.and_then(text_of).map(|text| format!(": {text}"));
    let message = format!(
        "the service responded with the status {}{}{}",
        status.as_u16(),
        reason.unwrap_or_default(),
        text.unwrap_or_default()
    );
    Error::of_type(ERROR_STATUS, message, Vec::new())
}

/// Returns the start of a body that is text.
fn text_of(body: &[u8]) -> Option<String> {
    let start = &body[..body.len().min(MAX_TEXT_LENGTH)];
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        // The end is within a character.
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&start[..error.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    match body.len() - text.len() {
        _ if text.is_empty() => None,
        0 => Some(text.to_owned()),
        more => Some(format!("{text} … (truncated: {more} more bytes)")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(status: u16, body: Option<&[u8]>) -> String {
        error(StatusCode::from_u16(status).unwrap(), body).to_string()
    }

    #[test]
    fn ranges_are_added() {
        let mut statuses = ErrorStatuses::default();
        assert!(!statuses.contains(StatusCode::INTERNAL_SERVER_ERROR));
        statuses.add(&(500..=599));
        statuses.add(&(429..=429));
        statuses.add(&(..201));
        let contained = [200, 201, 428, 429, 430, 499, 500, 503, 599, 600];
        let contained = contained
            .into_iter()
            .filter(|&status| statuses.contains(StatusCode::from_u16(status).unwrap()));
        assert_eq!(contained.collect::<Vec<_>>(), [200, 429, 500, 503, 599]);
    }

    #[test]
    fn message_has_status_and_text() {
        assert_eq!(
            message(503, None),
            "the service responded with the status 503 Service Unavailable"
        );
        assert_eq!(message(599, Some(b"")), "the service responded with the status 599");
        assert_eq!(
            message(599, Some(b"out of tea")),
            "the service responded with the status 599: out of tea"
        );
        assert_eq!(
            message(599, Some(b"\x1f\x8b\x08")),
            "the service responded with the status 599"
        );
    }

    #[test]
    fn text_is_truncated_between_characters() {
        let limit = "a".repeat(MAX_TEXT_LENGTH);
        assert_eq!(text_of(limit.as_bytes()), Some(limit));
        let text = format!("a{}", "é".repeat(600));
        let expected = format!("a{} … (truncated: 178 more bytes)", "é".repeat(511));
        assert_eq!(text_of(text.as_bytes()), Some(expected));
        assert_eq!(text_of(b"caf\xc3"), Some("caf … (truncated: 1 more bytes)".to_owned()));
        assert_eq!(text_of(b"\xc3"), None);
    }
}
