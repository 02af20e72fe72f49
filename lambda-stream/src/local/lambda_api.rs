//! The Lambda API, which AWS SDKs call: `Invoke` and `InvokeWithResponseStream`.

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

/// Returns whether the path belongs to the Lambda API.
pub(crate) fn is_path(path: &str) -> bool {
    path.starts_with("/2015-03-31/functions/") || path.starts_with("/2021-11-15/functions/")
}
