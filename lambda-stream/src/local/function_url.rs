//! The Function URL front end: each HTTP request, with any path and method, becomes one invocation.

pub(crate) mod prelude;
mod rejection_log;
mod response;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::Either;
use hyper::body::Incoming;
use tokio::net::TcpListener;

use self::rejection_log::RejectionLog;
use self::response::ResponseBody;
use super::broker::Broker;
use super::identifiers::RequestId;
use super::server::origin_check::{self, Exposure, OriginError};
use super::server::rejection::{ErrorResponse, drain_body};
use super::server::request_body::{BodyError, MemoryBudget};
use super::server::{self, Peer, ServerKind};
use super::shutdown::ShutdownToken;
use crate::event::encode::payload_v2;

/// Serves HTTP clients until the shutdown is requested.
pub(crate) async fn serve(listener: TcpListener, exposure: Exposure, broker: Arc<Broker>, shutdown: ShutdownToken) {
    // Connections that are accepted earlier could use up the file descriptors that the function needs to initialize.
    broker.started().await;
    let front_end = FrontEnd {
        exposure,
        budget: MemoryBudget::new(),
        rejections: Arc::default(),
        broker,
    };
    let handler = move |request, peer| respond(request, peer, front_end.clone());
    server::serve(listener, ServerKind::FrontEnd, handler, shutdown).await;
}

/// What all requests share.
#[derive(Clone)]
struct FrontEnd {
    exposure: Exposure,
    budget: MemoryBudget,
    rejections: Arc<RejectionLog>,
    broker: Arc<Broker>,
}

async fn respond(request: Request<Incoming>, peer: Peer, front_end: FrontEnd) -> Response<ResponseBody> {
    let (parts, mut body) = request.into_parts();
    let rejection = match origin_check::check(&parts, front_end.exposure) {
        Ok(()) => {
            let id = RequestId::random();
            match read_event(&parts, &mut body, &id, peer.address, &front_end.budget).await {
                Ok(event) => {
                    peer.connection.set_request_received();
                    let response = front_end.broker.invoke(id, event).response().await;
                    return response::encode(response, peer.connection).await;
                }
                Err(error) => error.to_response(),
            }
        }
        Err(error) => reject_origin(error, &front_end.rejections),
    };
    drain_body(body);
    rejection.into_response().map(Either::Left)
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

fn reject_origin(error: OriginError, log: &Arc<RejectionLog>) -> ErrorResponse {
    match error {
        OriginError::Malformed(message) => ErrorResponse::new(StatusCode::BAD_REQUEST, "BadRequest", &message),
        OriginError::ForeignOrigin(message) => {
            // Browsers do not show the response to the page. The log shows the reason to the author of the page.
            let response = ErrorResponse::new(StatusCode::FORBIDDEN, "AccessDeniedException", &message);
            log.add(message);
            response
        }
    }
}

#[cfg(test)]
mod tests;
