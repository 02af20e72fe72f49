//! The viewer: a page at `/_stream/` that shows the invocations while they run, and sends events to the function.
//!
//! The page is for the developer at this machine only: [`access`] rejects the pages of all other origins and clients on
//! other machines. The page reads [`events`], a stream of server-sent events with the records of the activity, and calls
//! [`invoke`].

mod access;
mod assets;
mod events;
mod invoke;
mod records;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, LOCATION};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Empty;
use hyper::body::Incoming;

use self::access::Target;
use super::server::Peer;
use super::server::body::{ResponseBody, boxed};
use super::server::rejection::{ErrorResponse, drain_body};
use super::shared::Shared;

const ROOT: &str = "/_stream/";

/// The page loads nothing from elsewhere, runs no inline script, and no other page may embed it.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
     trusted-types 'none'";

/// Responds to a request.
pub(crate) async fn respond(request: Request<Incoming>, peer: Peer, shared: Shared) -> Response<ResponseBody> {
    let (parts, body) = request.into_parts();
    let target = Target::of(parts.uri.path());
    if let Err(rejection) = access::check(&parts, target, peer.address, shared.settings.host) {
        drain_body(body);
        return with_security_headers(rejection.into_response().map(boxed));
    }
    let response = match (target, &parts.method) {
        (Target::Invoke, &Method::POST) => invoke::respond(body, peer.address, &peer.connection, shared).await,
        (Target::Events, &Method::GET) => events::respond(&parts, &peer.connection, &shared),
        (Target::Root, &Method::GET | &Method::HEAD) => redirect(),
        (Target::Page | Target::Asset, &Method::GET | &Method::HEAD) => {
            let name = parts.uri.path().strip_prefix(ROOT).unwrap_or_default();
            assets::respond(name)
                .unwrap_or_else(|| error(StatusCode::NOT_FOUND, "NotFound", "the viewer has no such path"))
        }
        (Target::Invoke, _) => method_not_allowed("POST"),
        _ => method_not_allowed("GET"),
    };
    with_security_headers(response)
}

/// Returns whether the path belongs to the viewer.
pub(crate) fn is_path(path: &str) -> bool {
    path == "/_stream" || path.starts_with(ROOT)
}

/// Redirects to the path with the slash, which the page's relative URLs require.
fn redirect() -> Response<ResponseBody> {
    let mut response = Response::new(boxed(Empty::<Bytes>::new()));
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    insert(response.headers_mut(), LOCATION, ROOT);
    response
}

fn method_not_allowed(allowed: &'static str) -> Response<ResponseBody> {
    let message = format!("the viewer accepts only {allowed} for this path");
    let mut response = error(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", &message);
    insert(response.headers_mut(), ALLOW, allowed);
    response
}

fn error(status: StatusCode, error_type: &str, message: &str) -> Response<ResponseBody> {
    ErrorResponse::new(status, error_type, message)
        .into_response()
        .map(boxed)
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

fn with_security_headers(mut response: Response<ResponseBody>) -> Response<ResponseBody> {
    let headers = response.headers_mut();
    for (name, value) in [
        ("content-security-policy", CONTENT_SECURITY_POLICY),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
    ] {
        insert(headers, HeaderName::from_static(name), value);
    }
    insert(headers, CACHE_CONTROL, "no-store");
    // A response without a type could be taken for a document.
    if !headers.contains_key(CONTENT_TYPE) {
        insert(headers, CONTENT_TYPE, "text/plain; charset=utf-8");
    }
    response
}

#[cfg(test)]
mod tests;
