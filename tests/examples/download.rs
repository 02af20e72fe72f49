//! `download`: whole files and parts of them, what the caller has already, and what is no file.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use test_support::{BodyEnd, Event, HttpEvent, MockRuntimeApi, Process, Response, example};

use crate::{HttpResponse, start};

const LENGTH: usize = 200_000;

/// A directory of its own, gone with this. Beside what is served in it lies a file that is not.
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

    /// Writes a file and gives its bytes.
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

/// Bytes that differ from place to place, also across the pieces that a file is read in.
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
fn assert_whole(answer: &Response, bytes: &[u8]) {
    let response = HttpResponse::of(answer);
    assert_eq!((response.status, response.header("content-range")), (200, None));
    assert!(response.body == bytes, "{} bytes", response.body.len());
    assert_eq!(answer.body_end(), BodyEnd::LastChunk);
}

#[test]
fn a_whole_file_and_what_tells_its_version() {
    let files = Files::new();
    let bytes = files.put("file", LENGTH);
    let (lambda, _function) = files.serve();
    let answer = lambda.invoke(get("/file"));
    assert_whole(&answer, &bytes);
    let response = HttpResponse::of(&answer);
    assert_eq!(response.header("accept-ranges"), Some("bytes"));
    assert_eq!(response.header("content-type"), Some("application/octet-stream"));
    let tag = response.header("etag").unwrap();
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 2, "{tag}");
    assert!(response.header("last-modified").unwrap().ends_with(" GMT"));
}

#[test]
fn ranges() {
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
        let answer = lambda.invoke(ranged("/file", range));
        let response = HttpResponse::of(&answer);
        let place = format!("bytes {first}-{last}/200000");
        assert_eq!(
            (response.status, response.header("content-range")),
            (206, Some(place.as_str())),
            "{range}"
        );
        assert!(
            response.body == &bytes[first..=last],
            "{range}: {}",
            response.body.len()
        );
        assert_eq!(answer.body_end(), BodyEnd::LastChunk);
    }
}

#[test]
fn what_cannot_be_a_part_is_answered_whole() {
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
        assert_whole(&lambda.invoke(ranged("/file", range)), &bytes);
    }
}

#[test]
fn a_part_behind_the_end_is_refused() {
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
        let answer = lambda.invoke(ranged(path, range));
        let response = HttpResponse::of(&answer);
        let place = format!("bytes */{length}");
        assert_eq!(
            (response.status, response.header("content-range"), response.body.len()),
            (416, Some(place.as_str()), 0),
            "{path} {range}"
        );
    }
    assert_whole(&lambda.invoke(get("/empty")), b"");
}

#[test]
fn head_says_the_same_without_the_bytes_and_knows_no_ranges() {
    let files = Files::new();
    files.put("file", LENGTH);
    let (lambda, _function) = files.serve();
    let whole = lambda.invoke(get("/file"));
    let head = lambda.invoke(Event::function_url("HEAD", "/file").header("Range", "bytes=0-9"));
    let (whole, head) = (HttpResponse::of(&whole), HttpResponse::of(&head));
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.headers, whole.headers);
}

#[test]
fn what_the_caller_has_is_not_sent_again() {
    let files = Files::new();
    let bytes = files.put("file", LENGTH);
    let (lambda, _function) = files.serve();
    let answer = lambda.invoke(get("/file"));
    let whole = HttpResponse::of(&answer);
    let (tag, date) = (whole.header("etag").unwrap(), whole.header("last-modified").unwrap());
    for (name, value) in [
        ("If-None-Match", tag.to_owned()),
        ("If-None-Match", format!("W/{tag}")),
        ("If-None-Match", format!("\"other\", {tag} ,\"more\"")),
        ("If-None-Match", "*".to_owned()),
        ("If-Modified-Since", date.to_owned()),
    ] {
        for method in ["GET", "HEAD"] {
            let event = Event::function_url(method, "/file").header(name, &value);
            let answer = lambda.invoke(event.header("Range", "bytes=0-9"));
            let response = HttpResponse::of(&answer);
            assert_eq!((response.status, response.body.len()), (304, 0), "{name}: {value}");
            assert_eq!(response.header("etag"), Some(tag));
        }
    }
    // Where there is a tag, the date does not count (RFC 9110, section 13.1.3).
    let other = get("/file")
        .header("If-None-Match", "\"other\"")
        .header("If-Modified-Since", date);
    assert_whole(&lambda.invoke(other), &bytes);
    let earlier = get("/file").header("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_whole(&lambda.invoke(earlier), &bytes);
}

#[test]
fn a_part_is_sent_of_the_version_that_the_caller_has_a_part_of() {
    let files = Files::new();
    let bytes = files.put("file", LENGTH);
    let (lambda, _function) = files.serve();
    let answer = lambda.invoke(get("/file"));
    let whole = HttpResponse::of(&answer);
    let (tag, date) = (whole.header("etag").unwrap(), whole.header("last-modified").unwrap());
    let rest = |if_range: &str| lambda.invoke(ranged("/file", "bytes=100-").header("If-Range", if_range));
    let answer = rest(tag);
    assert_eq!(HttpResponse::of(&answer).status, 206);
    assert!(HttpResponse::of(&answer).body == &bytes[100..]);
    assert_whole(&rest(&format!("W/{tag}")), &bytes);
    assert_whole(&rest(date), &bytes);

    let changed = files.put("file", LENGTH + 1);
    let answer = rest(tag);
    assert_whole(&answer, &changed);
    assert_ne!(HttpResponse::of(&answer).header("etag"), Some(tag));
}

#[test]
fn what_is_no_file_in_the_directory_is_not_found() {
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
        let answer = lambda.invoke(get(path));
        let response = HttpResponse::of(&answer);
        assert_eq!((response.status, response.body.len()), (404, 0), "{path}");
    }
    assert!(!function.stderr().contains("Error"), "{}", function.stderr());
}

#[test]
fn names_come_encoded() {
    let files = Files::new();
    let bytes = files.put("sub/a b%20ü?.bin", 10);
    let (lambda, _function) = files.serve();
    let answer = lambda.invoke(get("/sub/a%20b%2520%C3%BC%3f.bin?query=ignored"));
    assert_whole(&answer, &bytes);
}

#[test]
fn other_methods_are_refused() {
    let files = Files::new();
    files.put("file", 10);
    let (lambda, _function) = files.serve();
    for method in ["POST", "DELETE", "OPTIONS"] {
        let answer = lambda.invoke(Event::function_url(method, "/file"));
        let response = HttpResponse::of(&answer);
        assert_eq!((response.status, response.header("allow")), (405, Some("GET, HEAD")));
    }
}

#[test]
fn a_file_that_becomes_shorter_while_it_is_sent_is_an_error() {
    let files = Files::new();
    files.put("file", 40_000_000);
    let (lambda, _function) = files.serve();
    let pending = lambda.queue(get("/file").event().read_slowly(10_000_000));
    pending.wait_for_body(|body| body.len() > 100_000);
    let file = fs::OpenOptions::new().write(true).open(files.served().join("file"));
    file.unwrap().set_len(1000).unwrap();
    let answer = pending.wait();
    assert_eq!(answer.error().message, "the file became shorter while it was sent");
}

#[test]
#[cfg(target_os = "linux")]
fn a_large_file_to_a_slow_caller_stays_out_of_memory() {
    let files = Files::new();
    let bytes = files.put("file", 40_000_000);
    let (lambda, function) = files.serve();
    assert_whole(&lambda.invoke(get("/file").event().read_slowly(12_000_000)), &bytes);
    let peak = function.resources().peak_memory().unwrap();
    assert!(peak < 16 * 1024, "{peak} KiB");
}

#[test]
fn curl_continues_a_download_that_broke_off() {
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
fn without_a_directory_the_start_up_fails_and_says_so() {
    for directory in [Path::new(""), Path::new("/no/such/directory"), Path::new("/etc/passwd")] {
        let (lambda, function) = start("download", "DIRECTORY", directory);
        let error = lambda.wait_for_init_error().error();
        assert!(error.message.contains("DIRECTORY"), "{}", error.message);
        assert_eq!(function.exit_code(), Some(1));
    }
}
