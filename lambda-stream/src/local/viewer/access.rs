//! Decides which requests for the viewer come from its own page.
//!
//! `server::origin_check` accepts pages of this machine at any port, since they may call the function. The viewer shows
//! every event and response, so only its own origin may read it: another local server, such as the development server of
//! another project, is a different origin.

use std::net::{IpAddr, SocketAddr};

use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::request::Parts;
use http::{Method, StatusCode};

use super::super::server::rejection::ErrorResponse;
use super::ROOT;

/// The header that the page adds to `POST`. A page of another origin cannot send it without a CORS preflight, which the
/// viewer does not allow.
pub(super) const VIEWER_HEADER: &str = "x-lambda-stream-viewer";

/// What a path of the viewer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// The path without the final slash.
    Root,
    Page,
    Asset,
    Events,
    Invoke,
}

impl Target {
    pub(super) fn of(path: &str) -> Self {
        match path.strip_prefix(ROOT) {
            None => Self::Root,
            Some("") => Self::Page,
            Some("events") => Self::Events,
            Some("invoke") => Self::Invoke,
            Some(_) => Self::Asset,
        }
    }
}

/// Checks the client and the page that the request comes from. `host`: the address that local mode listens on.
pub(super) fn check(request: &Parts, target: Target, client: SocketAddr, host: IpAddr) -> Result<(), ErrorResponse> {
    check_client(client.ip(), host)?;
    check_origin(request)?;
    check_fetch_site(request, target)?;
    if target == Target::Invoke && request.method == Method::POST {
        check_post(request)?;
    }
    Ok(())
}

/// Rejects other machines. A client with the address of the listener is on this machine.
fn check_client(client: IpAddr, host: IpAddr) -> Result<(), ErrorResponse> {
    let client = client.to_canonical();
    if client.is_loopback() || client == host.to_canonical() {
        return Ok(());
    }
    Err(forbidden(&format!(
        "the viewer is only for the machine that runs the function, and this request comes from {client}: open the viewer \
         on that machine, or forward the port (`ssh -L 9000:localhost:9000 MACHINE`)"
    )))
}

/// Rejects every origin but that of the requested host. `server::origin_check` has checked that `Host` names this machine.
fn check_origin(request: &Parts) -> Result<(), ErrorResponse> {
    let Some(origin) = request.headers.get(ORIGIN) else {
        return Ok(());
    };
    let origin = origin.as_bytes();
    let host = request.headers.get(HOST).map(|host| host.as_bytes());
    let is_same = host.is_some_and(|host| {
        origin
            .strip_prefix(b"http://")
            .is_some_and(|origin| origin.eq_ignore_ascii_case(host))
    });
    if is_same {
        return Ok(());
    }
    Err(forbidden(&format!(
        "only the viewer's own page may use this path, and the request comes from a page of `{}`",
        origin.escape_ascii()
    )))
}

/// Rejects requests that a page of another origin causes without an `Origin`, such as those for scripts, images and
/// frames. A link from elsewhere to the page itself is accepted: the other page cannot read what it opens.
fn check_fetch_site(request: &Parts, target: Target) -> Result<(), ErrorResponse> {
    let header = |name: &str| request.headers.get(name).map(|value| value.as_bytes());
    let is_navigation = matches!(target, Target::Page | Target::Root)
        && request.method == Method::GET
        && header("sec-fetch-mode") == Some(b"navigate")
        && header("sec-fetch-dest") == Some(b"document");
    match header("sec-fetch-site") {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) if is_navigation => Ok(()),
        Some(site) => Err(forbidden(&format!(
            "only the viewer's own page may use this path, and the request comes from another page (Sec-Fetch-Site: {})",
            site.escape_ascii()
        ))),
    }
}

fn check_post(request: &Parts) -> Result<(), ErrorResponse> {
    let content_type = request.headers.get(CONTENT_TYPE).map(|value| value.as_bytes());
    if content_type != Some(b"application/json") {
        return Err(ErrorResponse::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UnsupportedMediaType",
            "send the header `Content-Type: application/json`",
        ));
    }
    if !request.headers.contains_key(VIEWER_HEADER) {
        return Err(forbidden(&format!(
            "send the header `{VIEWER_HEADER}: 1`: it shows that the request does not come from a form on another page"
        )));
    }
    Ok(())
}

fn forbidden(message: &str) -> ErrorResponse {
    ErrorResponse::new(StatusCode::FORBIDDEN, "AccessDeniedException", message)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const LOCAL: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 50_000);

    fn passes(method: &str, path: &str, headers: &[(&str, &str)]) -> bool {
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost:9000");
        let request = headers
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, *value));
        let (parts, ()) = request.body(()).unwrap().into_parts();
        check(&parts, Target::of(path), LOCAL.into(), LOCAL.0.into()).is_ok()
    }

    #[test]
    fn origin_must_equal_host() {
        for path in ["/_stream/", "/_stream/events", "/_stream/script.js"] {
            assert!(passes("GET", path, &[]), "{path}");
            assert!(passes("GET", path, &[("origin", "http://localhost:9000")]), "{path}");
            for origin in [
                "http://localhost:9001",
                "http://localhost",
                "https://localhost:9000",
                "http://127.0.0.1:9000",
                "http://evil.example",
                "null",
                "",
            ] {
                assert!(!passes("GET", path, &[("origin", origin)]), "{path} {origin}");
            }
        }
    }

    #[test]
    fn fetch_site_must_be_same_origin() {
        for site in ["cross-site", "same-site"] {
            let navigation = [
                ("sec-fetch-site", site),
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "document"),
            ];
            let frame = [
                ("sec-fetch-site", site),
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "iframe"),
            ];
            assert!(passes("GET", "/_stream/", &navigation), "{site}");
            assert!(!passes("GET", "/_stream/events", &navigation), "{site}");
            assert!(!passes("GET", "/_stream/", &frame), "{site}");
            assert!(
                !passes("GET", "/_stream/script.js", &[("sec-fetch-site", site)]),
                "{site}"
            );
        }
        for site in ["same-origin", "none"] {
            assert!(passes("GET", "/_stream/events", &[("sec-fetch-site", site)]), "{site}");
        }
    }

    #[test]
    fn post_requires_json_and_header() {
        let json = ("content-type", "application/json");
        let marker = (VIEWER_HEADER, "1");
        assert!(passes("POST", "/_stream/invoke", &[json, marker]));
        assert!(!passes("POST", "/_stream/invoke", &[json]));
        assert!(!passes("POST", "/_stream/invoke", &[marker]));
        assert!(!passes(
            "POST",
            "/_stream/invoke",
            &[("content-type", "text/plain"), marker]
        ));
    }

    #[test]
    fn client_must_be_on_this_machine() {
        let passes = |client: &str, host: &str| check_client(client.parse().unwrap(), host.parse().unwrap()).is_ok();
        assert!(passes("127.0.0.1", "0.0.0.0"));
        assert!(passes("::ffff:127.0.0.1", "::"));
        assert!(passes("::1", "::"));
        assert!(passes("192.168.1.5", "192.168.1.5"));
        assert!(!passes("192.168.1.6", "192.168.1.5"));
        assert!(!passes("192.168.1.6", "0.0.0.0"));
        assert!(!passes("2001:db8::1", "::"));
    }
}
