//! Rejects requests that a page of another website may have sent through the user's browser.
//!
//! Local mode does not authenticate clients, and any web page that the user opens can send requests to a local port.
//! Two headers identify the page. Browsers set both, and pages cannot change them: `Host` is the name that the page
//! uses for the function, and `Origin` is the site of the page. This module reads only request heads.
//!
//! The command line can name origins of other websites whose pages may call the Function URL. They pass the check of
//! `Origin`, for the paths of the Function URL only, and never that of `Host`.

use std::net::IpAddr;

use http::header::{HOST, HeaderName, ORIGIN};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, Method, Version};

/// Which machines can connect to the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exposure {
    /// Only this machine.
    Loopback,
    /// The network, because of `--host`.
    Network,
}

impl Exposure {
    /// Returns the exposure of a listener on this address.
    pub(crate) fn of(address: IpAddr) -> Self {
        match address.to_canonical().is_loopback() {
            true => Self::Loopback,
            false => Self::Network,
        }
    }
}

/// The reason for a rejection. The message says how to fix the request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum OriginError {
    /// The request violates HTTP.
    Malformed(String),
    /// The request comes, or may come, from a page of another website.
    ForeignOrigin(String),
}

/// Checks the host and the origin of a request.
///
/// `allowed_origins`: the origins of other websites whose pages may send the request, such as `https://app.example`. `*` and
/// `null` have no effect here: they would let every website call the function.
pub(crate) fn check(request: &Parts, exposure: Exposure, allowed_origins: &[String]) -> Result<(), OriginError> {
    if request.method == Method::CONNECT {
        // The target of CONNECT is a server to connect to, not a path.
        let message = "CONNECT is only for proxies: use another method";
        return Err(OriginError::Malformed(message.to_owned()));
    }
    let host = parse_host(request)?;
    // RFC 9112, section 3.2.2: an absolute request target takes precedence over `Host`, so both are checked.
    let target = request.uri.authority();
    if let Some(target) = target.filter(|target| !is_host_and_port(target)) {
        return Err(OriginError::Malformed(format!(
            "invalid host `{target}` in the request target: send a name or an IP address, and the port, such as \
             `localhost:9000`"
        )));
    }
    for host in host.iter().chain(target) {
        check_host(host, exposure)?;
    }
    match single_value(&request.headers, ORIGIN)? {
        Some(origin) => check_origin(origin, host.as_ref(), allowed_origins),
        None => check_fetch_metadata(request),
    }
}

/// Returns the `Host` header. RFC 9112, section 3.2, requires exactly one valid `Host`; in HTTP/1.0 it is optional, and
/// browsers do not send HTTP/1.0.
fn parse_host(request: &Parts) -> Result<Option<Authority>, OriginError> {
    match single_value(&request.headers, HOST)? {
        Some(host) => parse_authority(host).map(Some).ok_or_else(|| {
            OriginError::Malformed(format!(
                "invalid Host header `{}`: send a name or an IP address, and the port, such as `localhost:9000`",
                host.escape_ascii()
            ))
        }),
        None if request.version < Version::HTTP_11 => Ok(None),
        None => Err(OriginError::Malformed(
            "missing Host header, which HTTP/1.1 requires: add one, such as `Host: localhost`".to_owned(),
        )),
    }
}

fn parse_authority(text: &[u8]) -> Option<Authority> {
    Authority::try_from(text).ok().filter(is_host_and_port)
}

/// Returns whether the authority is `HOST` or `HOST:PORT` (RFC 9110, section 7.2). [`Authority`] also accepts user
/// information and any text as the port.
fn is_host_and_port(authority: &Authority) -> bool {
    let host = authority.host();
    match authority.as_str().strip_prefix(host) {
        _ if host.is_empty() => false,
        Some("") => true,
        Some(rest) => rest
            .strip_prefix(':')
            .filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
            // RFC 3986, section 3.2.3, allows an empty port.
            .is_some_and(|port| port.is_empty() || port.parse::<u16>().is_ok()),
        // The authority starts with user information.
        None => false,
    }
}

/// Returns the value of a header that may appear at most once.
fn single_value(headers: &HeaderMap, name: HeaderName) -> Result<Option<&[u8]>, OriginError> {
    let mut values = headers.get_all(&name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value.map(|value| value.as_bytes())),
        (_, Some(_)) => Err(OriginError::Malformed(format!(
            "the header {name} appears more than once: send one"
        ))),
    }
}

/// Rejects names that do not resolve to loopback by definition (RFC 6761, section 6.3).
///
/// In a DNS rebinding attack, a name of another site resolves to the address of this machine, and the browser then
/// treats the function as part of that site. IP addresses are not affected: a page that is loaded from an IP address
/// comes from that machine. With `--host`, any IP address is accepted, since the machine may have several, and may be
/// reachable through an address that it does not know.
fn check_host(host: &Authority, exposure: Exposure) -> Result<(), OriginError> {
    let name = host.host();
    if is_local(name) || (exposure == Exposure::Network && parse_address(name).is_some()) {
        return Ok(());
    }
    let remedy = match exposure {
        Exposure::Loopback => {
            "call the function as localhost or 127.0.0.1 (a proxy can send `Host: localhost`), or start it with --host \
             ADDRESS to accept requests from the network"
        }
        Exposure::Network => "call the function by an IP address or as localhost (a proxy can send `Host: localhost`)",
    };
    Err(OriginError::ForeignOrigin(format!(
        "the request is for the host `{host}`, a name that can belong to any website: {remedy}"
    )))
}

/// Accepts pages of this machine and pages of the requested host, at any port, and pages of allowed origins. A front end in
/// development usually runs on another port of the same machine. The origin `null`, which some pages send to hide their
/// origin, is rejected.
fn check_origin(origin: &[u8], host: Option<&Authority>, allowed_origins: &[String]) -> Result<(), OriginError> {
    let site = std::str::from_utf8(origin).ok().and_then(|origin| {
        let (_, authority) = origin.split_once("://")?;
        parse_authority(authority.as_bytes())
    });
    let is_local_page = |site: &Authority| {
        // `check_host` has accepted the requested host, so a page of that host is as trusted as a local page.
        is_local(site.host()) || host.is_some_and(|host| host.host().eq_ignore_ascii_case(site.host()))
    };
    let is_allowed = |allowed: &String| allowed.as_bytes().eq_ignore_ascii_case(origin);
    match site {
        Some(site) if is_local_page(&site) || allowed_origins.iter().any(is_allowed) => Ok(()),
        _ => Err(OriginError::ForeignOrigin(format!(
            "the request comes from a page of `{}`, and only pages of the machine that runs the function may call it: \
             open the page from http://localhost, at any port, call the function from a program that sends no Origin \
             header, or name the origin in AllowOrigins of --cors (`*` means only pages of this machine here)",
            origin.escape_ascii()
        ))),
    }
}

/// Rejects cross-site requests that have no `Origin`, such as those for images, scripts and frames. Recent browsers
/// mark them with the Fetch Metadata headers.
///
/// Navigation to a document from another site, such as a link or the redirect after a sign-in, is accepted: the other
/// page cannot read the response, and it can send such requests to every web server.
fn check_fetch_metadata(request: &Parts) -> Result<(), OriginError> {
    let has = |name: &str, expected: &str| request.headers.get(name).is_some_and(|value| value == expected);
    let is_navigation = matches!(request.method, Method::GET | Method::HEAD)
        && has("sec-fetch-mode", "navigate")
        && has("sec-fetch-dest", "document");
    if has("sec-fetch-site", "cross-site") && !is_navigation {
        return Err(OriginError::ForeignOrigin(
            "the request comes from a page of another site (Sec-Fetch-Site: cross-site), and only pages of the machine \
             that runs the function may call it: use the same host, such as localhost, for the page and for the \
             function"
                .to_owned(),
        ));
    }
    Ok(())
}

/// Returns whether the host is a name or an address of this machine by definition.
fn is_local(host: &str) -> bool {
    // A fully qualified name ends with a dot.
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || parse_address(host).is_some_and(|address| address.to_canonical().is_loopback())
}

/// Parses an IP address. An IPv6 address in a host is enclosed in brackets.
fn parse_address(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    bare.unwrap_or(host).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(exposure: Exposure, headers: &[(&str, &str)]) -> bool {
        let request = headers.iter().fold(http::Request::get("/"), |request, (name, value)| {
            request.header(*name, *value)
        });
        let allowed = ["https://app.example:8443", "*", "null"].map(str::to_owned);
        check(&request.body(()).unwrap().into_parts().0, exposure, &allowed).is_ok()
    }

    #[test]
    fn host_check_accepts_local_names_and_addresses() {
        for host in [
            "localhost",
            "LocalHost.:81",
            "a.b.localhost:9000",
            "127.0.0.1:1",
            "127.9.9.9",
            "[::1]:9000",
        ] {
            assert!(passes(Exposure::Loopback, &[("host", host)]), "{host}");
            assert!(passes(Exposure::Network, &[("host", host)]), "{host}");
        }
        for host in ["192.168.1.5:9000", "[2001:db8::5]", "0.0.0.0:9000"] {
            assert!(!passes(Exposure::Loopback, &[("host", host)]), "{host}");
            assert!(passes(Exposure::Network, &[("host", host)]), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example",
            "notlocalhost",
            "127.0.0.1.evil.example",
            "[::2",
            "",
        ] {
            assert!(!passes(Exposure::Loopback, &[("host", host)]), "{host}");
            assert!(!passes(Exposure::Network, &[("host", host)]), "{host}");
        }
    }

    #[test]
    fn origin_check_accepts_pages_of_same_host() {
        let from = |origin| [("host", "192.168.1.5:9000"), ("origin", origin)];
        for origin in ["http://192.168.1.5:5173", "http://localhost:5173", "https://127.0.0.1"] {
            assert!(passes(Exposure::Network, &from(origin)), "{origin}");
        }
        for origin in ["http://192.168.1.6:5173", "null", "", "localhost", "http://", "file://"] {
            assert!(!passes(Exposure::Network, &from(origin)), "{origin}");
        }
    }

    #[test]
    fn only_named_origin_of_other_website_is_accepted() {
        let from = |origin| [("host", "localhost:9000"), ("origin", origin)];
        assert!(passes(Exposure::Loopback, &from("https://app.example:8443")));
        for origin in [
            "https://app.example",
            "http://app.example:8443",
            "https://app.example:8443.evil.example",
            "https://evil.example",
            "null",
            "*",
        ] {
            assert!(!passes(Exposure::Loopback, &from(origin)), "{origin}");
        }
    }

    #[test]
    fn allowed_origin_does_not_replace_host_check() {
        let origin = ("origin", "https://app.example:8443");
        for host in ["app.example:8443", "evil.example", "localhost.evil.example"] {
            assert!(!passes(Exposure::Loopback, &[("host", host), origin]), "{host}");
            assert!(!passes(Exposure::Network, &[("host", host), origin]), "{host}");
        }
        // A request without an origin cannot be from an allowed page.
        let image = [("host", "localhost"), ("sec-fetch-site", "cross-site")];
        assert!(!passes(Exposure::Loopback, &image));
    }
}
