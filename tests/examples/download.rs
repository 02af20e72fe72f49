//! `download`: complete files, ranges, conditional requests and paths that are not files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use test_support::{BodyEnd, Event, HttpEvent, MockRuntimeApi, Process, Response, example};

use crate::{HttpResponse, start};

const LENGTH: usize = 200_000;

/// A temporary directory with the served directory and, next to it, a file that must not be served. Dropping it deletes
/// the directory.
struct Files(PathBuf);

impl Files {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("lambda-stream-download-{}-{number}", std::process::id());
        let files = Self(std::env::temp_dir().join(name));
        fs::create_dir_all(files.served().join("sub")).unwrap();
        fs::write(files.0.join("secret"), "not to be served").unwrap();
        files
    }

    fn served(&self) -> PathBuf {
        self.0.join("served")
    }

    /// Writes a file to the served directory and returns its bytes.
    fn put(&self, name: &str, length: usize) -> Vec<u8> {
        let bytes = pattern(length);
        fs::write(self.served().join(name), &bytes).unwrap();
        bytes
    }

    fn serve(&self) -> (MockRuntimeApi, Process) {
        start("download", "DIRECTORY", self.served())
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Returns bytes that differ by position, also between the chunks in which the example reads a file.
fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n % 251 + n / 65_536) as u8).collect()
}

fn get(path: &str) -> HttpEvent {
    Event::function_url("GET", path)
}

fn ranged(path: &str, range: &str) -> HttpEvent {
    get(path).header("Range", range)
}

#[track_caller]
fn assert_complete(response: &Response, bytes: &[u8]) {
    let http = HttpResponse::of(response);
    assert_eq!((http.status, http.header("content-range")), (200, None));
    assert!(http.body == bytes, "{} bytes", http.body.len());
    assert_eq!(response.body_end(), BodyEnd::LastChunk);
}

#[test]
fn complete_file_has_validators() {
    let files = Files::new();
    let bytes = files.put("file", LENGTH);
    let (lambda, _function) = files.serve();
    let response = lambda.invoke(get("/file"));
    assert_complete(&response, &bytes);
    let http = HttpResponse::of(&response);
    assert_eq!(http.header("accept-ranges"), Some("bytes"));
    assert_eq!(http.header("content-type"), Some("application/octet-stream"));
    let tag = http.header("etag").unwrap();
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 2, "{tag}");
    assert!(http.header("last-modified").unwrap().ends_with(" GMT"));
}

#[test]
fn range_returns_206_with_part() {
    let files = Files::new();
    let bytes = files.put("file", LENGTH);
    let (lambda, _function) = files.serve();
    for (range, first, last) in [
        ("bytes=0-0", 0, 0),
        ("bytes=0-99", 0, 99),
        ("bytes=65530-65545", 65_530, 65_545),
        ("bytes=100-199999", 100, 199_999),
        ("bytes=199999-199999", 199_999, 199_999),
        ("bytes=100-200000", 100, 199_999),
        ("bytes=199990-18446744073709551615", 199_990, 199_999),
        ("bytes=199990-99999999999999999999999", 199_990, 199_999),
        ("bytes=150000-", 150_000, 199_999),
        ("bytes=-1", 199_999, 199_999),
        ("bytes=-70000", 130_000, 199_999),
        ("bytes=-200000", 0, 199_999),
        ("bytes=-200001", 0, 199_999),
        ("Bytes=5-9", 5, 9),
        ("bytes= 5-9", 5, 9),
        ("bytes=005-009", 5, 9),
    ] {
        let response = lambda.invoke(ranged("/file", range));
        let http = HttpResponse::of(&response);
        let content_range = format!("bytes {first}-{last}/200000");
        assert_eq!(
            (http.status, http.header("content-range")),
            (206, Some(content_range.as_str())),
            "{range}"
        );
        assert!(http.body == &bytes[first..=last], "{range}: {}", http.body.len());
        assert_eq!(response.body_end(), BodyEnd::LastChunk);
    }
}

#[test]
fn unsupported_range_returns_complete_file() {
    let files = Files::new();
    let bytes = files.put("file", LENGTH);
    let (lambda, _function) = files.serve();
    for range in [
        "bytes=0-1,5-9",
        "bytes=0-1, -5",
        "bytes=9-5",
        "bytes=-",
        "bytes=",
        "bytes",
        "bytes=a-b",
        "bytes=+1-5",
        "bytes=1 - 5",
        "bytes=--5",
        "items=0-1",
        "",
    ] {
        assert_complete(&lambda.invoke(ranged("/file", range)), &bytes);
    }
}

#[test]
fn range_after_end_of_file_returns_416() {
    let files = Files::new();
    files.put("file", LENGTH);
    files.put("empty", 0);
    let (lambda, _function) = files.serve();
    for (path, range, length) in [
        ("/file", "bytes=200000-", LENGTH),
        ("/file", "bytes=200000-200001", LENGTH),
        ("/file", "bytes=99999999999999999999999-", LENGTH),
        ("/file", "bytes=-0", LENGTH),
        ("/empty", "bytes=0-", 0),
        ("/empty", "bytes=0-5", 0),
        ("/empty", "bytes=-5", 0),
    ] {
        let response = lambda.invoke(ranged(path, range));
        let http = HttpResponse::of(&response);
        let content_range = format!("bytes */{length}");
        assert_eq!(
            (http.status, http.header("content-range"), http.body.len()),
            (416, Some(content_range.as_str()), 0),
            "{path} {range}"
        );
    }
    assert_complete(&lambda.invoke(get("/empty")), b"");
}

#[test]
fn head_returns_headers_of_complete_file() {
    let files = Files::new();
    files.put("file", LENGTH);
    let (lambda, _function) = files.serve();
    let get = lambda.invoke(get("/file"));
    let head = lambda.invoke(Event::function_url("HEAD", "/file").header("Range", "bytes=0-9"));
    let (get, head) = (HttpResponse::of(&get), HttpResponse::of(&head));
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.headers, get.headers);
}

#[test]
fn matching_validator_returns_304() {
    let files = Files::new();
    let bytes = files.put("file", LENGTH);
    let (lambda, _function) = files.serve();
    let response = lambda.invoke(get("/file"));
    let complete = HttpResponse::of(&response);
    let tag = complete.header("etag").unwrap();
    let date = complete.header("last-modified").unwrap();
    for (name, value) in [
        ("If-None-Match", tag.to_owned()),
        ("If-None-Match", format!("W/{tag}")),
        ("If-None-Match", format!("\"other\", {tag} ,\"more\"")),
        ("If-None-Match", "*".to_owned()),
        ("If-Modified-Since", date.to_owned()),
    ] {
        for method in ["GET", "HEAD"] {
            let event = Event::function_url(method, "/file").header(name, &value);
            let response = lambda.invoke(event.header("Range", "bytes=0-9"));
            let http = HttpResponse::of(&response);
            assert_eq!((http.status, http.body.len()), (304, 0), "{name}: {value}");
            assert_eq!(http.header("etag"), Some(tag));
        }
    }
    // If-None-Match takes precedence over If-Modified-Since (RFC 9110, section 13.1.3).
    let other = get("/file")
        .header("If-None-Match", "\"other\"")
        .header("If-Modified-Since", date);
    assert_complete(&lambda.invoke(other), &bytes);
    let earlier = get("/file").header("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_complete(&lambda.invoke(earlier), &bytes);
}

#[test]
fn if_range_returns_part_of_same_version_only() {
    let files = Files::new();
    let bytes = files.put("file", LENGTH);
    let (lambda, _function) = files.serve();
    let response = lambda.invoke(get("/file"));
    let complete = HttpResponse::of(&response);
    let tag = complete.header("etag").unwrap();
    let date = complete.header("last-modified").unwrap();
    let rest = |if_range: &str| lambda.invoke(ranged("/file", "bytes=100-").header("If-Range", if_range));
    let response = rest(tag);
    assert_eq!(HttpResponse::of(&response).status, 206);
    assert!(HttpResponse::of(&response).body == &bytes[100..]);
    assert_complete(&rest(&format!("W/{tag}")), &bytes);
    assert_complete(&rest(date), &bytes);

    let changed = files.put("file", LENGTH + 1);
    let response = rest(tag);
    assert_complete(&response, &changed);
    assert_ne!(HttpResponse::of(&response).header("etag"), Some(tag));
}

#[test]
fn path_that_is_not_a_served_file_returns_404() {
    let files = Files::new();
    files.put("file", 10);
    let (lambda, function) = files.serve();
    let absolute = format!("/{}", files.0.join("secret").display());
    for path in [
        "/",
        "/missing",
        "/sub",
        "/sub/",
        "/file/below",
        "/../secret",
        "/%2e%2e/secret",
        "/..%2fsecret",
        "/sub/../../secret",
        "/sub/%2E%2E%2F%2e%2e/secret",
        "/./../secret",
        "/file%00",
        "/%ff",
        absolute.as_str(),
        absolute.replacen('/', "/%2f", 1).as_str(),
    ] {
        let response = lambda.invoke(get(path));
        let http = HttpResponse::of(&response);
        assert_eq!((http.status, http.body.len()), (404, 0), "{path}");
    }
    assert!(!function.stderr().contains("Error"), "{}", function.stderr());
}

#[test]
fn file_name_is_percent_decoded() {
    let files = Files::new();
    let bytes = files.put("sub/a b%20ü?.bin", 10);
    let (lambda, _function) = files.serve();
    let response = lambda.invoke(get("/sub/a%20b%2520%C3%BC%3f.bin?query=ignored"));
    assert_complete(&response, &bytes);
}

#[test]
fn other_method_returns_405() {
    let files = Files::new();
    files.put("file", 10);
    let (lambda, _function) = files.serve();
    for method in ["POST", "DELETE", "OPTIONS"] {
        let response = lambda.invoke(Event::function_url(method, "/file"));
        let http = HttpResponse::of(&response);
        assert_eq!((http.status, http.header("allow")), (405, Some("GET, HEAD")));
    }
}

#[test]
fn file_truncated_while_sent_is_mid_stream_error() {
    let files = Files::new();
    files.put("file", 40_000_000);
    let (lambda, _function) = files.serve();
    let pending = lambda.queue(get("/file").event().read_slowly(10_000_000));
    pending.wait_for_body(|body| body.len() > 100_000);
    let file = fs::OpenOptions::new().write(true).open(files.served().join("file"));
    file.unwrap().set_len(1000).unwrap();
    let response = pending.wait();
    assert_eq!(response.error().message, "the file became shorter while it was sent");
}

#[test]
#[cfg(target_os = "linux")]
fn large_file_to_slow_reader_has_bounded_memory() {
    let files = Files::new();
    let bytes = files.put("file", 40_000_000);
    let (lambda, function) = files.serve();
    assert_complete(&lambda.invoke(get("/file").event().read_slowly(12_000_000)), &bytes);
    let peak = function.resources().peak_memory().unwrap();
    assert!(peak < 16 * 1024, "{peak} KiB");
}

#[test]
fn curl_resumes_interrupted_download() {
    let files = Files::new();
    let bytes = files.put("file", LENGTH);
    let mut command = Process::command(example("download"));
    command.args(["--port", "0"]).env("DIRECTORY", files.served());
    let function = Process::spawn(command);
    let url = function.wait_for_url();
    let target = files.0.join("target");
    fs::write(&target, &bytes[..70_000]).unwrap();
    let mut curl = Process::command("curl");
    curl.args(["-sSf", "--noproxy", "*", "-C", "-", "-o"]).arg(&target);
    curl.arg(format!("{url}/file"));
    assert_eq!(Process::spawn(curl).exit_code(), Some(0));
    assert!(fs::read(&target).unwrap() == bytes);
}

#[test]
fn invalid_directory_fails_init_with_reason() {
    for directory in [Path::new(""), Path::new("/no/such/directory"), Path::new("/etc/passwd")] {
        let (lambda, function) = start("download", "DIRECTORY", directory);
        let error = lambda.wait_for_init_error().error();
        assert!(error.message.contains("DIRECTORY"), "{}", error.message);
        assert_eq!(function.exit_code(), Some(1));
    }
}
