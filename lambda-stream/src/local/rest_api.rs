//! The REST API front end: each HTTP request becomes an event of an API Gateway REST API.

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;

use super::server::Peer;
use super::server::body::{ResponseBody, boxed};
use super::server::rejection::ErrorResponse;
use super::shared::Shared;

/// Responds to a request.
pub(crate) async fn respond(request: Request<Incoming>, _peer: Peer, _shared: Shared) -> Response<ResponseBody> {
    drop(request);
    ErrorResponse::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", "not implemented")
        .into_response()
        .map(boxed)
}
