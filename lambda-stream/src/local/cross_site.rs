//! Which requests the user let in, and which a page of another site may have sent through the user's browser.
//!
//! A function on a laptop asks nobody who they are, and every page that the user opens may send requests to it. Two
//! headers tell, which a browser sets and its pages cannot: `Host` is the name that the page knows the function by, and
//! `Origin` the site that the page is of. Reads heads only; knows nothing of sockets and of what is answered.

use std::net::IpAddr;

use http::header::{HOST, HeaderName, ORIGIN};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, Method, Version};

/// From where the function can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// From this machine only.
    Machine,
    /// From the network, as `--host` asked for.
    Network,
}

impl Reach {
    pub(super) fn of(address: IpAddr) -> Self {
        match address.to_canonical().is_loopback() {
            true => Self::Machine,
            false => Self::Network,
        }
    }
}

/// Why a request is not let in, in words that say what to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is not what HTTP asks for.
    Malformed(String),
    /// A page of another site sent it, or may have.
    Foreign(String),
}

/// Lets a request pass, or says why not.
pub(super) fn check(request: &Parts, reach: Reach) -> Result<(), Refusal> {
    if request.method == Method::CONNECT {
        // It names no path of the function, but a server to be connected with.
        let message = "CONNECT is for proxies, and this is none: use another method";
        return Err(Refusal::Malformed(message.to_owned()));
    }
    let host = host(request)?;
    // RFC 9112, section 3.2.2: an absolute target counts before `Host`, so it must not be a way around it.
    for host in host.iter().chain(request.uri.authority()) {
        check_host(host, reach)?;
    }
    match single(&request.headers, ORIGIN)? {
        Some(origin) => check_origin(origin, host.as_ref()),
        None => check_fetch(request),
    }
}

/// RFC 9112, section 3.2: one valid `Host`. HTTP/1.0 may leave it out, and no browser speaks that.
fn host(request: &Parts) -> Result<Option<Authority>, Refusal> {
    match single(&request.headers, HOST)? {
        Some(host) => Authority::try_from(host).map(Some).map_err(|_| {
            Refusal::Malformed(format!(
                "the header Host is `{}`: write a name or an address, and its port, such as `localhost:9000`",
                host.escape_ascii()
            ))
        }),
        None if request.version < Version::HTTP_11 => Ok(None),
        None => Err(Refusal::Malformed(
            "the header Host is missing, which HTTP/1.1 asks for: add one, such as `Host: localhost`".to_owned(),
        )),
    }
}

/// The header of this name, which may stand once.
fn single(headers: &HeaderMap, name: HeaderName) -> Result<Option<&[u8]>, Refusal> {
    let mut values = headers.get_all(&name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value.map(|value| value.as_bytes())),
        (_, Some(_)) => Err(Refusal::Malformed(format!(
            "the header {name} stands there more than once: send one"
        ))),
    }
}

/// In a DNS rebinding attack a name of another site resolves to this machine's address, and the browser takes the
/// function for a part of that site. So only names that resolve to loopback by definition (RFC 6761, section 6.3) will
/// do. An address is nobody's name, and a page that came from it came from there: with `--host`, any address will do,
/// since the machine may have many, and may be reached through one that it does not know.
fn check_host(host: &Authority, reach: Reach) -> Result<(), Refusal> {
    let name = host.host();
    if is_this_machine(name) || (reach == Reach::Network && address(name).is_some()) {
        return Ok(());
    }
    let remedy = match reach {
        Reach::Machine => {
            "call it as localhost or 127.0.0.1 (a proxy in between can send `Host: localhost`), or start it with --host \
             to let the network in"
        }
        Reach::Network => "call it by an IP address, or as localhost (a proxy in between can send `Host: localhost`)",
    };
    Err(Refusal::Foreign(format!(
        "the request is for the host `{host}`, and a name that is not localhost may be any site's: {remedy}"
    )))
}

/// The user's own front end in development is another origin, at another port of the same machine. `null` is the origin
/// of pages that hide theirs.
fn check_origin(origin: &[u8], host: Option<&Authority>) -> Result<(), Refusal> {
    let site = std::str::from_utf8(origin).ok().and_then(|origin| {
        let (_, authority) = origin.split_once("://")?;
        Authority::try_from(authority).ok()
    });
    let is_own = |site: &Authority| {
        // What is asked for is checked already: a page of the same host is as near as one of this machine.
        is_this_machine(site.host()) || host.is_some_and(|host| host.host().eq_ignore_ascii_case(site.host()))
    };
    match site {
        Some(site) if is_own(&site) => Ok(()),
        _ => Err(Refusal::Foreign(format!(
            "the request is from a page of `{}`, and only pages of the machine that the function runs on may call it: \
             open the page from http://localhost, at any port, or call from a program that sends no Origin",
            origin.escape_ascii()
        ))),
    }
}

/// Images, scripts, frames and the like are asked for without `Origin`, but newer browsers say from where (the Fetch
/// Metadata headers). A link that the user follows, or a sign-in that leads back here, comes from another site too: the
/// page that has it does not see the answer, and what it can do is what it can do to every web server.
fn check_fetch(request: &Parts) -> Result<(), Refusal> {
    let says = |name: &str, value: &str| request.headers.get(name).is_some_and(|said| said == value);
    let is_link = matches!(request.method, Method::GET | Method::HEAD)
        && says("sec-fetch-mode", "navigate")
        && says("sec-fetch-dest", "document");
    if says("sec-fetch-site", "cross-site") && !is_link {
        return Err(Refusal::Foreign(
            "the request is from a page of another site (Sec-Fetch-Site: cross-site), and only pages of the machine \
             that the function runs on may call it: use the same host, such as localhost, for the page and for the function"
                .to_owned(),
        ));
    }
    Ok(())
}

fn is_this_machine(host: &str) -> bool {
    // A final dot ends a name that is written out in full.
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || address(host).is_some_and(|address| address.to_canonical().is_loopback())
}

/// An IPv6 address stands in brackets.
fn address(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    bare.unwrap_or(host).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(reach: Reach, headers: &[(&str, &str)]) -> bool {
        let request = headers.iter().fold(http::Request::get("/"), |request, (name, value)| {
            request.header(*name, *value)
        });
        check(&request.body(()).unwrap().into_parts().0, reach).is_ok()
    }

    #[test]
    fn hosts_that_are_this_machine_by_definition_pass_and_addresses_with_the_network() {
        for host in [
            "localhost",
            "LocalHost.:81",
            "a.b.localhost:9000",
            "127.0.0.1:1",
            "127.9.9.9",
            "[::1]:9000",
        ] {
            assert!(passes(Reach::Machine, &[("host", host)]), "{host}");
            assert!(passes(Reach::Network, &[("host", host)]), "{host}");
        }
        for host in ["192.168.1.5:9000", "[2001:db8::5]", "0.0.0.0:9000"] {
            assert!(!passes(Reach::Machine, &[("host", host)]), "{host}");
            assert!(passes(Reach::Network, &[("host", host)]), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example",
            "notlocalhost",
            "127.0.0.1.evil.example",
            "[::2",
            "",
        ] {
            assert!(!passes(Reach::Machine, &[("host", host)]), "{host}");
            assert!(!passes(Reach::Network, &[("host", host)]), "{host}");
        }
    }

    #[test]
    fn pages_of_the_same_host_pass() {
        let from = |origin| [("host", "192.168.1.5:9000"), ("origin", origin)];
        for origin in ["http://192.168.1.5:5173", "http://localhost:5173", "https://127.0.0.1"] {
            assert!(passes(Reach::Network, &from(origin)), "{origin}");
        }
        for origin in ["http://192.168.1.6:5173", "null", "", "localhost", "http://", "file://"] {
            assert!(!passes(Reach::Network, &from(origin)), "{origin}");
        }
    }
}
