//! What an event says besides the request, as extensions of it.

use std::collections::HashMap;
use std::net::IpAddr;

use aws_lambda_events::alb::AlbTargetGroupRequestContext;
use aws_lambda_events::apigw::{ApiGatewayProxyRequestContext, ApiGatewayV2httpRequestContext};

/// What the source says of itself and of the caller: API, stage, and what an authorizer found.
///
/// An extension of every request whose event has one that can be read. A new or malformed field of it is no reason to
/// refuse the request: it then has no such extension.
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
    /// Of payload format 2.0: a Function URL or an HTTP API.
    ApiGatewayV2(Box<ApiGatewayV2httpRequestContext>),
    /// Of payload format 1.0: a REST API, or an HTTP API that asks for it.
    ApiGatewayV1(Box<ApiGatewayProxyRequestContext>),
    /// Of an Application Load Balancer.
    Alb(Box<AlbTargetGroupRequestContext>),
}

/// The variables of the route that API Gateway matched, by name: `proxy` for `/{proxy+}`. Decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathParameters(pub HashMap<String, String>);

/// The variables of API Gateway's stage, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StageVariables(pub HashMap<String, String>);

/// The address that the request came from, as the source saw it. Behind a proxy or a CDN it is that one's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceAddress(pub IpAddr);
