//! The files of the page, which the build script has compressed.

use bytes::Bytes;
use http::Response;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http_body_util::Full;

use super::super::server::body::{ResponseBody, boxed};
use super::insert;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";
const JSON: &str = "application/json";

/// Names the compressed file.
macro_rules! asset {
    ($name:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/viewer/", $name, ".gz"))
    };
}

/// The files: name, content type, compressed content. The page itself has no name.
const ASSETS: &[(&str, &str, &[u8])] = &[
    ("", HTML, asset!("index.html")),
    ("style.css", CSS, asset!("style.css")),
    ("icon.svg", SVG, asset!("icon.svg")),
    ("samples", JSON, asset!("samples.json")),
    ("script.js", SCRIPT, asset!("script.js")),
    ("body.js", SCRIPT, asset!("body.js")),
    ("code.js", SCRIPT, asset!("code.js")),
    ("compare.js", SCRIPT, asset!("compare.js")),
    ("compose.js", SCRIPT, asset!("compose.js")),
    ("connection.js", SCRIPT, asset!("connection.js")),
    ("detail.js", SCRIPT, asset!("detail.js")),
    ("dom.js", SCRIPT, asset!("dom.js")),
    ("environments.js", SCRIPT, asset!("environments.js")),
    ("format.js", SCRIPT, asset!("format.js")),
    ("http.js", SCRIPT, asset!("http.js")),
    ("json.js", SCRIPT, asset!("json.js")),
    ("list.js", SCRIPT, asset!("list.js")),
    ("rows.js", SCRIPT, asset!("rows.js")),
    ("spans.js", SCRIPT, asset!("spans.js")),
    ("store.js", SCRIPT, asset!("store.js")),
    ("timeline.js", SCRIPT, asset!("timeline.js")),
    ("virtual.js", SCRIPT, asset!("virtual.js")),
];

/// Returns the response with a file, or `None` if there is no file with this name.
pub(super) fn respond(name: &str) -> Option<Response<ResponseBody>> {
    let (_, content_type, content) = ASSETS.iter().find(|(asset, ..)| *asset == name)?;
    let mut response = Response::new(boxed(Full::new(Bytes::from_static(content))));
    let headers = response.headers_mut();
    insert(headers, CONTENT_TYPE, content_type);
    insert(headers, CONTENT_ENCODING, "gzip");
    Some(response)
}
