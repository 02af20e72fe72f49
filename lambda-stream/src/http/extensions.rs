//! The extensions of a request: what an event contains besides the request.

use std::collections::HashMap;
use std::net::IpAddr;

use aws_lambda_events::alb::AlbTargetGroupRequestContext;
use aws_lambda_events::apigw::{ApiGatewayProxyRequestContext, ApiGatewayV2httpRequestContext};

/// The `requestContext` of the event: the API, the stage, and the result of an authorizer.
///
/// A request has this extension unless the event has no `requestContext`, as in a test event, or the `requestContext`
/// cannot be deserialized. A field that is malformed or has a new form does not fail the request.
///
/// ```
/// use bytes::Bytes;
/// use http::Request;
/// use lambda_stream::http::RequestContext;
///
/// fn subject(request: &Request<Bytes>) -> Option<&str> {
///     let claims = match request.extensions().get::<RequestContext>()? {
///         RequestContext::ApiGatewayV2(context) => &context.authorizer.as_ref()?.jwt.as_ref()?.claims,
///         _ => return None,
///     };
///     claims.get("sub").map(String::as_str)
/// }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum RequestContext {
    /// Payload format 2.0: a Function URL or an HTTP API.
    ApiGatewayV2(Box<ApiGatewayV2httpRequestContext>),
    /// Payload format 1.0: a REST API, or an HTTP API that is configured for it.
    ApiGatewayV1(Box<ApiGatewayProxyRequestContext>),
    /// An Application Load Balancer.
    Alb(Box<AlbTargetGroupRequestContext>),
}

/// The `requestContext` of the event as JSON: every field as the source sent it, also those that [`RequestContext`] lacks.
///
/// A request has this extension unless the event has no `requestContext`, as in a test event.
///
/// ```
/// use bytes::Bytes;
/// use http::Request;
/// use lambda_stream::http::RawRequestContext;
///
/// fn request_id(request: &Request<Bytes>) -> Option<&str> {
///     let RawRequestContext(context) = request.extensions().get()?;
///     context["requestId"].as_str()
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRequestContext(pub serde_json::Value);

/// The path parameters of the route that API Gateway matched, by name: `proxy` for `/{proxy+}`. The values are decoded.
///
/// # Examples
/// ```
/// use bytes::Bytes;
/// use http::Request;
/// use lambda_stream::http::PathParameters;
///
/// fn order_id(request: &Request<Bytes>) -> Option<&str> {
///     let PathParameters(parameters) = request.extensions().get()?;
///     parameters.get("id").map(String::as_str)
/// }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathParameters(pub HashMap<String, String>);

/// The stage variables of API Gateway, by name.
///
/// # Examples
/// ```
/// use bytes::Bytes;
/// use http::Request;
/// use lambda_stream::http::StageVariables;
///
/// fn table(request: &Request<Bytes>) -> Option<&str> {
///     let StageVariables(variables) = request.extensions().get()?;
///     variables.get("table").map(String::as_str)
/// }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StageVariables(pub HashMap<String, String>);

/// The address of the client, as the source of the event reports it. Behind a proxy or a CDN, it is the address of the
/// proxy or the CDN.
///
/// # Examples
/// ```
/// use std::net::IpAddr;
///
/// use bytes::Bytes;
/// use http::Request;
/// use lambda_stream::http::SourceAddress;
///
/// fn address(request: &Request<Bytes>) -> Option<IpAddr> {
///     let SourceAddress(address) = request.extensions().get()?;
///     Some(*address)
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceAddress(pub IpAddr);
