//! The viewer: a page that shows the invocations while they run.

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

/// Returns whether the path belongs to the viewer.
pub(crate) fn is_path(path: &str) -> bool {
    path == "/_stream" || path.starts_with("/_stream/")
}
