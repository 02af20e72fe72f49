//! Converts an HTTP event to an `http::Request`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Display;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{COOKIE, HOST};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::encode;
use super::event::{PayloadV1, PayloadV2};
use super::extensions::{PathParameters, RawRequestContext, RequestContext, SourceAddress, StageVariables};
use crate::context::Context;
use crate::error::Error;
use crate::event::{EventFormat, EventInfo, Pairs, Text};
use crate::handler::{Invocation, ParameterForm, Rejection, marker};
use crate::protocol::INVALID_EVENT;

/// The most headers of a request. A `HeaderMap` panics at 24,576; the rest is for headers that the handler adds. API
/// Gateway and Function URLs accept far fewer.
const MAX_HEADERS: usize = 16_384;

#[diagnostic::do_not_recommend]
impl<S> ParameterForm<S, marker::HttpRequestArg> for Request<Bytes> {
    type Event = ();

    fn extract(invocation: &mut Invocation<S>) -> Result<Self, Rejection> {
        let request = from_event(invocation.event(), invocation.event_info(), invocation.context())?;
        Ok(request)
    }
}

/// Returns the request of an HTTP event. Its extensions contain `context` and the rest of the event.
pub(super) fn from_event(event: &Bytes, event_info: EventInfo, context: &Context) -> Result<Request<Bytes>, Error> {
    let parts = match event_info.format {
        EventFormat::PayloadV2 => from_payload_v2(event, parse(event)?),
        EventFormat::PayloadV1 => from_payload_v1(event, parse(event)?),
        EventFormat::Alb { .. } => from_alb(event, parse(event)?),
        EventFormat::NotHttp => Err(not_http("")),
    }?;
    let mut request = parts.into_request()?;
    request.extensions_mut().insert(context.clone());
    Ok(request)
}

/// The parts of a request, independent of the payload format.
struct Parts {
    method: String,
    /// Percent-encoded.
    path: String,
    /// Percent-encoded.
    query: String,
    headers: HeaderMap,
    /// The host of a request that has no `Host` header.
    domain_name: Option<String>,
    source_address: Option<String>,
    /// `Null` in a test event without it.
    context: Value,
    typed_context: Option<RequestContext>,
    path_parameters: Option<HashMap<String, String>>,
    stage_variables: Option<HashMap<String, String>>,
    body: Bytes,
}

fn from_payload_v2(bytes: &Bytes, event: PayloadV2<'_>) -> Result<Parts, Error> {
    let context = &event.request_context;
    let mut headers = header_map(all_values(event.headers, None))?;
    if let Some(cookies) = event.cookies.filter(|cookies| !cookies.is_empty()) {
        // A browser sends all cookies in one header (RFC 6265, section 5.4).
        headers.insert(COOKIE, header_value("cookie", &cookies.join("; "))?);
    }
    let domain_name = string(&context["domainName"]);
    Ok(Parts {
        method: string(&context["http"]["method"]).unwrap_or_default(),
        path: encode::path(strip_stage(&event.raw_path, context, domain_name.as_deref())),
        query: encode::query(event.raw_query_string.as_deref().unwrap_or_default()),
        headers,
        domain_name,
        source_address: string(&context["http"]["sourceIp"]),
        typed_context: request_context(context, RequestContext::ApiGatewayV2),
        context: event.request_context,
        path_parameters: event.path_parameters,
        stage_variables: event.stage_variables,
        body: decode_body(bytes, event.body, event.is_base64_encoded)?,
    })
}

fn from_payload_v1(bytes: &Bytes, event: PayloadV1<'_>) -> Result<Parts, Error> {
    let context = &event.request_context;
    let domain_name = string(&context["domainName"]);
    // The path in the context contains the stage. The path of the event contains it for an HTTP API, not for a REST API.
    let path = match string(&context["path"]) {
        Some(path) if path == event.path => strip_stage(&event.path, context, domain_name.as_deref()),
        _ => &event.path,
    };
    let query = all_values(event.multi_value_query_string_parameters, event.query_string_parameters);
    Ok(Parts {
        method: event.http_method,
        path: encode::path(path),
        query: encode::query_from_decoded(&query),
        headers: header_map(all_values(event.multi_value_headers, event.headers))?,
        domain_name,
        source_address: string(&context["identity"]["sourceIp"]),
        typed_context: request_context(context, RequestContext::ApiGatewayV1),
        context: event.request_context,
        path_parameters: event.path_parameters,
        stage_variables: event.stage_variables,
        body: decode_body(bytes, event.body, event.is_base64_encoded)?,
    })
}

fn from_alb(bytes: &Bytes, event: PayloadV1<'_>) -> Result<Parts, Error> {
    let query = all_values(event.multi_value_query_string_parameters, event.query_string_parameters);
    let headers = header_map(all_values(event.multi_value_headers, event.headers))?;
    // Each hop appends the address of its peer. The load balancer appended the last one; the client can forge the others.
    let forwarded_for = headers.get_all("x-forwarded-for").iter().next_back();
    let source_address = forwarded_for
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.rsplit(',').next())
        .map(|address| address.trim().to_owned());
    Ok(Parts {
        method: event.http_method,
        path: encode::path(&event.path),
        query: encode::query_from_encoded(&query),
        headers,
        domain_name: None,
        source_address,
        typed_context: request_context(&event.request_context, RequestContext::Alb),
        context: event.request_context,
        path_parameters: None,
        stage_variables: None,
        body: decode_body(bytes, event.body, event.is_base64_encoded)?,
    })
}

impl Parts {
    fn into_request(self) -> Result<Request<Bytes>, Error> {
        let uri = self.uri()?;
        let method = Method::from_bytes(self.method.as_bytes())
            .map_err(|_| invalid(format_args!("invalid method {:?}", self.method)))?;
        let mut request = Request::new(self.body);
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = self.headers;
        let extensions = request.extensions_mut();
        if !self.context.is_null() {
            extensions.insert(RawRequestContext(self.context));
        }
        insert_if_some(extensions, self.typed_context);
        insert_if_some(extensions, self.path_parameters.map(PathParameters));
        insert_if_some(extensions, self.stage_variables.map(StageVariables));
        let address = self.source_address.and_then(|address| address.parse::<IpAddr>().ok());
        insert_if_some(extensions, address.map(SourceAddress));
        // No source reports the port of the client.
        #[cfg(feature = "axum")]
        insert_if_some(
            extensions,
            address.map(|address| axum::extract::ConnectInfo(std::net::SocketAddr::new(address, 0))),
        );
        Ok(request)
    }

    /// Returns an absolute URI if the host is known from the `Host` header or the domain name of the API, otherwise path and
    /// query.
    fn uri(&self) -> Result<Uri, Error> {
        let path_and_query = match self.query.as_str() {
            "" => self.path.clone(),
            query => format!("{}?{query}", self.path),
        };
        let path_and_query = PathAndQuery::try_from(path_and_query)
            .map_err(|error| invalid(format_args!("invalid path or query: {error}")))?;
        let host = self.headers.get(HOST).and_then(|host| host.to_str().ok());
        let hosts = [host, self.domain_name.as_deref()].into_iter().flatten();
        let Some(authority) = hosts.filter_map(|host| Authority::try_from(host).ok()).next() else {
            return Ok(path_and_query.into());
        };
        let scheme = match self.headers.get("x-forwarded-proto").map(HeaderValue::as_bytes) {
            Some(b"http") => Scheme::HTTP,
            _ => Scheme::HTTPS,
        };
        let uri = Uri::builder()
            .scheme(scheme)
            .authority(authority)
            .path_and_query(path_and_query);
        uri.build()
            .map_err(|error| invalid(format_args!("invalid URI: {error}")))
    }
}

/// Returns the body of the event in `bytes`. A text without escapes is not copied.
fn decode_body(bytes: &Bytes, body: Option<Text<'_>>, is_base64_encoded: Option<bool>) -> Result<Bytes, Error> {
    let Some(Text(body)) = body else {
        return Ok(Bytes::new());
    };
    if is_base64_encoded == Some(true) {
        return STANDARD.decode(body.as_bytes()).map(Bytes::from).map_err(|error| {
            invalid(format_args!(
                "the event has `isBase64Encoded`, but its body is not base64: {error}"
            ))
        });
    }
    Ok(match body {
        Cow::Borrowed(body) => bytes.slice_ref(body.as_bytes()),
        Cow::Owned(body) => body.into(),
    })
}

/// Removes the name of the stage from the start of a path. The path of an HTTP API starts with it, unless the API is called
/// through a custom domain.
fn strip_stage<'a>(path: &'a str, context: &Value, domain_name: Option<&str>) -> &'a str {
    let stage = context["stage"].as_str().filter(|stage| *stage != "$default");
    let is_default_domain = domain_name.is_some_and(|name| name.contains(".execute-api."));
    let (Some(stage), true) = (stage, is_default_domain) else {
        return path;
    };
    let rest = path.strip_prefix('/').and_then(|path| path.strip_prefix(stage));
    match rest {
        Some("") => "/",
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}

/// Returns `multi_value`, which has every value of a name, or else `single_value`, which has only the last one.
fn all_values(multi_value: Option<Pairs>, single_value: Option<Pairs>) -> Vec<(String, String)> {
    let mut sources = [multi_value, single_value].into_iter().flatten().map(|pairs| pairs.0);
    sources.find(|pairs| !pairs.is_empty()).unwrap_or_default()
}

fn header_map(pairs: Vec<(String, String)>) -> Result<HeaderMap, Error> {
    if pairs.len() > MAX_HEADERS {
        return Err(invalid(format_args!(
            "it has {} headers, more than the maximum of {MAX_HEADERS}",
            pairs.len()
        )));
    }
    let mut headers = HeaderMap::with_capacity(pairs.len());
    for (name, value) in pairs {
        let header_name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| invalid(format_args!("invalid header name {name:?}")))?;
        headers.append(header_name, header_value(&name, &value)?);
    }
    Ok(headers)
}

/// Accepts UTF-8, as HTTP servers do: bytes beyond ASCII are opaque data (RFC 9110, section 5.5).
fn header_value(name: &str, value: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
        invalid(format_args!(
            "the value of the header {name:?} contains a control character"
        ))
    })
}

fn parse<'de, T: Deserialize<'de>>(event: &'de [u8]) -> Result<T, Error> {
    serde_json::from_slice(event).map_err(invalid)
}

/// Deserializes the `requestContext`. Returns `None` if it does not have the form of `T`.
fn request_context<T: DeserializeOwned>(
    context: &Value,
    variant: fn(Box<T>) -> RequestContext,
) -> Option<RequestContext> {
    T::deserialize(context).ok().map(|context| variant(Box::new(context)))
}

fn string(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn insert_if_some<T: Clone + Send + Sync + 'static>(extensions: &mut Extensions, extension: Option<T>) {
    if let Some(extension) = extension {
        extensions.insert(extension);
    }
}

/// Returns the error for an event that is not HTTP. `hint` follows the supported sources.
pub(super) fn not_http(hint: &str) -> Error {
    invalid(format_args!(
        "it is not an HTTP event; the supported sources are Function URLs, API Gateway (payload formats 1.0 and 2.0) and \
         Application Load Balancers{hint}"
    ))
}

fn invalid(reason: impl Display) -> Error {
    Error::of_type(
        INVALID_EVENT,
        format!("failed to convert the event to an HTTP request: {reason}"),
        Vec::new(),
    )
}

#[cfg(test)]
mod tests;
