//! A reverse proxy: the upstream's answer passes through as it comes, and no faster than the caller takes it.
//!
//! `UPSTREAM=http://127.0.0.1:8000 cargo run --bin proxy`, where `python3 -m http.server` runs; then
//! `curl -i http://127.0.0.1:9000/Cargo.toml`. For an upstream of `https`, give `reqwest` its feature `rustls`.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, VIA};
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri};
use lambda_stream::Error;
use lambda_stream::http::Body;

/// What speaks of one connection, besides what `Connection` names (RFC 9110, section 7.6.1).
const OF_ONE_CONNECTION: [HeaderName; 7] = [
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
    let wrong = || {
        Error::new(format!(
            "UPSTREAM is {address:?}: set it to scheme and host, such as http://10.0.0.1:8080"
        ))
    };
    let uri: Uri = address.parse().map_err(|_| wrong())?;
    if uri.scheme() != Some(&Scheme::HTTP) || uri.path() != "/" || uri.query().is_some() {
        return Err(wrong());
    }
    let client = reqwest::Client::builder()
        .no_proxy()
        // The caller follows them.
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(5))
        // A connection that is kept while Lambda freezes the function is dead when it thaws, and nobody knows.
        .pool_max_idle_per_host(0)
        .build()?;
    Ok(Upstream {
        client,
        authority: uri.authority().cloned().ok_or_else(wrong)?,
    })
}

#[lambda_stream::main(init = upstream)]
async fn proxy(mut request: Request<Bytes>, upstream: &Upstream) -> Result<Response<Body>, Error> {
    let mut uri = std::mem::take(request.uri_mut()).into_parts();
    uri.scheme = Some(Scheme::HTTP);
    uri.authority = Some(upstream.authority.clone());
    *request.uri_mut() = Uri::from_parts(uri)?;
    keep_end_to_end(request.headers_mut());
    // Both are the client's to set: it knows whom it asks, and how much it sends.
    request.headers_mut().remove(HOST);
    request.headers_mut().remove(CONTENT_LENGTH);
    request
        .headers_mut()
        .append(VIA, HeaderValue::from_static("1.1 lambda-stream-proxy"));
    Ok(match upstream.client.execute(request.try_into()?).await {
        Ok(answer) => {
            let mut response = Response::from(answer).map(Body::new);
            keep_end_to_end(response.headers_mut());
            response
        }
        Err(error) => Response::builder()
            .status(StatusCode::BAD_GATEWAY)
            .header("content-type", "text/plain; charset=utf-8")
            .body(format!("the upstream did not answer: {}\n", first_cause(&error)).into())?,
    })
}

fn keep_end_to_end(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&OF_ONE_CONNECTION) {
        headers.remove(name);
    }
}

/// What went wrong in the first place. The error itself names the upstream's address, which is no caller's business.
fn first_cause(error: &dyn std::error::Error) -> &dyn std::error::Error {
    match error.source() {
        Some(source) => first_cause(source),
        None => error,
    }
}
