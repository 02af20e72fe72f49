//! Reads the fields that identify the format of an event.
//!
//! An event has up to 6 MB, and most of a large event is data. It is not parsed if it cannot be HTTP, and otherwise up to
//! its body.

use std::fmt;

use memchr::memmem;
use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{EventFormat, EventInfo};

/// The fields that identify the format.
#[derive(Default)]
pub(super) struct Probe {
    version: Field<String>,
    http_method: Field<String>,
    path: Field<IgnoredAny>,
    headers: Field<IgnoredAny>,
    multi_value_headers: Field<IgnoredAny>,
    request_context: Field<RequestContext>,
    /// Only the event of a Lambda authorizer has it: the method that the authorizer allows or denies.
    method_arn: Field<IgnoredAny>,
    /// The same in an authorizer's payload format 2.0.
    route_arn: Field<IgnoredAny>,
    /// The format is known before all fields are read.
    is_settled: bool,
}

/// A field of the event.
struct Field<T> {
    was_read: bool,
    /// `None` if the field is missing or `null`.
    value: Option<T>,
}

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self {
            was_read: false,
            value: None,
        }
    }
}

impl<T> Field<T> {
    fn is_some(&self) -> bool {
        self.value.is_some()
    }
}

impl<'de, T: Deserialize<'de>> Field<T> {
    fn read<M: MapAccess<'de>>(&mut self, map: &mut M) -> Result<(), M::Error> {
        if self.was_read {
            return Err(Error::custom("duplicate field"));
        }
        self.was_read = true;
        self.value = map.next_value()?;
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    http: Option<Http>,
    elb: Option<IgnoredAny>,
    /// Only the event of a WebSocket API has it.
    connection_id: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Http {
    method: Option<String>,
}

/// The keys of an event.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Key {
    Version,
    HttpMethod,
    Path,
    Headers,
    MultiValueHeaders,
    RequestContext,
    MethodArn,
    RouteArn,
    Body,
    #[serde(other)]
    Other,
}

impl Probe {
    /// Reads the identifying fields. Returns `None` for an event that is not HTTP because it is not a JSON object, or
    /// because one of these fields has another type or occurs twice.
    ///
    /// If the fields before the body identify the event as HTTP, those after it are not read: AWS sends them before it.
    pub(super) fn read(event: &[u8]) -> Option<Self> {
        if !may_be_http(event) {
            return None;
        }
        let mut probe = Self::default();
        let mut deserializer = serde_json::Deserializer::from_slice(event);
        let result = deserializer.deserialize_map(ProbeVisitor(&mut probe));
        let is_read = probe.is_settled || result.and_then(|()| deserializer.end()).is_ok();
        is_read.then_some(probe)
    }

    /// Returns the properties of an HTTP event, or `None` for any other event.
    pub(super) fn http_info(&self) -> Option<EventInfo> {
        if self.is_similar_to_http() {
            return None;
        }
        let method = self.http_method.value.as_deref();
        let (format, method) = match (self.version.value.as_deref(), method, &self.request_context.value) {
            (Some("2.0"), _, Some(RequestContext { http: Some(http), .. })) => {
                (EventFormat::PayloadV2, http.method.as_deref())
            }
            (None | Some("1.0"), Some(method), Some(RequestContext { elb: None, .. })) => {
                (EventFormat::PayloadV1, Some(method))
            }
            // Test events that people write often have no `requestContext`. Other events with `httpMethod`, such as those
            // of Bedrock agents, have neither `path` nor `headers`.
            (None | Some("1.0"), Some(method), None) if self.path.is_some() && self.headers.is_some() => {
                (EventFormat::PayloadV1, Some(method))
            }
            (None, Some(method), Some(RequestContext { elb: Some(_), .. })) => {
                let multi_value_headers = self.multi_value_headers.is_some();
                (EventFormat::Alb { multi_value_headers }, Some(method))
            }
            _ => return None,
        };
        Some(EventInfo {
            format,
            is_head: method == Some("HEAD"),
        })
    }

    /// Returns whether the event is one of a Lambda authorizer or of a WebSocket API.
    fn is_similar_to_http(&self) -> bool {
        let has_connection = |context: &RequestContext| context.connection_id.is_some();
        self.method_arn.is_some()
            || self.route_arn.is_some()
            || self.request_context.value.as_ref().is_some_and(has_connection)
    }

    /// Returns whether the fields that AWS sends after the body do not change the format.
    fn is_settled_before_body(&self) -> bool {
        match self.http_info().map(|info| info.format) {
            Some(EventFormat::PayloadV2) => true,
            Some(EventFormat::PayloadV1) => self.request_context.is_some(),
            Some(EventFormat::Alb { .. } | EventFormat::NotHttp) | None => false,
        }
    }
}

struct ProbeVisitor<'a>(&'a mut Probe);

impl<'de> Visitor<'de> for ProbeVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let Self(probe) = self;
        while let Some(key) = map.next_key()? {
            match key {
                Key::Version => probe.version.read(&mut map)?,
                Key::HttpMethod => probe.http_method.read(&mut map)?,
                Key::Path => probe.path.read(&mut map)?,
                Key::Headers => probe.headers.read(&mut map)?,
                Key::MultiValueHeaders => probe.multi_value_headers.read(&mut map)?,
                Key::RequestContext => probe.request_context.read(&mut map)?,
                Key::MethodArn => probe.method_arn.read(&mut map)?,
                Key::RouteArn => probe.route_arn.read(&mut map)?,
                Key::Body if probe.is_settled_before_body() => {
                    probe.is_settled = true;
                    return Err(Error::custom("the other fields are not read"));
                }
                Key::Body | Key::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// Returns whether `event` may contain a key that each HTTP event has.
fn may_be_http(event: &[u8]) -> bool {
    let contains = |key: &str| memmem::find(event, key.as_bytes()).is_some();
    contains(r#""requestContext""#) || contains(r#""httpMethod""#) || has_escaped_letter(event)
}

/// Returns whether `event` may contain an escaped ASCII letter, and so a key in another spelling.
fn has_escaped_letter(event: &[u8]) -> bool {
    memmem::find_iter(event, r"\u00").any(|at| matches!(event.get(at + 4), Some(b'4'..=b'7')))
}

#[cfg(test)]
mod properties;
