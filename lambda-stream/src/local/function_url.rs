//! The Function URL front end: each HTTP request, with any path and method, becomes one invocation.

pub(crate) mod body;
mod cors;
pub(crate) mod prelude;
pub(crate) mod response;
mod signature;

use std::net::SocketAddr;
use std::time::SystemTime;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use hyper::body::Incoming;

use self::response::Encoder;
use self::signature::Caller;
use super::activity::event::{RequestInfo, Source};
use super::broker::invocation::NewInvocation;
use super::identifiers::RequestId;
use super::server::Peer;
use super::server::body::{ResponseBody, boxed};
use super::server::rejection::drain_body;
use super::server::request_body::{BodyError, MemoryBudget};
use super::settings::{AuthType, FrontEndSettings, InvokeMode};
use super::shared::Shared;
use crate::event::encode::payload_v2;

/// Responds to a request.
pub(crate) async fn respond(request: Request<Incoming>, peer: Peer, shared: Shared) -> Response<ResponseBody> {
    let (invoke_mode, auth, cors) = match &shared.settings.front_end {
        FrontEndSettings::FunctionUrl {
            invoke_mode,
            auth,
            cors,
        } => (*invoke_mode, *auth, cors.as_ref()),
        // Other front ends do not have these settings.
        FrontEndSettings::RestApi => (InvokeMode::ResponseStream, AuthType::None, None),
    };
    let (parts, body) = request.into_parts();
    let Some(cors) = cors else {
        return respond_to(&parts, body, peer, &shared, invoke_mode, auth).await;
    };
    if cors::is_preflight(&parts) {
        drain_body(body);
        return cors::respond_to_preflight(cors, &parts.headers).map(boxed);
    }
    let mut response = respond_to(&parts, body, peer, &shared, invoke_mode, auth).await;
    cors::add_headers(cors, &parts.headers, response.headers_mut());
    response
}

/// Responds to a request that is not a preflight request.
async fn respond_to(
    parts: &Parts,
    body: Incoming,
    peer: Peer,
    shared: &Shared,
    invoke_mode: InvokeMode,
    auth: AuthType,
) -> Response<ResponseBody> {
    let caller = match auth {
        AuthType::None => Ok(None),
        AuthType::AwsIam => Caller::of(parts).map(Some),
    };
    match caller {
        Ok(caller) => invoke(parts, body, peer, shared, invoke_mode, caller.as_ref()).await,
        Err(reason) => {
            drain_body(body);
            shared.rejections.add(reason);
            signature::forbidden().map(boxed)
        }
    }
}

/// Invokes the function with the request as its event.
async fn invoke(
    parts: &Parts,
    mut body: Incoming,
    peer: Peer,
    shared: &Shared,
    invoke_mode: InvokeMode,
    caller: Option<&Caller>,
) -> Response<ResponseBody> {
    let id = RequestId::random();
    match read_event(parts, &mut body, &id, peer.address, &shared.budget, caller).await {
        Ok(event) => {
            peer.connection.set_request_received();
            let request = RequestInfo {
                source: Source::FunctionUrl,
                method: parts.method.to_string(),
                path: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
                event,
            };
            let label = format!("{} {}", request.method, request.path);
            let mut invocation = shared.broker.invoke(NewInvocation::new(id, request));
            let encoder = Encoder {
                invoke_mode,
                limits: shared.settings.limits,
                connection: peer.connection,
            };
            let response = encoder.encode(invocation.response().await, &label).await;
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
    caller: Option<&Caller>,
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
    let mut event = payload_v2::encode(parts, body.as_ref(), &source);
    if let Some(caller) = caller {
        caller.add_to(&mut event);
    }
    let event = event.to_string();
    drop(body);
    budget.reserve_event(event.into())
}

#[cfg(test)]
mod tests;
