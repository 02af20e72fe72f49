//! The REST API front end: each HTTP request becomes an event of an API Gateway REST API whose resource is `/{proxy+}`, with
//! a Lambda proxy integration whose `responseTransferMode` is `STREAM`.
//!
//! As from API Gateway, the body of an error response does not explain the error. The log does.

mod error;
mod response;

use std::net::SocketAddr;
use std::time::SystemTime;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use hyper::body::Incoming;

use self::error::ApiError;
use self::response::Encoder;
use super::activity::event::{RequestInfo, Source};
use super::broker::invocation::NewInvocation;
use super::identifiers::RequestId;
use super::server::Peer;
use super::server::body::ResponseBody;
use super::server::rejection::drain_body;
use super::server::request_body::{BodyError, MemoryBudget};
use super::shared::Shared;
use crate::event::encode::payload_v1;

/// The stage of the API. As with a custom domain name, it is not part of the path of requests.
const STAGE: &str = "local";

/// Invokes the function with the request as its event.
pub(crate) async fn respond(request: Request<Incoming>, peer: Peer, shared: Shared) -> Response<ResponseBody> {
    let (parts, mut body) = request.into_parts();
    let id = RequestId::random();
    match read_event(&parts, &mut body, &id, peer.address, &shared.budget).await {
        Ok(event) => {
            peer.connection.set_request_received();
            let request = RequestInfo {
                source: Source::RestApi,
                method: parts.method.to_string(),
                path: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
                event,
            };
            let limits = shared.settings.limits;
            let encoder = Encoder {
                max_prelude: limits.max_prelude(),
                idle_timeout: limits.idle_timeout(&shared.settings.front_end),
                connection: peer.connection,
                request: format!("{} {}", request.method, request.path),
            };
            let mut invocation = shared.broker.invoke(NewInvocation::new(id, request));
            let response = encoder.encode(invocation.response()).await;
            invocation.set_status(response.status());
            response
        }
        Err(error) => {
            drain_body(body);
            let (error, reason) = ApiError::of_request(&error);
            shared.rejections.add(reason);
            error.into_response()
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
    let source = payload_v1::Source {
        account_id: "000000000000",
        api_id: "local",
        domain_name: "localhost",
        stage: STAGE,
        request_id: id.as_str(),
        extended_request_id: id.as_str(),
        client: client.ip(),
        time,
    };
    let event = payload_v1::encode_rest_api(parts, body.as_ref(), &source).to_string();
    drop(body);
    budget.reserve_event(event.into())
}

#[cfg(test)]
mod tests;
