//! From an event to the request that it stands for.

use std::collections::HashMap;
use std::fmt::Display;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{COOKIE, HOST};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::encode;
use super::event::{PayloadV1, PayloadV2};
use super::extensions::{PathParameters, RequestContext, SourceAddress, StageVariables};
use crate::context::Context;
use crate::error::Error;
use crate::event::{EventFormat, EventInfo, Pairs};
use crate::handler::{FromInvocation, Invocation, Rejection, marker};

#[diagnostic::do_not_recommend]
impl<S> FromInvocation<S, marker::HttpRequestArg> for Request<Bytes> {
    fn from_invocation(invocation: &mut Invocation<S>) -> Result<Self, Rejection> {
        Ok(request(
            invocation.event(),
            invocation.event_info(),
            invocation.context(),
        )?)
    }
}

/// The request, with `context` and all that the event says besides as extensions.
pub(super) fn request(event: &[u8], event_info: EventInfo, context: &Context) -> Result<Request<Bytes>, Error> {
    let mut request = match event_info.format {
        EventFormat::PayloadV2 => http2(parsed(event)?),
        EventFormat::PayloadV1 => http1(parsed(event)?),
        EventFormat::Alb { .. } => load_balancer(parsed(event)?),
        EventFormat::NotHttp => Err(invalid(
            "it is no HTTP request: those of Function URLs, of API Gateway (payload formats 1.0 and 2.0) and of \
             Application Load Balancers are understood",
        )),
    }?;
    request.extensions_mut().insert(context.clone());
    Ok(request)
}

/// The parts that every format has, each in its own place.
struct Parts {
    method: String,
    /// As a URI holds it.
    path: String,
    query: String,
    headers: HeaderMap,
    /// Where the request has no `Host`.
    domain_name: Option<String>,
    source_address: Option<String>,
    context: Option<RequestContext>,
    path_parameters: Option<HashMap<String, String>>,
    stage_variables: Option<HashMap<String, String>>,
    body: Bytes,
}

fn http2(event: PayloadV2) -> Result<Request<Bytes>, Error> {
    let context = &event.request_context;
    let mut headers = headers(all(event.headers, None))?;
    if let Some(cookies) = event.cookies.filter(|cookies| !cookies.is_empty()) {
        // One line, as browsers send them (RFC 6265, section 5.4).
        headers.insert(COOKIE, header_value("cookie", &cookies.join("; "))?);
    }
    let domain_name = text(&context["domainName"]);
    Parts {
        method: text(&context["http"]["method"]).unwrap_or_default(),
        path: encode::path(without_stage(&event.raw_path, context, domain_name.as_deref())),
        query: encode::query(event.raw_query_string.as_deref().unwrap_or_default()),
        headers,
        domain_name,
        source_address: text(&context["http"]["sourceIp"]),
        context: typed(context, RequestContext::ApiGatewayV2),
        path_parameters: event.path_parameters,
        stage_variables: event.stage_variables,
        body: decoded(event.body, event.is_base64_encoded)?,
    }
    .into_request()
}

fn http1(event: PayloadV1) -> Result<Request<Bytes>, Error> {
    let context = &event.request_context;
    let domain_name = text(&context["domainName"]);
    // The path of a REST API is without the stage, and that of an HTTP API with it, as in the context.
    let path = match text(&context["path"]) {
        Some(in_context) if in_context == event.path => without_stage(&event.path, context, domain_name.as_deref()),
        _ => &event.path,
    };
    let query = all(event.multi_value_query_string_parameters, event.query_string_parameters);
    Parts {
        method: event.http_method,
        path: encode::path(path),
        query: encode::query_of_decoded(&query),
        headers: headers(all(event.multi_value_headers, event.headers))?,
        domain_name,
        source_address: text(&context["identity"]["sourceIp"]),
        context: typed(context, RequestContext::ApiGatewayV1),
        path_parameters: event.path_parameters,
        stage_variables: event.stage_variables,
        body: decoded(event.body, event.is_base64_encoded)?,
    }
    .into_request()
}

fn load_balancer(event: PayloadV1) -> Result<Request<Bytes>, Error> {
    let query = all(event.multi_value_query_string_parameters, event.query_string_parameters);
    let headers = headers(all(event.multi_value_headers, event.headers))?;
    // Each hop adds whom it saw to the end: the last one is the load balancer's word, all others are the caller's.
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
    let source_address = forwarded
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.rsplit(',').next())
        .map(|address| address.trim().to_owned());
    Parts {
        method: event.http_method,
        path: encode::path(&event.path),
        query: encode::query_of_encoded(&query),
        headers,
        domain_name: None,
        source_address,
        context: typed(&event.request_context, RequestContext::Alb),
        path_parameters: None,
        stage_variables: None,
        body: decoded(event.body, event.is_base64_encoded)?,
    }
    .into_request()
}

impl Parts {
    fn into_request(self) -> Result<Request<Bytes>, Error> {
        let uri = self.uri()?;
        let method = Method::from_bytes(self.method.as_bytes())
            .map_err(|_| invalid(format_args!("its method {:?} is none", self.method)))?;
        let mut request = Request::new(self.body);
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = self.headers;
        let extensions = request.extensions_mut();
        add(extensions, self.context);
        add(extensions, self.path_parameters.map(PathParameters));
        add(extensions, self.stage_variables.map(StageVariables));
        let address = self.source_address.and_then(|text| text.parse::<IpAddr>().ok());
        add(extensions, address.map(SourceAddress));
        Ok(request)
    }

    /// Absolute where the host is known: `Host`, or the name of the API.
    fn uri(&self) -> Result<Uri, Error> {
        let path_and_query = match self.query.as_str() {
            "" => self.path.clone(),
            query => format!("{}?{query}", self.path),
        };
        let path_and_query = PathAndQuery::try_from(path_and_query)
            .map_err(|error| invalid(format_args!("its path and query are none: {error}")))?;
        let host = self.headers.get(HOST).and_then(|host| host.to_str().ok());
        let host = [host, self.domain_name.as_deref()].into_iter().flatten();
        let Some(authority) = host.filter_map(|host| Authority::try_from(host).ok()).next() else {
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
            .map_err(|error| invalid(format_args!("its URI is none: {error}")))
    }
}

fn decoded(body: Option<String>, is_base64_encoded: Option<bool>) -> Result<Bytes, Error> {
    match (body, is_base64_encoded) {
        (None, _) => Ok(Bytes::new()),
        (Some(body), Some(true)) => STANDARD
            .decode(body)
            .map(Bytes::from)
            .map_err(|error| invalid(format_args!("its body is said to be base64, and is not: {error}"))),
        (Some(body), _) => Ok(body.into()),
    }
}

/// Outside of a custom domain, the path of an HTTP API begins with the name of its stage.
fn without_stage<'a>(path: &'a str, context: &Value, domain_name: Option<&str>) -> &'a str {
    let stage = context["stage"].as_str().filter(|stage| *stage != "$default");
    let is_own_domain = domain_name.is_some_and(|name| name.contains(".execute-api."));
    let (Some(stage), true) = (stage, is_own_domain) else {
        return path;
    };
    let rest = path.strip_prefix('/').and_then(|path| path.strip_prefix(stage));
    match rest {
        Some("") => "/",
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}

/// Every value where the event has them all, else the last one of each name.
fn all(lists: Option<Pairs>, last: Option<Pairs>) -> Vec<(String, String)> {
    let mut sources = [lists, last].into_iter().flatten().map(|pairs| pairs.0);
    sources.find(|pairs| !pairs.is_empty()).unwrap_or_default()
}

fn headers(pairs: Vec<(String, String)>) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::with_capacity(pairs.len());
    for (name, value) in pairs {
        let header = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| invalid(format_args!("{name:?} is no name for a header")))?;
        headers.append(header, header_value(&name, &value)?);
    }
    Ok(headers)
}

/// UTF-8 is taken for what it is, as servers take it (RFC 9110, section 5.5: opaque data).
fn header_value(name: &str, value: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
        invalid(format_args!(
            "the value of its header {name:?} holds a control character"
        ))
    })
}

fn parsed<T: DeserializeOwned>(event: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(event).map_err(invalid)
}

/// The context in its own type, where it has that form.
fn typed<T: DeserializeOwned>(context: &Value, variant: fn(Box<T>) -> RequestContext) -> Option<RequestContext> {
    T::deserialize(context).ok().map(|context| variant(Box::new(context)))
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn add<T: Clone + Send + Sync + 'static>(extensions: &mut Extensions, extension: Option<T>) {
    if let Some(extension) = extension {
        extensions.insert(extension);
    }
}

fn invalid(why: impl Display) -> Error {
    Error::of_type(
        "Function.InvalidEvent",
        format!("the event cannot be answered as an HTTP request: {why}"),
        Vec::new(),
    )
}

#[cfg(test)]
mod tests;
