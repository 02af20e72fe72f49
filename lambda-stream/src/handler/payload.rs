//! [`Payload`]: what the caller sent, deserialized.

use std::any::type_name;
use std::borrow::Cow;
use std::ops::{Deref, DerefMut};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::extract::{Event, ParameterForm};
use super::{HandlerResponse, Invocation, Rejection, marker};
use crate::error::Error;
use crate::event::{EventFormat, Pairs, Text};
use crate::protocol::{INVALID_EVENT, JSON};
use crate::response::HttpPrelude;

/// What the caller sent, deserialized as `T`: one handler for HTTP requests, SDK calls and the command line.
///
/// - For an HTTP event of any payload format (Function URL, API Gateway, Application Load Balancer): the JSON body of the
///   request, whatever its `Content-Type`. If the request has no body, its query string.
/// - For any other event: the event itself, for example the payload of an SDK's `Invoke` or of `--event`.
///
/// ```
/// use lambda_stream::{Error, Payload, ResponseStream};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Prompt {
///     text: String,
/// }
///
/// async fn handler(Payload(prompt): Payload<Prompt>, mut stream: ResponseStream) -> Result<(), Error> {
///     stream.write(&prompt.text).await?;
///     Ok(())
/// }
/// ```
///
/// # Errors
/// If the body or the query string cannot be deserialized, the handler is not called. An HTTP caller gets status 400 and a
/// JSON document whose `message` names the field and its position. For any other event the invocation fails with an error
/// of the type `Function.InvalidEvent`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Payload<T>(pub T);

impl<T> Deref for Payload<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Payload<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

#[diagnostic::do_not_recommend]
impl<S, T> ParameterForm<S, marker::PayloadArg> for Payload<T> {
    type Event = T;

    fn extract(invocation: &mut Invocation<S>) -> Result<Self, Rejection>
    where
        T: Event,
    {
        let format = invocation.event_info.format;
        match format {
            EventFormat::NotHttp => from_json(&invocation.event).map_err(|reason| {
                let type_name = short_type_name(type_name::<T>());
                invalid_event(format!("failed to deserialize the event as `{type_name}`: {reason}"))
            }),
            EventFormat::PayloadV1 | EventFormat::PayloadV2 | EventFormat::Alb { .. } => {
                from_request(&invocation.event, format)
            }
        }
        .map(Self)
    }
}

/// The fields of an HTTP event that hold what the caller sent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HttpEvent<'a> {
    #[serde(borrow)]
    body: Option<Text<'a>>,
    is_base64_encoded: Option<bool>,
    raw_query_string: Option<String>,
    query_string_parameters: Option<Pairs>,
    multi_value_query_string_parameters: Option<Pairs>,
}

impl HttpEvent<'_> {
    fn body(&self) -> Result<Cow<'_, [u8]>, Error> {
        let body = self.body.as_ref().map_or("", |Text(body)| body);
        if self.is_base64_encoded != Some(true) {
            return Ok(Cow::Borrowed(body.as_bytes()));
        }
        STANDARD.decode(body).map(Cow::Owned).map_err(|error| {
            let message = format!("the event has `isBase64Encoded`, but its body is not base64: {error}");
            Error::of_type(INVALID_EVENT, message, Vec::new())
        })
    }

    /// The query string, percent-encoded.
    fn query(self, format: EventFormat) -> String {
        if let Some(query) = self.raw_query_string {
            return query;
        }
        let pairs = self
            .multi_value_query_string_parameters
            .or(self.query_string_parameters);
        let pairs = pairs.unwrap_or_default().0;
        match format {
            // A load balancer passes keys and values on as they are in the URL.
            EventFormat::Alb { .. } => {
                let pairs = pairs.iter().map(|(name, value)| format!("{name}={value}"));
                pairs.collect::<Vec<_>>().join("&")
            }
            EventFormat::PayloadV1 | EventFormat::PayloadV2 | EventFormat::NotHttp => {
                form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(pairs)
                    .finish()
            }
        }
    }
}

fn from_request<T: DeserializeOwned>(event: &[u8], format: EventFormat) -> Result<T, Rejection> {
    let event: HttpEvent<'_> =
        from_json(event).map_err(|reason| invalid_event(format!("failed to read the HTTP event: {reason}")))?;
    let body = event.body()?;
    if !body.is_empty() {
        return from_json(&body)
            .map_err(|reason| bad_request(&format!("failed to deserialize the request body: {reason}")));
    }
    drop(body);
    from_query(&event.query(format)).map_err(|reason| {
        bad_request(&format!(
            "the request has no body, and its query string cannot be deserialized: {reason}"
        ))
    })
}

/// Deserializes `json`. The error names the field and its position.
pub(super) fn from_json<'de, T: Deserialize<'de>>(json: &'de [u8]) -> Result<T, String> {
    // Tracking the path of each field costs time, so it is done only to explain an error.
    serde_json::from_slice(json).or_else(|_| {
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| error.to_string())?;
        deserializer.end().map_err(|error| error.to_string())?;
        Ok(value)
    })
}

fn from_query<T: DeserializeOwned>(query: &str) -> Result<T, String> {
    let deserializer = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(deserializer).map_err(|error| error.to_string())
}

fn invalid_event(message: String) -> Rejection {
    Error::of_type(INVALID_EVENT, message, Vec::new()).into()
}

/// The body of API Gateway's own error responses.
// Not a `serde_json::Value`: its code, with that for floating-point numbers, is a fiftieth of a small binary.
#[derive(Serialize)]
struct ErrorBody<'a> {
    message: &'a str,
}

/// A response with status 400 in place of the handler's.
fn bad_request(message: &str) -> Rejection {
    // Serializing a string does not fail.
    let body = Bytes::from(serde_json::to_vec(&ErrorBody { message }).unwrap_or_default());
    Rejection::response(HandlerResponse::Http {
        prelude: HttpPrelude::new(400).header(CONTENT_TYPE, JSON),
        body: Box::pin(futures::stream::iter([Ok(body)])),
    })
}

/// Returns `type_name` without the paths of modules: `Vec<Order>` for `alloc::vec::Vec<app::orders::Order>`.
pub(super) fn short_type_name(type_name: &str) -> String {
    let mut short = String::new();
    let mut segment = 0;
    for letter in type_name.chars() {
        match letter {
            ':' => short.truncate(segment),
            letter => {
                short.push(letter);
                if !letter.is_alphanumeric() && letter != '_' {
                    segment = short.len();
                }
            }
        }
    }
    short
}

#[cfg(test)]
mod tests;
