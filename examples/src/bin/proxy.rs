//! A reverse proxy: streams the response of an upstream server, with backpressure from the caller to the upstream.
//!
//! ```sh
//! python3 -m http.server 8000
//! UPSTREAM=http://127.0.0.1:8000 cargo run --bin proxy
//! curl -i http://127.0.0.1:9000/Cargo.toml
//! ```
//!
//! An `https` upstream requires the feature `rustls` of `reqwest`.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, VIA};
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri};
use lambda_stream::Error;
use lambda_stream::http::Body;

/// Headers that a proxy does not forward, in addition to those that `Connection` names (RFC 9110, section 7.6.1).
const HOP_BY_HOP: [HeaderName; 7] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

struct Upstream {
    client: reqwest::Client,
    authority: Authority,
}

async fn upstream() -> Result<Upstream, Error> {
    let address = std::env::var("UPSTREAM").unwrap_or_default();
    let invalid = || {
        Error::new(format!(
            "invalid UPSTREAM {address:?}: set it to a scheme and a host, such as http://10.0.0.1:8080"
        ))
    };
    let uri: Uri = address.parse().map_err(|_| invalid())?;
    if uri.scheme() != Some(&Scheme::HTTP) || uri.path() != "/" || uri.query().is_some() {
        return Err(invalid());
    }
    let client = reqwest::Client::builder()
        .no_proxy()
        // Redirects are returned to the caller.
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(5))
        // Lambda freezes the process between invocations. A pooled connection may have been closed when it resumes.
        .pool_max_idle_per_host(0)
        .build()?;
    Ok(Upstream {
        client,
        authority: uri.authority().cloned().ok_or_else(invalid)?,
    })
}

#[lambda_stream::main(init = upstream)]
async fn proxy(mut request: Request<Bytes>, upstream: &Upstream) -> Result<Response<Body>, Error> {
    let mut uri = std::mem::take(request.uri_mut()).into_parts();
    uri.scheme = Some(Scheme::HTTP);
    uri.authority = Some(upstream.authority.clone());
    *request.uri_mut() = Uri::from_parts(uri)?;
    remove_hop_by_hop(request.headers_mut());
    // `reqwest` sets both from the URI and the body.
    request.headers_mut().remove(HOST);
    request.headers_mut().remove(CONTENT_LENGTH);
    request
        .headers_mut()
        .append(VIA, HeaderValue::from_static("1.1 lambda-stream-proxy"));
    Ok(match upstream.client.execute(request.try_into()?).await {
        Ok(response) => {
            let mut response = Response::from(response).map(Body::new);
            remove_hop_by_hop(response.headers_mut());
            response
        }
        Err(error) => Response::builder()
            .status(StatusCode::BAD_GATEWAY)
            .header("content-type", "text/plain; charset=utf-8")
            .body(format!("the upstream did not respond: {}\n", root_cause(&error)).into())?,
    })
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

/// Returns the innermost source of an error. The message of the error itself contains the address of the upstream, which
/// callers must not see.
fn root_cause(error: &dyn std::error::Error) -> &dyn std::error::Error {
    match error.source() {
        Some(source) => root_cause(source),
        None => error,
    }
}
