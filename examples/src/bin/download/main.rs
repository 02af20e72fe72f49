//! Files of a directory, each streamed from the disk piece by piece, so that its size costs no memory. A download that
//! broke off goes on where it was (`Range`, `If-Range`), and what the caller has is not sent again (`If-None-Match`).
//!
//! `DIRECTORY=docs cargo run --bin download`, then `curl -i -r 0-99 http://127.0.0.1:9000/performance.md`.

mod found;
mod part;

use std::path::PathBuf;

use bytes::Bytes;
use http::header::{ACCEPT_RANGES, ALLOW, CONTENT_RANGE, CONTENT_TYPE, ETAG, LAST_MODIFIED, RANGE};
use http::response::Builder;
use http::{Method, Request, Response, StatusCode};
use lambda_stream::Error;
use lambda_stream::http::Body;

use self::found::Found;
use self::part::Part;

/// Everything below it can be downloaded, and what links in it lead to.
struct Directory(PathBuf);

async fn directory() -> Result<Directory, Error> {
    let path = PathBuf::from(std::env::var_os("DIRECTORY").unwrap_or_default());
    match path.is_dir() {
        true => Ok(Directory(path)),
        false => Err(Error::new(format!(
            "DIRECTORY is {path:?}: set it to the directory of the files"
        ))),
    }
}

#[lambda_stream::main(init = directory)]
async fn download(request: Request<Bytes>, Directory(directory): &Directory) -> Result<Response<Body>, Error> {
    let (method, headers) = (request.method(), request.headers());
    if ![Method::GET, Method::HEAD].contains(method) {
        return empty(status(StatusCode::METHOD_NOT_ALLOWED).header(ALLOW, "GET, HEAD"));
    }
    let Some(found) = Found::open(directory, request.uri().path()).await? else {
        return empty(status(StatusCode::NOT_FOUND));
    };
    if found.is_known(headers) {
        return empty(version(StatusCode::NOT_MODIFIED, &found));
    }
    let length = found.length;
    let part = match headers.get(RANGE) {
        // It has a meaning for GET alone (RFC 9110, section 14.2).
        Some(range) if method == Method::GET && found.may_continue(headers) => Part::asked(range.as_bytes(), length),
        _ => Part::Whole,
    };
    let (response, range) = match part {
        Part::Whole => (version(StatusCode::OK, &found), 0..length),
        Part::Some(range) => {
            let place = format!("bytes {}-{}/{length}", range.start, range.end - 1);
            (
                version(StatusCode::PARTIAL_CONTENT, &found).header(CONTENT_RANGE, place),
                range,
            )
        }
        Part::Beyond => {
            let response = status(StatusCode::RANGE_NOT_SATISFIABLE);
            return empty(response.header(CONTENT_RANGE, format!("bytes */{length}")));
        }
    };
    let body = Body::stream(found.pieces(range).await?);
    Ok(response.header(CONTENT_TYPE, "application/octet-stream").body(body)?)
}

fn status(status: StatusCode) -> Builder {
    Response::builder().status(status)
}

fn version(code: StatusCode, found: &Found) -> Builder {
    status(code)
        .header(ACCEPT_RANGES, "bytes")
        .header(ETAG, &found.etag)
        .header(LAST_MODIFIED, &found.last_modified)
}

fn empty(response: Builder) -> Result<Response<Body>, Error> {
    Ok(response.body(Body::empty())?)
}
