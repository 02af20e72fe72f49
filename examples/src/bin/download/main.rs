//! Files from a directory, streamed with constant memory. Supports resumed downloads (`Range`, `If-Range`) and conditional
//! requests (`If-None-Match`).
//!
//! ```sh
//! DIRECTORY=docs cargo run --bin download
//! curl -i -r 0-99 http://127.0.0.1:9000/performance.md
//! ```

mod file;
mod range;

use std::path::PathBuf;

use bytes::Bytes;
use http::header::{ACCEPT_RANGES, ALLOW, CONTENT_RANGE, CONTENT_TYPE, ETAG, LAST_MODIFIED, RANGE};
use http::response::Builder;
use http::{Method, Request, Response, StatusCode};
use lambda_stream::Error;
use lambda_stream::http::Body;

use self::file::OpenFile;
use self::range::Selection;

/// The directory whose files are served. Symbolic links in it are followed, also to files outside of it.
struct Directory(PathBuf);

async fn directory() -> Result<Directory, Error> {
    let path = PathBuf::from(std::env::var_os("DIRECTORY").unwrap_or_default());
    match path.is_dir() {
        true => Ok(Directory(path)),
        false => Err(Error::new(format!(
            "DIRECTORY {path:?} is not a directory: set it to the directory of the files"
        ))),
    }
}

#[lambda_stream::main(init = directory)]
async fn download(request: Request<Bytes>, Directory(directory): &Directory) -> Result<Response<Body>, Error> {
    let (method, headers) = (request.method(), request.headers());
    if ![Method::GET, Method::HEAD].contains(method) {
        return empty(status(StatusCode::METHOD_NOT_ALLOWED).header(ALLOW, "GET, HEAD"));
    }
    let Some(file) = OpenFile::open(directory, request.uri().path()).await? else {
        return empty(status(StatusCode::NOT_FOUND));
    };
    if file.is_unmodified(headers) {
        return empty(status_and_version(StatusCode::NOT_MODIFIED, &file));
    }
    let length = file.length;
    let selection = match headers.get(RANGE) {
        // `Range` is defined only for GET (RFC 9110, section 14.2).
        Some(range) if method == Method::GET && file.matches_if_range(headers) => {
            Selection::parse(range.as_bytes(), length)
        }
        _ => Selection::Whole,
    };
    let (response, range) = match selection {
        Selection::Whole => (status_and_version(StatusCode::OK, &file), 0..length),
        Selection::Part(range) => {
            let content_range = format!("bytes {}-{}/{length}", range.start, range.end - 1);
            let response = status_and_version(StatusCode::PARTIAL_CONTENT, &file);
            (response.header(CONTENT_RANGE, content_range), range)
        }
        Selection::Unsatisfiable => {
            let response = status(StatusCode::RANGE_NOT_SATISFIABLE);
            return empty(response.header(CONTENT_RANGE, format!("bytes */{length}")));
        }
    };
    let body = Body::stream(file.chunks(range).await?);
    Ok(response.header(CONTENT_TYPE, "application/octet-stream").body(body)?)
}

fn status(status: StatusCode) -> Builder {
    Response::builder().status(status)
}

fn status_and_version(code: StatusCode, file: &OpenFile) -> Builder {
    status(code)
        .header(ACCEPT_RANGES, "bytes")
        .header(ETAG, &file.etag)
        .header(LAST_MODIFIED, &file.last_modified)
}

fn empty(response: Builder) -> Result<Response<Body>, Error> {
    Ok(response.body(Body::empty())?)
}
