//! Objects of moto, a server of S3 from PyPI.

use std::fs::{self, File};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Instant;

use serde_json::json;
use test_support::{BodyEnd, Event, HttpEvent, MockRuntimeApi, Process, Response, TemporaryDirectory, serve};

use crate::python::Script;
use crate::{HttpResponse, MEMORY_LIMIT, command};

const ALPHABET: &str = "abcdefghijklmnopqrstuvwxyz";
/// The MD5 of the alphabet, as S3 has it.
const ETAG: &str = "\"c3fcd3d76192e4007dfb496cca67e13b\"";
const LARGE_LENGTH: usize = 200_000_000;

/// Returns the URL of moto, which all tests share, or `None` if it cannot be installed.
#[track_caller]
fn moto() -> Option<&'static str> {
    static MOTO: OnceLock<Option<Script>> = OnceLock::new();
    let moto = MOTO.get_or_init(|| Script::start("objects.py", None));
    moto.as_ref().map(|script| script.url.as_str())
}

/// Starts the function, or returns `None` if moto cannot be installed.
#[track_caller]
fn start() -> Option<(MockRuntimeApi, Process)> {
    moto().map(|url| crate::start(url, &[]))
}

fn get(path: &str) -> HttpEvent {
    Event::function_url("GET", path)
}

#[track_caller]
fn assert_complete(response: &Response) {
    assert_eq!((response.body_end(), response.failed()), (BodyEnd::LastChunk, false));
}

#[test]
fn get_and_head_return_object_headers() {
    let Some((lambda, _function)) = start() else { return };
    for (method, body) in [("GET", ALPHABET), ("HEAD", "")] {
        let response = lambda.invoke(Event::function_url(method, "/alphabet.txt"));
        let http = HttpResponse::of(&response);
        assert_eq!((http.status, http.text()), (200, body));
        assert_complete(&response);
        let mut headers = http.headers.clone();
        let modified = headers.as_object_mut().unwrap().remove("last-modified").unwrap();
        assert!(modified.as_str().unwrap().ends_with(" GMT"), "{modified}");
        // Neither the metadata nor the headers of S3 itself.
        assert_eq!(
            headers,
            json!({
                "accept-ranges": "bytes",
                "cache-control": "max-age=60",
                "content-disposition": "attachment; filename=\"a.txt\"",
                "content-encoding": "identity",
                "content-language": "en",
                "content-type": "text/plain",
                "etag": ETAG,
                "expires": "Wed, 21 Oct 2099 07:28:00 GMT",
            })
        );
    }
}

#[test]
fn range_returns_part_of_object() {
    let Some((lambda, _function)) = start() else { return };
    for (range, content_range, body) in [
        ("bytes=0-0", "bytes 0-0/26", "a"),
        ("bytes=2-4", "bytes 2-4/26", "cde"),
        ("bytes=23-", "bytes 23-25/26", "xyz"),
        ("bytes=-2", "bytes 24-25/26", "yz"),
        ("bytes=20-99", "bytes 20-25/26", "uvwxyz"),
    ] {
        let response = lambda.invoke(get("/alphabet.txt").header("Range", range));
        let http = HttpResponse::of(&response);
        assert_eq!((http.status, http.text()), (206, body), "{range}");
        assert_eq!(http.header("content-range"), Some(content_range));
        assert_eq!(
            (http.header("etag"), http.header("accept-ranges")),
            (Some(ETAG), Some("bytes"))
        );
        assert_complete(&response);
    }
    // Invalid ranges, other units and several ranges are ignored.
    for range in ["bytes=5-3", "bytes=a-b", "bytes=0-1,3-4", "pages=1-2", "bytes"] {
        let response = lambda.invoke(get("/alphabet.txt").header("Range", range));
        let http = HttpResponse::of(&response);
        assert_eq!((http.status, http.text()), (200, ALPHABET), "{range}");
    }
    // A range is defined only for GET.
    let response = lambda.invoke(Event::function_url("HEAD", "/alphabet.txt").header("Range", "bytes=0-0"));
    assert_eq!(HttpResponse::of(&response).status, 200);
}

#[test]
fn range_after_the_end_returns_416() {
    let Some((lambda, _function)) = start() else { return };
    for (path, content_range) in [("/alphabet.txt", "bytes */26"), ("/empty", "bytes */0")] {
        let response = lambda.invoke(get(path).header("Range", "bytes=26-"));
        let http = HttpResponse::of(&response);
        assert_eq!((http.status, http.header("content-range")), (416, Some(content_range)));
        assert!(!http.text().contains("<"), "{}", http.text());
    }
}

#[test]
fn conditions_return_304_and_412() {
    let Some((lambda, _function)) = start() else { return };
    let (past, future) = ("Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2099 07:28:00 GMT");
    for (header, value, status) in [
        ("If-None-Match", ETAG, 304),
        ("If-None-Match", "\"other\"", 200),
        ("If-Modified-Since", future, 304),
        ("If-Modified-Since", past, 200),
        ("If-Modified-Since", "yesterday", 200),
        ("If-Match", ETAG, 200),
        ("If-Match", "\"other\"", 412),
        ("If-Unmodified-Since", past, 412),
        ("If-Unmodified-Since", future, 200),
    ] {
        for method in ["GET", "HEAD"] {
            let response = lambda.invoke(Event::function_url(method, "/alphabet.txt").header(header, value));
            let http = HttpResponse::of(&response);
            assert_eq!(http.status, status, "{method} {header}: {value}");
            let has_etag = http.header("etag") == Some(ETAG);
            assert_eq!(has_etag, status != 412, "{method} {header}: {value}");
            if status == 304 {
                assert_eq!(http.body, b"");
            }
            assert!(!response.failed());
        }
    }
}

#[test]
fn path_names_key_below_prefix() {
    let Some((lambda, _function)) = start() else { return };
    for (path, key) in [
        ("/a%20b+c&d=%C3%A9.txt", "a b+c&d=é.txt"),
        ("/folder/%252F/x", "folder/%2F/x"),
        ("/folder%2F%252F%2Fx", "folder/%2F/x"),
        ("/folder/", "folder/"),
        ("//slash", "/slash"),
    ] {
        let response = lambda.invoke(get(path));
        let http = HttpResponse::of(&response);
        assert_eq!((http.status, http.text()), (200, key), "{path}");
    }
    for path in [
        "/missing",
        "/secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2Fsecret.txt",
        "/public/alphabet.txt",
        "/folder",
    ] {
        let response = lambda.invoke(get(path));
        let http = HttpResponse::of(&response);
        assert_eq!((http.status, http.text()), (404, "there is no such object\n"), "{path}");
    }
    let response = lambda.invoke(get("/empty"));
    let http = HttpResponse::of(&response);
    assert_eq!((http.status, http.body), (200, &b""[..]));
    assert_complete(&response);
}

/// Whether these are the bytes of the large object from a position on, which is a multiple of 8.
fn is_large_object(bytes: &[u8], position: usize) -> bool {
    let numbers = bytes.chunks_exact(8).zip(position as u64 / 8..);
    let mut equal = numbers.map(|(bytes, number)| bytes == number.to_le_bytes());
    equal.all(|equal| equal)
}

#[test]
#[cfg(target_os = "linux")]
fn object_of_200_mb_is_sent_in_bounded_memory() {
    let Some((lambda, function)) = start() else { return };
    let begun = Instant::now();
    let pending = lambda.queue(get("/large"));
    pending.wait_for_length(LARGE_LENGTH);
    let response = pending.wait();
    let elapsed = begun.elapsed();
    let http = HttpResponse::of(&response);
    assert_eq!((http.status, http.body.len()), (200, LARGE_LENGTH));
    assert!(is_large_object(http.body, 0));
    assert_complete(&response);
    let peak = function.resources().peak_memory().unwrap();
    println!("200 MB in {elapsed:.2?}, peak memory {peak} KiB");
    assert!(peak < MEMORY_LIMIT, "{peak} KiB");
}

#[test]
fn curl_resumes_download() {
    const POSITION: usize = 199_000_000;
    let Some(url) = moto() else { return };
    let directory = TemporaryDirectory::new("s3-curl");
    let file = directory.file("large");
    // A file in place of the first part. curl does not read it.
    File::create(&file).unwrap().set_len(POSITION as u64).unwrap();
    let (_function, function_url) = serve(command(url));
    let curl = |arguments: &[&str]| {
        let mut curl = Command::new("curl");
        curl.args([
            "--silent",
            "--show-error",
            "--fail",
            "--noproxy",
            "*",
            "--max-time",
            "60",
        ]);
        let output = curl.args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let large = format!("{function_url}/large");
    curl(&["--continue-at", "-", "--output", file.to_str().unwrap(), &large]);
    let bytes = fs::read(&file).unwrap();
    assert_eq!(bytes.len(), LARGE_LENGTH);
    assert!(is_large_object(&bytes[POSITION..], POSITION));

    // The second request sends the tag of the first one, and receives nothing.
    let (tag, text) = (directory.file("tag"), directory.file("text"));
    let (tag, text) = (tag.to_str().unwrap(), text.to_str().unwrap());
    let alphabet = format!("{function_url}/alphabet.txt");
    curl(&["--etag-save", tag, "--output", text, &alphabet]);
    assert_eq!(fs::read_to_string(text).unwrap(), ALPHABET);
    let status = curl(&["--etag-compare", tag, "--write-out", "%{http_code}", &alphabet]);
    assert_eq!(String::from_utf8(status).unwrap(), "304");
}
