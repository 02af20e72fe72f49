//! The Function URL front end: each HTTP request, with any path and method, becomes one invocation.

pub(crate) mod prelude;
mod response;

use std::net::SocketAddr;
use std::time::SystemTime;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use hyper::body::Incoming;

use super::activity::event::{RequestInfo, Source};
use super::broker::invocation::NewInvocation;
use super::identifiers::RequestId;
use super::server::Peer;
use super::server::body::{ResponseBody, boxed};
use super::server::rejection::drain_body;
use super::server::request_body::{BodyError, MemoryBudget};
use super::shared::Shared;
use crate::event::encode::payload_v2;

/// Invokes the function with the request as its event.
pub(crate) async fn respond(request: Request<Incoming>, peer: Peer, shared: Shared) -> Response<ResponseBody> {
    let (parts, mut body) = request.into_parts();
    let id = RequestId::random();
    match read_event(&parts, &mut body, &id, peer.address, &shared.budget).await {
        Ok(event) => {
            peer.connection.set_request_received();
            let request = RequestInfo {
                source: Source::FunctionUrl,
                method: parts.method.to_string(),
                path: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
                event,
            };
            let mut invocation = shared.broker.invoke(NewInvocation::new(id, request));
            let response = invocation.response().await;
            let response = response::encode(response, peer.connection).await;
            invocation.set_status(response.status());
            response
        }
        Err(error) => {
            drain_body(body);
            error.to_response().into_response().map(boxed)
        }
    }
}

async fn read_event(
    parts: &Parts,
    body: &mut Incoming,
    id: &RequestId,
    client: SocketAddr,
    budget: &MemoryBudget,
) -> Result<Bytes, BodyError> {
    let time = SystemTime::now();
    let body = budget.read_body(body).await?;
    let source = payload_v2::Source {
        account_id: "anonymous",
        api_id: "local",
        domain_name: "localhost",
        request_id: id.as_str(),
        client: client.ip(),
        time,
    };
    let event = payload_v2::encode(parts, body.as_ref(), &source).to_string();
    drop(body);
    budget.reserve_event(event.into())
}

#[cfg(test)]
mod tests;
