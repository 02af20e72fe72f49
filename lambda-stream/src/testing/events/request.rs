//! The parts of a request that the encoders of all sources use.

use std::net::{IpAddr, Ipv4Addr};

use http::header::HOST;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request};

/// Returns the parts of the request as a client sends them: with a `Host` header if the host is known.
pub(super) fn sent_parts<B>(request: &Request<B>) -> Parts {
    let mut sent = Request::new(());
    *sent.method_mut() = request.method().clone();
    *sent.uri_mut() = request.uri().clone();
    *sent.version_mut() = request.version();
    *sent.headers_mut() = request.headers().clone();
    let host = request.uri().authority().map(|authority| authority.as_str());
    if let Some(Ok(host)) = host.map(HeaderValue::try_from) {
        sent.headers_mut().entry(HOST).or_insert(host);
    }
    sent.into_parts().0
}

/// Returns the address that the source appended to `X-Forwarded-For`.
pub(super) fn client(headers: &HeaderMap) -> IpAddr {
    let forwarded_for = headers.get_all("x-forwarded-for").iter().next_back();
    let address = forwarded_for.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    // An address for documentation (RFC 5737).
    address.unwrap_or(Ipv4Addr::new(192, 0, 2, 1).into())
}
