//! `zip`: archives that stock programs accept, and none that they accept after an error.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failing test panics, and the figures are printed"
)]

mod files;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use std::time::{Duration, Instant, SystemTime};

use test_support::{
    BodyEnd, ConnectionFault, Event, MockRuntimeApi, Process, Response, ResponseKind, send_request, serve,
};

use crate::files::{Files, assert_valid, get, run, stdout};

/// Returns bytes that do not become shorter by compression.
fn random(length: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        // https://en.wikipedia.org/wiki/Xorshift
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// Asserts that no program takes the bytes for an archive.
#[track_caller]
fn assert_no_archive(files: &Files, bytes: &[u8]) {
    assert!(!bytes.is_empty());
    for signature in [b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06"] {
        let found = bytes.windows(4).any(|window| window == signature);
        assert!(!found, "{}", signature.escape_ascii());
    }
    let archive = files.archive(bytes);
    assert!(!run("unzip", &["-tqq"], &archive).status.success());
    assert!(!run("python3", &["-m", "zipfile", "-t"], &archive).status.success());
}

/// Asserts that the response ended with an error after it had started. Returns the message.
#[track_caller]
fn assert_failed_after_start(files: &Files, response: &Response) -> String {
    assert_eq!(response.kind(), ResponseKind::Response);
    let (prelude, body) = response.prelude();
    assert_eq!(prelude["statusCode"], 200);
    assert_no_archive(files, body);
    response.error().message
}

/// Waits until the function has closed the file, which it keeps open while it reads it.
#[track_caller]
fn wait_until_closed(function: &Process, file: &Path) {
    let descriptors = format!("/proc/{}/fd", function.id());
    let is_open = || {
        let links = fs::read_dir(&descriptors).unwrap().flatten();
        let mut targets = links.filter_map(|link| fs::read_link(link.path()).ok());
        targets.any(|target| target == file)
    };
    let end = Instant::now() + Duration::from_secs(20);
    while is_open() {
        assert!(Instant::now() < end, "the function still reads {}", file.display());
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn archive_is_valid_for_unzip_and_python() {
    let files = Files::new();
    files.put("a.txt", "one\ntwo\n".repeat(10_000));
    files.put("empty", "");
    files.put("random", random(300_000));
    files.put("sub/Grüße 世界.txt", "non-ASCII");
    fs::create_dir(files.path("sub/none")).unwrap();
    let tool = files.put("sub/tool.sh", "#!/bin/sh\n");
    // 2024-02-29 12:34:57 UTC. The field that Python reads has even seconds only.
    let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(1_709_210_097);
    File::options()
        .write(true)
        .open(&tool)
        .unwrap()
        .set_modified(modified)
        .unwrap();
    stdout(&run("chmod", &["750"], &tool));

    let (_function, url) = serve(files.command());
    let archive = files.0.file("archive.zip");
    let download = run("curl", &["-sSf", "--noproxy", "*", "-D", "-", &url, "-o"], &archive);
    let head = stdout(&download).to_lowercase();
    assert!(head.contains("\r\ncontent-type: application/zip\r\n"), "{head}");
    assert!(
        head.contains("\r\ncontent-disposition: attachment; filename=\"files.zip\"\r\n"),
        "{head}"
    );
    assert!(!head.contains("content-length"), "{head}");

    let names = "a.txt\nempty\nrandom\nsub/\nsub/Grüße 世界.txt\nsub/none/\nsub/tool.sh\n";
    assert_eq!(assert_valid(&archive), names);
    let script = "import sys, zipfile\n\
                  entry = zipfile.ZipFile(sys.argv[1]).getinfo('sub/tool.sh')\n\
                  print(entry.date_time, oct(entry.external_attr >> 16))";
    let python = run("python3", &["-c", script], &archive);
    assert_eq!(stdout(&python), "(2024, 2, 29, 12, 34, 56) 0o100750\n");
    let extracted = files.0.file("extracted");
    stdout(&run("unzip", &["-q", archive.to_str().unwrap(), "-d"], &extracted));
    stdout(&run("diff", &["-r", files.served().to_str().unwrap()], &extracted));
    assert_eq!(
        extracted.join("sub/tool.sh").metadata().unwrap().modified().unwrap(),
        modified
    );
}

#[test]
fn path_and_query_select_files() {
    let files = Files::new();
    for name in ["a", "b", "sub/ü x/c", "sub/ü x/d", "sub/ü x/e/f", "sub/other"] {
        files.put(name, name);
    }
    let (lambda, function) = files.start();
    for (target, expected, name) in [
        (
            "/sub/%C3%BC%20x",
            "c\nd\ne/\ne/f\n",
            "filename=\"_ x.zip\"; filename*=UTF-8''%C3%BC%20x%2Ezip",
        ),
        (
            "/sub/%C3%BC%20x/?file=e/f&file=c",
            "c\ne/f\n",
            "filename=\"_ x.zip\"; filename*=UTF-8''%C3%BC%20x%2Ezip",
        ),
        (
            "/?file=sub%2f%C3%BC+x%2fd&file=b&file=b",
            "b\nsub/ü x/d\n",
            "filename=\"files.zip\"",
        ),
        ("/sub/%C3%BC%20x/e", "f\n", "filename=\"e.zip\""),
    ] {
        let response = lambda.invoke(get(target));
        let (prelude, body) = response.prelude();
        assert_eq!(assert_valid(&files.archive(body)), expected, "{target}");
        assert_eq!(
            prelude["headers"]["content-disposition"],
            format!("attachment; {name}"),
            "{target}"
        );
        assert_eq!(response.body_end(), BodyEnd::LastChunk);
    }
    function.wait_for_stderr(|log| log.contains("sent the archive files=3 skipped=0 bytes=32"));
}

#[test]
#[cfg(unix)]
fn symbolic_links_are_left_out() {
    let files = Files::new();
    files.put("sub/file", "content");
    let link = |target: PathBuf, name: &str| std::os::unix::fs::symlink(target, files.path(name)).unwrap();
    link(files.0.file("secret"), "link");
    link(files.0.path().to_owned(), "outside");
    link(files.served().join("sub"), "inside");
    stdout(&run("mkfifo", &[], &files.path("fifo")));
    let (lambda, function) = files.start();
    let response = lambda.invoke(get("/"));
    assert_eq!(assert_valid(&files.archive(response.prelude().1)), "sub/\nsub/file\n");
    function.wait_for_stderr(|log| log.contains("files=1 skipped=4"));
    for target in ["/outside", "/?file=link", "/?file=outside/secret", "/?file=fifo"] {
        let response = lambda.invoke(get(target));
        assert_eq!(response.prelude().0["statusCode"], 404, "{target}");
    }
    // A link that stays in the directory can be requested.
    let response = lambda.invoke(get("/inside"));
    assert_eq!(assert_valid(&files.archive(response.prelude().1)), "file\n");
}

#[test]
fn path_outside_of_directory_returns_404() {
    let files = Files::new();
    files.put("sub/file", "content");
    let (lambda, function) = files.start();
    let absolute = files.0.path().display().to_string();
    for target in [
        "/..",
        "/%2e%2e",
        "/sub/..%2f..",
        "/sub/../sub",
        "/missing",
        "/sub/file",
        "/sub%00",
        "/%ff",
        &absolute.replacen('/', "/%2f", 1),
        "/?file=../secret",
        "/?file=..%2Fsecret",
        "/sub?file=../../secret",
        &format!("/?file={absolute}/secret"),
        "/?file=sub",
        "/?file=missing",
        "/?file=",
        "/?file=sub/file&file=missing",
    ] {
        let response = lambda.invoke(get(target));
        let (prelude, body) = response.prelude();
        let message = String::from_utf8_lossy(body);
        assert_eq!(prelude["statusCode"], 404, "{target}: {message}");
        assert!(message.starts_with("there is no "), "{target}: {message}");
    }
    assert!(!function.stderr().contains("ERROR"), "{}", function.stderr());
}

#[test]
fn head_has_no_body_and_invalid_requests_are_refused() {
    let files = Files::new();
    files.put("file", "content");
    let (lambda, function) = files.start();
    let response = lambda.invoke(Event::function_url("HEAD", "/"));
    let (prelude, body) = response.prelude();
    assert_eq!((&prelude["statusCode"], body.len()), (&200.into(), 0));
    assert_eq!(prelude["headers"]["content-type"], "application/zip");
    let response = lambda.invoke(get("/?files=file"));
    let (prelude, body) = response.prelude();
    assert_eq!(prelude["statusCode"], 400);
    assert_eq!(body, b"there is no parameter \"files\", only `file`\n");
    let response = lambda.invoke(Event::function_url("POST", "/"));
    let (prelude, _) = response.prelude();
    assert_eq!(
        (&prelude["statusCode"], &prelude["headers"]["allow"]),
        (&405.into(), &"GET, HEAD".into())
    );
    assert!(!function.stderr().contains("sent the archive"));
}

#[test]
fn invalid_directory_fails_init_with_reason() {
    for directory in ["", "/no/such/directory", "/etc/passwd"] {
        let lambda = MockRuntimeApi::start();
        let mut command = Process::command(env!("CARGO_BIN_EXE_zip"));
        let function = Process::spawn_function_with(
            {
                command.env("DIRECTORY", directory);
                command
            },
            &lambda,
        );
        let message = lambda.wait_for_init_error().error().message;
        let expected = "is not a directory: set it to the directory of the files";
        assert_eq!(message, format!("DIRECTORY {directory:?} {expected}"));
        assert_eq!(function.exit_code(), Some(1));
    }
}

#[test]
fn file_truncated_while_read_is_mid_stream_error() {
    let files = Files::new();
    let path = files.put("a", random(40_000_000));
    files.put("b", "small");
    let (lambda, _function) = files.start();
    let pending = lambda.queue(get("/").event().read_slowly(20_000_000));
    pending.wait_for_body(|body| body.len() > 100_000);
    File::options().write(true).open(path).unwrap().set_len(1000).unwrap();
    let message = assert_failed_after_start(&files, &pending.wait());
    assert!(
        message.starts_with("failed to add \"a\" to the archive: it became shorter while it was read: "),
        "{message}"
    );
    // The function handles the next request.
    let response = lambda.invoke(get("/?file=b"));
    assert_eq!(assert_valid(&files.archive(response.prelude().1)), "b\n");
}

#[test]
fn file_that_grows_is_archived_with_earlier_length() {
    let files = Files::new();
    let path = files.put("a", random(40_000_000));
    let (lambda, _function) = files.start();
    let pending = lambda.queue(get("/").event().read_slowly(20_000_000));
    pending.wait_for_body(|body| body.len() > 100_000);
    File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_len(50_000_000)
        .unwrap();
    let response = pending.wait();
    let archive = files.archive(response.prelude().1);
    assert_eq!(assert_valid(&archive), "a\n");
    let list = run("unzip", &["-l"], &archive);
    assert!(stdout(&list).contains(" 40000000 "), "{list:?}");
}

#[test]
fn file_removed_before_it_is_read_is_mid_stream_error() {
    let files = Files::new();
    files.put("a", random(40_000_000));
    for change in ["remove", "replace"] {
        let path = files.put("b", "small");
        let (lambda, _function) = files.start();
        let pending = lambda.queue(get("/?file=a&file=b").event().read_slowly(20_000_000));
        pending.wait_for_body(|body| body.len() > 100_000);
        fs::remove_file(&path).unwrap();
        if change == "replace" {
            fs::create_dir(&path).unwrap();
        }
        let message = assert_failed_after_start(&files, &pending.wait());
        let reason = match change {
            "replace" => "it is no longer a file",
            _ => "No such file or directory (os error 2)",
        };
        assert_eq!(message, format!("failed to add \"b\" to the archive: {reason}"));
    }
}

#[test]
fn curl_reports_archive_that_breaks_off() {
    let files = Files::new();
    let path = files.put("a", random(40_000_000));
    let (_function, url) = serve(files.command());
    let archive = files.0.file("archive.zip");
    let mut curl = Process::command("curl");
    curl.args(["-sSf", "--noproxy", "*", "--limit-rate", "20M", "-o"])
        .arg(&archive)
        .arg(&url);
    let curl = Process::spawn(curl);
    while archive.metadata().map_or(0, |metadata| metadata.len()) < 100_000 {
        assert!(curl.is_running(), "{}", curl.stderr());
        std::thread::sleep(Duration::from_millis(1));
    }
    File::options().write(true).open(path).unwrap().set_len(1000).unwrap();
    // The transfer ended before its end.
    assert_eq!(curl.exit_code(), Some(18), "{}", curl.stderr());
    assert_no_archive(&files, &fs::read(&archive).unwrap());
}

#[test]
#[cfg(target_os = "linux")]
fn deadline_ends_archive_and_its_thread() {
    let files = Files::new();
    let endless = files.put_zeros("endless", 1 << 40);
    files.put("file", "content");
    let (lambda, function) = files.start();
    let response = lambda.invoke(get("/").event().deadline_in(Duration::from_secs(2)));
    assert_failed_after_start(&files, &response);
    assert_eq!(response.error().error_type, "Function.Timeout");
    wait_until_closed(&function, &endless);
    let response = lambda.invoke(get("/?file=file"));
    assert_eq!(assert_valid(&files.archive(response.prelude().1)), "file\n");
}

#[test]
#[cfg(target_os = "linux")]
fn lost_connection_ends_archive() {
    let files = Files::new();
    let endless = files.put_zeros("endless", 1 << 40);
    let (lambda, function) = files.start();
    let event = get("/")
        .event()
        .fault_after_body_bytes(100_000, ConnectionFault::closed());
    let response = lambda.invoke(event);
    assert_eq!(response.body_end(), BodyEnd::Truncated);
    lambda.wait_for_next();
    wait_until_closed(&function, &endless);
}

#[test]
#[cfg(target_os = "linux")]
fn archive_of_200_mb_has_bounded_memory() {
    let files = Files::new();
    let content = random(50_000_000);
    for name in ["a", "b", "c", "d"] {
        files.put(name, &content);
    }
    let (lambda, function) = files.start();
    let start = Instant::now();
    let pending = lambda.queue(get("/").event().deadline_in(Duration::from_secs(300)));
    for megabytes in (20..=200).step_by(20) {
        pending.wait_for_length(megabytes * 1_000_000);
    }
    let response = pending.wait();
    let time = start.elapsed();
    let peak = function.resources().peak_memory().unwrap();
    let archive = files.archive(response.prelude().1);
    let length = archive.metadata().unwrap().len();
    println!("{length} bytes in {time:.1?}, peak {peak} KiB");
    assert_eq!(assert_valid(&archive), "a\nb\nc\nd\n");
    assert!(length > 200_000_000);
    assert!(peak < 32 * 1024, "{peak} KiB");
}

#[test]
#[cfg(target_os = "linux")]
fn slow_reader_does_not_increase_memory() {
    let files = Files::new();
    files.put("a", random(60_000_000));
    let (lambda, function) = files.start();
    let response = lambda.invoke(get("/").event().read_slowly(30_000_000));
    assert_eq!(assert_valid(&files.archive(response.prelude().1)), "a\n");
    let peak = function.resources().peak_memory().unwrap();
    assert!(peak < 32 * 1024, "{peak} KiB");
}

#[test]
fn load_balancer_gets_an_error() {
    let files = Files::new();
    files.put("file", "content");
    let (lambda, _function) = files.start();
    let response = lambda.invoke(Event::alb("GET", "/", true));
    assert_eq!(response.kind(), ResponseKind::Error);
}

#[test]
fn local_mode_returns_404_text() {
    let files = Files::new();
    let (_function, url) = serve(files.command());
    let response = send_request(
        &url,
        "GET /missing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
    assert_eq!(
        (response.status(), response.text()),
        (404, "there is no directory \"missing\"\n")
    );
}
